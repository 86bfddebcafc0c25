package io.github.jconv.algorithm.deny;

import io.github.jconv.algorithm.Backend;
import io.github.jconv.algorithm.ConvAlgorithm;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import java.util.List;
import java.util.Locale;

/**
 * One line of a deny-list: what is known to be wrong. What a line does not name, it does not ask for.
 *
 * @param line       as it stands in the file, without reason and link
 * @param backend    name of the backend
 * @param versions   of its library
 * @param device     a part of the device's name, in any case of letters; empty for every device
 * @param operation  null for all
 * @param algorithm  empty for all
 * @param type       of the factors, see {@link ConvAlgorithm#operandType}: {@code fp32}, {@code tf32}, {@code fp64}, {@code fp16} or
 *                   {@code bf16}; empty for all
 * @param conditions on the problem, all of which must hold
 * @param example    a problem that shows it; null without one
 * @param reason     what is wrong, in a sentence
 * @param link       to the report; may be empty
 */
public record DenyEntry(String line, String backend, VersionRange versions, String device, ConvOperation operation, String algorithm,
                        String type, List<ShapeCondition> conditions, ConvProblem example, String reason, String link) {

    public DenyEntry {
        conditions = List.copyOf(conditions);
    }

    /** @throws IllegalArgumentException when it is about a backend or an algorithm that does not exist, naming those that do */
    void requireKnown(KnownAlgorithms known) {
        if (!known.backends().contains(backend)) {
            throw new IllegalArgumentException("backend is '" + backend + "'; allowed: " + String.join(", ", known.backends()));
        }
        if (!algorithm.isEmpty() && !known.of(backend).contains(algorithm)) {
            throw new IllegalArgumentException("algorithm is '" + algorithm + "'; allowed with backend=" + backend + ": "
                    + String.join(", ", known.of(backend)));
        }
    }

    /** Whether it is about a backend as this host has it. */
    public boolean concerns(Backend host) {
        return backend.equals(host.name()) && versions.contains(host.libraryVersion())
                && host.deviceName().toLowerCase(Locale.ROOT).contains(device.toLowerCase(Locale.ROOT));
    }

    /** Whether it denies an algorithm of such a backend for a request. */
    public boolean denies(ConvRequest request, ConvAlgorithm candidate) {
        return (algorithm.isEmpty() || algorithm.equals(candidate.name()))
                && (operation == null || operation == request.operation())
                && (type.isEmpty() || type.equals(candidate.operandType(request)))
                && conditions.stream().allMatch(condition -> condition.holds(request.problem()));
    }

    /** Why an algorithm is passed over. */
    public String because() {
        return "the deny-list has it: " + reason + (link.isEmpty() ? "" : " (" + link + ")");
    }
}

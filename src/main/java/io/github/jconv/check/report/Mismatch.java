package io.github.jconv.check.report;

import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A subject that failed a check.
 *
 * @param suite         the suite of the problem
 * @param subject       who is wrong
 * @param problem       the problem line
 * @param check         the name of the check within its tier
 * @param finding       what is wrong, in a sentence
 * @param wrongElements how many elements are outside their bound; 0 when the finding is not about single elements
 * @param worst         the worst element, or null
 * @param outside       every subject that failed this check of this problem
 * @param inside        every subject that passed it
 * @param alike         those of the subjects outside whose results agree with one another, in groups of two and more
 * @param shrunk        the smallest problem that still fails in the same way, or null when none was looked for (one is for the
 *                      first failure of its kind)
 * @param reproduce     the command line or Java expression that shows it again, on the shrunk problem where there is one
 */
public record Mismatch(String suite, String subject, String problem, ConvOperation operation, DataType dataType, Layout layout, Tier tier,
                       String check, String finding, long wrongElements, ElementError worst, List<String> outside,
                       List<String> inside, List<List<String>> alike, String shrunk, String reproduce) {

    /** Of those that are right, which matter less than who is wrong. */
    private static final int MOST_NAMES = 8;

    public Mismatch {
        layout = layout == null ? Layout.NCHW : layout;
        outside = List.copyOf(outside);
        inside = List.copyOf(inside);
        alike = alike.stream().map(List::copyOf).toList();
    }

    /** Who disagrees with whom, in a sentence. */
    public String verdict() {
        String wrong = inside.isEmpty() && outside.size() > 1 ? "all of " + String.join(", ", outside) + " wrong"
                : String.join(", ", outside) + " wrong";
        String same = alike.stream().map(group -> "; " + String.join(", ", group) + " wrong in the same way")
                .collect(Collectors.joining());
        return wrong + same + (inside.isEmpty() ? "" : "; " + right() + " right");
    }

    /** By their names, or by how many there are of each backend where there are many. */
    private String right() {
        if (inside.size() <= MOST_NAMES || inside.stream().anyMatch(name -> name.indexOf(':') < 0)) {
            return String.join(", ", inside);
        }
        Map<String, Long> ofBackend = inside.stream().collect(Collectors.groupingBy(name -> name.replaceAll(":.*", ""), LinkedHashMap::new,
                Collectors.counting()));
        return "the other " + inside.size() + " (" + ofBackend.entrySet().stream().map(each -> each.getValue() + " of " + each.getKey())
                .collect(Collectors.joining(", ")) + ")";
    }
}

package io.github.jconv.cli;

import io.github.jconv.check.CrossCheck;
import io.github.jconv.check.report.Tier;
import java.util.List;
import picocli.CommandLine.Option;

/** Which kinds of evidence a command collects. */
final class TiersOption {

    @Option(names = "--tier", paramLabel = "NAME,...", hideParamSyntax = true, split = ",", converter = ByText.class,
            description = "Kinds of checks: exact, real, identities, hygiene; all unless given.")
    private List<Tier> tiers = List.of(Tier.values());

    void applyTo(CrossCheck check) {
        check.tiers(tiers.get(0), tiers.toArray(Tier[]::new));
    }

    @Override
    public String toString() {
        return String.join(",", tiers.stream().distinct().sorted().map(Tier::text).toList());
    }

    /** Reads the names that reports use. */
    static final class ByText extends ByName<Tier> {

        ByText() {
            super("kind of checks", Tier.values(), Tier::text);
        }
    }
}

package io.github.jconv.cli;

import io.github.jconv.check.CrossCheck;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Mixin;

/** What of a problem is checked: operations, types and layouts of tensors, kinds of evidence. */
final class ScopeOption {

    @Mixin
    private OperationsOption operations;

    @Mixin
    private DataTypesOption types;

    @Mixin
    private LayoutsOption layouts;

    @Mixin
    private TiersOption tiers;

    void applyTo(CrossCheck check) {
        operations.applyTo(check);
        types.applyTo(check);
        layouts.applyTo(check);
        tiers.applyTo(check);
    }

    /** The types given, or others when none is. */
    List<DataType> typesOrElse(List<DataType> others) {
        return types.orElse(others);
    }

    /** The layouts given, or others when none is. */
    List<Layout> layoutsOrElse(List<Layout> others) {
        return layouts.orElse(others);
    }

    /** The names of the options that are given and that a line of a file of problems may have, too, with those of the whole run. */
    Set<String> given(SeedOption seed) {
        Set<String> given = new LinkedHashSet<>(ScopedSelection.optionsInForce().keySet());
        if (seed.isGiven()) {
            given.add("--seed");
        }
        if (!operations.orElse(List.of()).isEmpty()) {
            given.add("--operation");
        }
        if (!types.orElse(List.of()).isEmpty()) {
            given.add("--type");
        }
        if (!layouts.orElse(List.of()).isEmpty()) {
            given.add("--layout");
        }
        return given;
    }

    /** The options in words, by name. */
    Map<String, String> describe() {
        Map<String, String> described = new LinkedHashMap<>();
        described.put("--operation", operations.toString());
        described.put("--type", types.toString());
        described.put("--layout", layouts.toString());
        described.put("--tier", tiers.toString());
        return described;
    }
}

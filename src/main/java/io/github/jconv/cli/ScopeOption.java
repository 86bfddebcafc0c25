package io.github.jconv.cli;

import io.github.jconv.check.CrossCheck;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

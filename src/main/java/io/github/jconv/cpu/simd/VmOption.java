package io.github.jconv.cpu.simd;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/** Options that a JVM was started with, or chose itself. */
final class VmOption {

    private VmOption() {
    }

    /** Whether an option such as {@code UseFMA} is on, or {@code unknown} for a JVM that does not know it. */
    static boolean isOn(String name, boolean unknown) {
        try {
            HotSpotDiagnosticMXBean diagnostics = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
            return diagnostics == null ? unknown : Boolean.parseBoolean(diagnostics.getVMOption(name).getValue());
        } catch (IllegalArgumentException | LinkageError unknownToThisVm) {
            return unknown;
        }
    }
}

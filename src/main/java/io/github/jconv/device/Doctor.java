package io.github.jconv.device;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Examines what a host has of CUDA. Its text says of each library where it was looked for, what was found, what is missing and
 * what mends it; of each device what it is and what it reaches; and where JConv therefore computes.
 */
public final class Doctor {

    private static final String CPU_AS_ASKED = "JConv computes on the CPU, because that was asked for";

    /**
     * What was found.
     *
     * @param request   where somebody wants to compute
     * @param libraries what was tried to load
     * @param devices   a line for each device, with measured ceilings or the reason there are none
     * @param verdict   where JConv computes and why, in a sentence
     * @param healthy   whether the request can be met as it is
     */
    public record Findings(DeviceRequest request, LibraryReport libraries, List<String> devices, String verdict, boolean healthy) {

        /** The whole text. */
        @Override
        public String toString() {
            List<String> lines = new ArrayList<>();
            lines.add(host());
            lines.add(libraries.toString());
            lines.addAll(devices);
            lines.add(verdictLine());
            return String.join(System.lineSeparator(), lines);
        }

        private String verdictLine() {
            return "verdict: " + verdict;
        }
    }

    private Doctor() {
    }

    /**
     * @param request where somebody wants to compute; a request for the CPU is examined like {@code auto}
     * @param measure whether to measure what each device reaches; an emulated device is never measured
     */
    public static Findings examine(DeviceRequest request, boolean measure) {
        return examine(request, measure, part -> { });
    }

    /**
     * The same, telling while it examines: what comes last is what a driver that does not answer has come to.
     *
     * @param told gets the parts of the text, each as soon as it is known
     */
    public static Findings examine(DeviceRequest request, boolean measure, Consumer<String> told) {
        told.accept(host());
        LibraryReport libraries = libraries(request.source(), told);
        Findings findings = examine(request, measure, libraries, told);
        told.accept(findings.verdictLine());
        return findings;
    }

    private static String host() {
        return "host: " + System.getProperty("os.name") + " " + System.getProperty("os.version") + " on " + System.getProperty("os.arch")
                + ", Java " + System.getProperty("java.version") + ", " + Runtime.getRuntime().availableProcessors() + " processors";
    }

    private static LibraryReport libraries(LibrarySource source, Consumer<String> told) {
        List<NativeLibrary> all = List.of(NativeLibrary.values());
        List<LibraryReport.Entry> entries = List.of();
        while (entries.size() < all.size()) {
            entries = NativeLibraries.report(source, all.subList(0, entries.size() + 1)).entries();
            told.accept(entries.get(entries.size() - 1).toString());
        }
        return new LibraryReport(entries);
    }

    private static Findings examine(DeviceRequest request, boolean measure, LibraryReport libraries, Consumer<String> told) {
        LibraryReport needed = NativeLibraries.report(request.source(), NativeLibraries.NEEDED);
        if (!needed.complete()) {
            return withoutDevice(request, libraries, List.of(), needed.problem());
        }
        try {
            List<DeviceProbe.Examined> examined = DeviceProbe.examine(request.source(), measure, told);
            List<String> devices = examined.stream().map(DeviceProbe.Examined::text).toList();
            if (request.ordinal() >= devices.size()) {
                return withoutDevice(request, libraries, devices, "there is no device " + request.ordinal());
            }
            String problem = examined.get(request.ordinal()).problem();
            if (!problem.isEmpty()) {
                return new Findings(request, libraries, devices, "JConv cannot compute on device " + request.ordinal() + ": " + problem,
                        false);
            }
            return new Findings(request, libraries, devices, request.policy() == DevicePolicy.CPU
                    ? CPU_AS_ASKED : "JConv computes on device " + request.ordinal(), true);
        } catch (DeviceException e) {
            return withoutDevice(request, libraries, List.of(), e.getMessage());
        }
    }

    private static Findings withoutDevice(DeviceRequest request, LibraryReport libraries, List<String> devices, String because) {
        String verdict = switch (request.policy()) {
            case CPU -> CPU_AS_ASKED;
            case PREFER_GPU -> "JConv computes on the CPU, because no GPU can be used: " + because;
            case REQUIRE_GPU -> "JConv cannot compute where it was asked to (" + request + "): " + because;
        };
        return new Findings(request, libraries, devices, verdict, request.policy() != DevicePolicy.REQUIRE_GPU);
    }
}

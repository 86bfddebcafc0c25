package io.github.jconv.device;

import java.util.ArrayList;
import java.util.List;

/**
 * Examines what a host has of CUDA. Its text says of each library where it was looked for, what was found, what is missing and
 * what mends it; of each device what it is and what it reaches; and where JConv therefore computes.
 */
public final class Doctor {

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
            lines.add("host: " + System.getProperty("os.name") + " " + System.getProperty("os.version") + " on "
                    + System.getProperty("os.arch") + ", Java " + System.getProperty("java.version") + ", "
                    + Runtime.getRuntime().availableProcessors() + " processors");
            lines.add(libraries.toString());
            lines.addAll(devices);
            lines.add("verdict: " + verdict);
            return String.join(System.lineSeparator(), lines);
        }
    }

    private Doctor() {
    }

    /**
     * @param request where somebody wants to compute; a request for the CPU is examined like {@code auto}
     * @param measure whether to measure what each device reaches; an emulated device is never measured
     */
    public static Findings examine(DeviceRequest request, boolean measure) {
        LibraryReport libraries = NativeLibraries.report(request.source());
        LibraryReport needed = NativeLibraries.report(request.source(), NativeLibraries.NEEDED);
        if (!needed.complete()) {
            return withoutDevice(request, libraries, List.of(), needed.problem());
        }
        try {
            List<DeviceProbe.Examined> examined = DeviceProbe.examine(request.source(), measure);
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
                    ? "JConv computes on the CPU, because that was asked for" : "JConv computes on device " + request.ordinal(), true);
        } catch (DeviceException e) {
            return withoutDevice(request, libraries, List.of(), e.getMessage());
        }
    }

    private static Findings withoutDevice(DeviceRequest request, LibraryReport libraries, List<String> devices, String because) {
        boolean required = request.policy() == DevicePolicy.REQUIRE_GPU;
        String verdict = required ? "JConv cannot compute where it was asked to (" + request + "): " + because
                : "JConv computes on the CPU, because no GPU can be used: " + because;
        return new Findings(request, libraries, devices, verdict, !required);
    }
}

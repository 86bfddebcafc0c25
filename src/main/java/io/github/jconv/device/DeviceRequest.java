package io.github.jconv.device;

import io.github.jconv.tensor.Required;

/**
 * Where somebody wants to compute.
 *
 * @param policy  whether it has to be a GPU
 * @param source  whose libraries: NVIDIA's or the emulated device's
 * @param ordinal which device, counted from 0 as CUDA counts them
 */
public record DeviceRequest(DevicePolicy policy, LibrarySource source, int ordinal) {

    /** The property that says where to compute where the program does not: auto, cpu, gpu, emulated, or the number of a device. */
    public static final String PROPERTY = "jconv.device";

    /** A GPU where there is one. */
    public static final DeviceRequest AUTO = new DeviceRequest(DevicePolicy.PREFER_GPU, LibrarySource.INSTALLED, 0);

    public DeviceRequest {
        Required.given(policy, "device policy");
        Required.given(source, "library source");
        if (ordinal < 0) {
            throw new IllegalArgumentException("device ordinal is " + ordinal + "; allowed: 0 and up");
        }
    }

    /** Device 0 under a policy. */
    public static DeviceRequest of(DevicePolicy policy) {
        return new DeviceRequest(policy, LibrarySource.INSTALLED, 0);
    }

    /** What the property {@link #PROPERTY} says; {@link #AUTO} when it is not set. */
    public static DeviceRequest ofProperty() {
        String text = System.getProperty(PROPERTY);
        return text == null || text.isBlank() ? AUTO : parse(text.strip());
    }

    /** Reads {@code auto}, {@code cpu}, {@code gpu}, {@code emulated}, or the number of a device, which then is required. */
    public static DeviceRequest parse(String text) {
        return switch (Required.given(text, "device")) {
            case "auto" -> AUTO;
            case "cpu" -> of(DevicePolicy.CPU);
            case "gpu" -> of(DevicePolicy.REQUIRE_GPU);
            case "emulated" -> new DeviceRequest(DevicePolicy.REQUIRE_GPU, LibrarySource.EMULATED, 0);
            default -> new DeviceRequest(DevicePolicy.REQUIRE_GPU, LibrarySource.INSTALLED, ordinal(text));
        };
    }

    private static int ordinal(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("device is '" + text + "'; allowed: auto, cpu, gpu, emulated, or the number of a device",
                    e);
        }
    }

    /** The options of a context on the device asked for. */
    public DeviceOptions options() {
        return DeviceOptions.defaults().withSource(source).withOrdinal(ordinal);
    }

    /** As it is written for {@link #parse}. */
    @Override
    public String toString() {
        if (source == LibrarySource.EMULATED) {
            return "emulated";
        }
        return switch (policy) {
            case CPU -> "cpu";
            case PREFER_GPU -> "auto";
            case REQUIRE_GPU -> ordinal == 0 ? "gpu" : Integer.toString(ordinal);
        };
    }
}

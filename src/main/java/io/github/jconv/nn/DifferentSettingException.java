package io.github.jconv.nn;

import java.nio.file.Path;

/** A checkpoint was written by a training that was set up in another way, so that going on from it would not be going on with it. */
public final class DifferentSettingException extends IllegalArgumentException {

    private static final long serialVersionUID = 1;

    /** The value of what is not set. */
    static final String NONE = "none";

    private final String setting;
    private final String value;
    private final String stored;

    DifferentSettingException(Path file, String setting, String value, String stored) {
        super(file + ": " + message(setting, value, stored));
        this.setting = setting;
        this.value = value;
        this.stored = stored;
    }

    /** Its name, as {@link Trainer#settings} has it. */
    public String setting() {
        return setting;
    }

    /** The message without the file, with another name for the setting: such as that of an option. */
    public String messageFor(String name) {
        return message(name, value, stored);
    }

    private static String message(String name, String value, String stored) {
        return name + " is " + value + ", and the checkpoint was written with " + stored + "; allowed: " + stored;
    }
}

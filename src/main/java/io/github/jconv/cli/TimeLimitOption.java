package io.github.jconv.cli;

import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How long a command may go on. */
final class TimeLimitOption {

    @Option(names = "--time-limit", paramLabel = "TIME", converter = Time.class,
            description = "Begin no further check after this time: 90s, 10m or 2h."
                    + " Exit code 3 if it comes before the end and nothing is wrong.")
    private Duration limit;

    /** Null when none was given. */
    Duration limit() {
        return limit;
    }

    /** Reads 90s, 10m or 2h. */
    static final class Time implements ITypeConverter<Duration> {

        private static final Pattern TIME = Pattern.compile("([1-9]\\d{0,5})([smh])");
        private static final Map<String, Duration> UNITS =
                Map.of("s", Duration.ofSeconds(1), "m", Duration.ofMinutes(1), "h", Duration.ofHours(1));

        @Override
        public Duration convert(String text) {
            Matcher matcher = TIME.matcher(text);
            if (!matcher.matches()) {
                throw new TypeConversionException("'" + text + "' is no time; expected one such as 90s, 10m or 2h");
            }
            return UNITS.get(matcher.group(2)).multipliedBy(Long.parseLong(matcher.group(1)));
        }
    }
}

package io.github.jconv.cli;

import ch.qos.logback.classic.Level;
import io.github.jconv.algorithm.UnsupportedRequestException;
import io.github.jconv.check.report.CheckReport;
import io.github.jconv.device.DeviceRequest;
import io.github.jconv.device.MathMode;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The {@code jconv} command. Exit code 0: all is well; 1: results disagree; 2: bad input or usage; 3: out of time; 130: interrupted. */
@Command(name = "jconv", mixinStandardHelpOptions = true, versionProvider = JConv.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "Convolutions and transposed convolutions for the JVM: checked, explained, measured.",
        footer = {"",
            "A problem LINE looks like n2c6h7w9k4r3s2_sh2sw1_ph1:0_g2: batch, channels, input sizes, filters,",
            "filter sizes; strides, padding (begin:end), dilation (dh, dw, from 1), groups. See the README.",
            "",
            "Exit code: 0 all agree, 1 a result disagrees, 2 bad input or usage, 3 nothing disagrees so far, but the",
            "time limit came before the end, 130 interrupted."})
public final class JConv implements Callable<Integer> {

    /** Columns of help texts: on narrower terminals than picocli can write for, lines go on in the next. */
    private static final int NARROWEST_HELP = 55;
    private static final int WIDEST_HELP = 100;

    private static final int REASONS_SHOWN = 3;

    /** Commands that have nothing to compute. */
    private static final List<String> COMPUTING_NOTHING = List.of("diff", "suites");

    /** The exit code for results that disagree. */
    static final int MISMATCH = 1;

    /** The exit code for input that cannot be read or served, and for output that cannot be written. */
    static final int BAD_INPUT = 2;

    /** The exit code for a run that was broken off before anything disagreed. */
    static final int INCOMPLETE = 3;

    @Spec
    private CommandLine.Model.CommandSpec spec;

    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Show stack traces and all log messages.")
    private boolean debug;

    @Option(names = "--device", scope = ScopeType.INHERIT, paramLabel = "PLACE", converter = DevicePlace.class,
            description = "Where to compute: auto, cpu, gpu, emulated, or the number of a device.")
    private DeviceRequest device;

    @Option(names = "--math", scope = ScopeType.INHERIT, paramLabel = "MODE", converter = MathOfLine.class,
            description = "The arithmetic on a device: fp32, tf32, tf32x3 (fp32 of three products in tf32), fp16 or bf16.")
    private MathMode math;

    private JConv() {
    }

    public static void main(String[] args) {
        useOwnLogging();
        System.exit(run(Console.ofProcess(), BackendsOption.Source.HOST, args));
    }

    /** Log messages as the command shows them; to be called before anything is logged. */
    static void useOwnLogging() {
        System.setProperty("logback.configurationFile", "io/github/jconv/cli/logback-jconv.xml");
    }

    /**
     * The exit code that a report means.
     *
     * @throws UnsupportedRequestException when there was nothing that could be checked, and so nothing agrees
     */
    static int exitCode(CheckReport report) {
        if (report.checkedNothing()) {
            throw new UnsupportedRequestException("nothing was checked: " + report.reasons().limit(REASONS_SHOWN)
                    .collect(Collectors.joining("; ")) + (report.reasons().count() > REASONS_SHOWN ? "; ..." : ""));
        }
        return !report.agrees() ? MISMATCH : report.ending() == CheckReport.Ending.COMPLETE ? 0 : INCOMPLETE;
    }

    /** Runs a command line and returns its exit code; never throws. */
    static int run(Console console, BackendsOption.Source backends, String... args) {
        return run(console, backends, commandLine -> { }, args);
    }

    /** The same with further commands. */
    static int run(Console console, BackendsOption.Source backends, Consumer<CommandLine> further, String... args) {
        JConv jconv = new JConv();
        CommandLine commandLine = commandLine(jconv, console, backends);
        further.accept(commandLine);
        int exitCode;
        try {
            exitCode = commandLine.execute(args);
        } catch (Error failure) {
            exitCode = jconv.report("jconv", failure, console);
        }
        return console.requireWritten(exitCode);
    }

    static CommandLine commandLine(JConv jconv, Console console, BackendsOption.Source backends) {
        CommandLine commandLine = new CommandLine(jconv)
                .addSubcommand(new CheckCommand(console, backends))
                .addSubcommand(new SweepCommand(console, backends))
                .addSubcommand(new DiffCommand(console))
                .addSubcommand(new AlgorithmsCommand(console, backends))
                .addSubcommand(new DenyListCommand(console, backends))
                .addSubcommand(new ExplainCommand(console, backends))
                .addSubcommand(new BenchCommand(console, backends))
                .addSubcommand(new SuitesCommand(console))
                .addSubcommand(new TrainCommand(console))
                .addSubcommand(new ProjectCommand(console))
                .addSubcommand(new DoctorCommand(console))
                .addSubcommand(new AutoComplete.GenerateCompletion())
                .addSubcommand(new CommandLine.HelpCommand())
                .setOut(new PrintWriter(console.out(), true))
                .setErr(new PrintWriter(console.err(), true))
                .setUsageHelpAutoWidth(false)
                .setUsageHelpWidth(console.isTerminal() ? Math.max(NARROWEST_HELP, Math.min(WIDEST_HELP, console.columns())) : WIDEST_HELP)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .registerConverter(int.class, WholeNumber::ofInt)
                .registerConverter(long.class, WholeNumber::ofLong)
                .registerConverter(Long.class, WholeNumber::ofLong)
                .setExecutionStrategy(jconv::execute)
                .setParameterExceptionHandler((failure, args) -> {
                    console.err().println(failure.getCommandLine().getCommandSpec().qualifiedName() + ": "
                            + Failures.usageLine(failure));
                    return BAD_INPUT;
                })
                .setExecutionExceptionHandler((failure, command, parsed) ->
                        jconv.report(command.getCommandSpec().qualifiedName(), failure, console));
        COMPUTING_NOTHING.forEach(name -> withoutOptionsOfComputing(commandLine.getSubcommands().get(name).getCommandSpec()));
        return commandLine;
    }

    /** They would say nothing there. */
    private static void withoutOptionsOfComputing(CommandLine.Model.CommandSpec command) {
        for (String name : List.of("--device", "--math")) {
            command.remove(command.findOption(name));
        }
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "a command is missing: "
                + String.join(", ", spec.subcommands().keySet()));
    }

    private int execute(CommandLine.ParseResult parsed) {
        if (debug && LoggerFactory.getLogger("io.github.jconv") instanceof ch.qos.logback.classic.Logger logger) {
            logger.setLevel(Level.DEBUG);
        }
        requireValues(parsed);
        Map<String, String> properties = new LinkedHashMap<>();
        if (device != null) {
            properties.put(DeviceRequest.PROPERTY, device.toString());
        }
        if (math != null) {
            properties.put(MathMode.PROPERTY, math.text());
        }
        return with(properties, () -> new CommandLine.RunLast().execute(parsed));
    }

    /** Commas alone are no list: what such an option selects would be nothing, or everything. */
    static void requireValues(CommandLine.ParseResult parsed) {
        for (CommandLine.ParseResult each = parsed; each != null; each = each.subcommand()) {
            for (CommandLine.Model.OptionSpec option : each.matchedOptions()) {
                if (!option.splitRegex().isEmpty() && option.stringValues().isEmpty()) {
                    throw new ParameterException(each.commandSpec().commandLine(), option.longestName() + " is "
                            + String.join(" ", option.originalStringValues()) + " without a value; allowed: " + option.paramLabel());
                }
            }
        }
    }

    /** Runs something under properties, which are the process's: they are as before afterwards. */
    static int with(Map<String, String> properties, IntSupplier action) {
        Map<String, String> before = new LinkedHashMap<>();
        properties.forEach((name, value) -> before.put(name, System.setProperty(name, value)));
        try {
            return action.getAsInt();
        } finally {
            before.forEach((name, value) -> {
                if (value == null) {
                    System.clearProperty(name);
                } else {
                    System.setProperty(name, value);
                }
            });
        }
    }

    private int report(String command, Throwable failure, Console console) {
        console.err().println(command + ": " + Failures.line(failure));
        if (debug) {
            failure.printStackTrace(console.err());
        }
        return BAD_INPUT;
    }

    /** Reads the value of {@code --device}. */
    static final class DevicePlace implements ITypeConverter<DeviceRequest> {

        @Override
        public DeviceRequest convert(String text) {
            try {
                return DeviceRequest.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    /** Reads the value of {@code --math}. */
    static final class MathOfLine implements ITypeConverter<MathMode> {

        @Override
        public MathMode convert(String text) {
            try {
                return MathMode.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    /** The version that the build wrote down, and the Java in use. */
    static final class Version implements IVersionProvider {

        @Override
        public String[] getVersion() {
            return new String[] {"jconv " + number(), "Java " + Runtime.version() + ", " + System.getProperty("java.vm.name")};
        }

        static String number() {
            try (InputStream in = JConv.class.getResourceAsStream("version.properties")) {
                Properties properties = new Properties();
                properties.load(in);
                return properties.getProperty("version");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}

package io.github.jconv.cli;

/** The {@code jconv} command with the commands that need other libraries. */
public final class JConvBesidePeers {

    private JConvBesidePeers() {
    }

    public static void main(String[] args) {
        JConv.useOwnLogging();
        Console console = Console.ofProcess();
        System.exit(JConv.run(console, BackendsOption.Source.HOST, commandLine -> commandLine
                .addSubcommand(new PeersCommand(console))
                .addSubcommand(new PeersTrainingCommand(console))
                .addSubcommand(new PeersRecordCommand(console))
                .addSubcommand(new PeersAccuracyCommand(console)), args));
    }
}

package io.github.jconv.cli;

import io.github.jconv.device.DeviceRequest;
import io.github.jconv.device.Doctor;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What this host has of CUDA, what is missing, and what mends it. */
@Command(name = "doctor", mixinStandardHelpOptions = true,
        description = {"Tells what this host has of CUDA, what is missing and what mends it.",
            "Where each library was looked for and what was found; the devices and what they reach; and where JConv computes, and why."},
        footer = {"", "Exit code: 0 JConv can compute where it is asked to (--device), 2 it cannot."})
final class DoctorCommand implements Callable<Integer> {

    private final Console console;

    @Option(names = "--quick", description = "Do not measure what the devices reach.")
    private boolean quick;

    DoctorCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Doctor.Findings findings = Doctor.examine(DeviceRequest.ofProperty(), !quick, console.out()::println);
        return findings.healthy() ? 0 : JConv.BAD_INPUT;
    }
}

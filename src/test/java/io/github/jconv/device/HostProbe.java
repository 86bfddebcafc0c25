package io.github.jconv.device;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.github.jconv.device.LibraryReport.Entry;
import io.github.jconv.device.LibraryReport.Status;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.jcudnn.JCudnn;
import org.slf4j.LoggerFactory;

/** Run in a JVM of its own: loads the libraries of a made-up host and prints the report and what the first calls return. */
final class HostProbe {

    private HostProbe() {
    }

    /** @param args the root of the made-up host */
    public static void main(String[] args) {
        ((Logger) LoggerFactory.getLogger(HostProbe.class.getPackageName())).setLevel(Level.INFO);
        LibrarySearch search = new LibrarySearch(Map.of("CUDA_HOME", args[0] + "/home"), System::getProperty, Path.of(args[0]),
                Redistributables.onClassPath());
        List<Entry> entries = new ArrayList<>();
        for (NativeLibrary library : NativeLibrary.values()) {
            Entry entry = new LibraryLoader(library).loadInstalled(search);
            entries.add(entry);
            if (entry.status() != Status.LOADED) {
                break;
            }
            System.out.println(library + " answers " + firstCall(library));
        }
        LibraryReport report = new LibraryReport(entries);
        System.out.println("problem: " + report.problem());
        System.out.println(report);
    }

    private static int firstCall(NativeLibrary library) {
        return switch (library) {
            case CUDA_DRIVER -> JCudaDriver.cuInit(0);
            case CUBLAS -> JCublas2.cublasCreate(new cublasHandle());
            case CUDNN -> (int) JCudnn.cudnnGetVersion();
        };
    }
}

package io.github.jconv.device;

import java.util.List;

/** The libraries of NVIDIA that JConv can use, and what it needs of each. */
public enum NativeLibrary {

    CUDA_DRIVER("CUDA driver", "JCudaDriver", "12.6.0", "jcuda.driver.JCudaDriver", List.of("libcuda.so.1"), List.of(), List.of(),
            NativeFunctions.DRIVER,
            "install the NVIDIA driver (525 or newer); in a container, start it with the GPU (docker run --gpus all)"),

    CUBLAS("cuBLAS", "JCublas2", "12.6.0", "jcuda.jcublas.JCublas2",
            List.of("libcublas.so.12", "libcublas.so.13", "libcublas.so.11"), List.of("libcublasLt"), List.of(),
            NativeFunctions.CUBLAS,
            "install CUDA's libcublas (a CUDA 12 or 13 toolkit, or pip install nvidia-cublas-cu12 with -Djconv.python.env=<its folder>),"
                    + " or add the Maven dependency org.bytedeco:cuda:12.6-9.5-1.5.11:linux-x86_64-redist, or name the folder of"
                    + " libcublas.so.12 with -Djconv.cuda.path=<folder>"),

    CUDNN("cuDNN", "JCudnn", "11.7.0", "jcuda.jcudnn.JCudnn", List.of("libcudnn.so.8", "libcudnn.so.9"), List.of(),
            List.of("libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2"), NativeFunctions.CUDNN,
            "install cuDNN 9 (or pip install nvidia-cudnn-cu12 with -Djconv.python.env=<its folder>), or add the Maven dependency"
                    + " org.bytedeco:cuda:12.6-9.5-1.5.11:linux-x86_64-redist, or name the folder of libcudnn.so.9 with"
                    + " -Djconv.cuda.path=<folder>");

    private final String title;
    private final String jniName;
    private final String jniVersion;
    private final String jcudaClass;
    private final List<String> sonames;
    private final List<String> companions;
    private final List<String> helpers;
    private final List<String> functions;
    private final String remedy;

    NativeLibrary(String title, String jniName, String jniVersion, String jcudaClass, List<String> sonames, List<String> companions,
                  List<String> helpers, List<String> functions, String remedy) {
        this.title = title;
        this.jniName = jniName;
        this.jniVersion = jniVersion;
        this.jcudaClass = jcudaClass;
        this.sonames = sonames;
        this.companions = companions;
        this.helpers = helpers;
        this.functions = functions;
        this.remedy = remedy;
    }

    /** Its name for people. */
    public String title() {
        return title;
    }

    /** The file names that serve, the one that JCuda was built for first. */
    List<String> sonames() {
        return sonames;
    }

    /** Libraries of the same folder and version that it needs itself, without their {@code .so} and version. */
    List<String> companions() {
        return companions;
    }

    /** Libraries that it opens by these names when it comes to need them, wherever they are: cuDNN compiles kernels with NVRTC. */
    List<String> helpers() {
        return helpers;
    }

    /** The functions that JConv calls in it. */
    List<String> functions() {
        return functions;
    }

    /** What mends its absence, as the rest of a sentence. */
    String remedy() {
        return remedy;
    }

    /** JCuda's class whose initialisation loads the JNI library. */
    String jcudaClass() {
        return jcudaClass;
    }

    /** The JNI library as it lies in JCuda's jar. */
    String jniResource() {
        return "/lib/" + jniFile(jniVersion);
    }

    /** The file name of the JNI library that JCuda of that version asks for. */
    String jniFile(String version) {
        return "lib" + jniName + "-" + version + "-linux-x86_64.so";
    }
}

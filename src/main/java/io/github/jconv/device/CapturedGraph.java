package io.github.jconv.device;

import io.github.jconv.algorithm.RecordedWork;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUresult;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.JCudaDriver;

/**
 * Work that was recorded once and is launched as a whole. It holds the addresses of the tensors that it was recorded with: they
 * must outlive it. The context's workspace stays where it is for as long as a graph is open.
 */
public final class CapturedGraph implements RecordedWork {

    private final DeviceContext context;
    private final CUgraphExec executable = new CUgraphExec();
    private boolean closed;

    private CapturedGraph(DeviceContext context, CUgraph graph) {
        this.context = context;
        context.check(JCudaDriver.cuGraphInstantiate(executable, graph, 0), "cuGraphInstantiate");
        context.own(this);
    }

    /** Only other threads' calls are free of the restrictions of a capture. */
    static CapturedGraph capture(DeviceContext context, Runnable work) {
        CUgraph graph = record(context, work);
        try {
            return new CapturedGraph(context, graph);
        } finally {
            context.warn(JCudaDriver.cuGraphDestroy(graph), "cuGraphDestroy");
        }
    }

    private static CUgraph record(DeviceContext context, Runnable work) {
        context.makeCurrent();
        context.check(JCudaDriver.cuStreamBeginCapture(context.stream().handle(),
                CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL), "cuStreamBeginCapture");
        CUgraph graph = new CUgraph();
        try {
            work.run();
            context.makeCurrent();
        } catch (RuntimeException | Error e) {
            giveUp(context, graph);
            throw e;
        }
        context.check(JCudaDriver.cuStreamEndCapture(context.stream().handle(), graph), "cuStreamEndCapture");
        return graph;
    }

    /** Ends the capture, also of a context that is lost, and never fails: what the work failed with is to be told. */
    private static void giveUp(DeviceContext context, CUgraph graph) {
        context.makeCurrentForFreeing();
        if (JCudaDriver.cuStreamEndCapture(context.stream().handle(), graph) == CUresult.CUDA_SUCCESS) {
            context.warn(JCudaDriver.cuGraphDestroy(graph), "cuGraphDestroy");
        }
    }

    /** Enqueues the recorded work on the context's main stream. */
    @Override
    public synchronized void run() {
        context.makeCurrentToEnqueue();
        if (closed) {
            throw new IllegalStateException("use of a captured graph after its end");
        }
        context.check(JCudaDriver.cuGraphLaunch(executable, context.stream().handle()), "cuGraphLaunch");
    }

    @Override
    public synchronized void close() {
        if (!closed && context.disown(this)) {
            context.warn(JCudaDriver.cuGraphExecDestroy(executable), "cuGraphExecDestroy");
            context.graphClosed();
        }
        closed = true;
    }
}

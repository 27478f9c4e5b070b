package dev.lethe.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.JCudaDriver;

/// Work that was captured from the stream into a graph, to be replayed.
record RecordedWork(CudaBackend backend, CUgraphExec graph) implements AutoCloseable {
    /// What `work` submits, which is not run yet.
    static RecordedWork of(CudaBackend backend, Runnable work) {
        backend.device().enter();
        check(
                JCudaDriver.cuStreamBeginCapture(
                        backend.device().stream(),
                        CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_GLOBAL));
        work.run();
        CUgraph graph = new CUgraph();
        check(JCudaDriver.cuStreamEndCapture(backend.device().stream(), graph));
        CUgraphExec exec = new CUgraphExec();
        check(JCudaDriver.cuGraphInstantiate(exec, graph, 0));
        check(JCudaDriver.cuGraphDestroy(graph));
        return new RecordedWork(backend, exec);
    }

    void replay() {
        check(JCudaDriver.cuGraphLaunch(graph, backend.device().stream()));
    }

    private static void check(int status) {
        assertEquals(0, status);
    }

    @Override
    public void close() {
        check(JCudaDriver.cuGraphExecDestroy(graph));
    }
}

package dev.lethe.kernels.cuda;

import dev.lethe.engine.backend.StepGraphs;
import java.util.Map;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/// CUDA graphs, captured from the device's stream.
final class CudaStepGraphs implements StepGraphs {
    /// `off` in the environment does without.
    static final String VARIABLE = "LETHE_CUDA_GRAPHS";

    private final CudaDevice device;

    CudaStepGraphs(CudaDevice device) {
        this.device = device;
    }

    /// @throws CudaException for a switch that is neither `on` nor `off`
    static boolean areAskedFor(Map<String, String> environment) {
        String word = environment.getOrDefault(VARIABLE, "on");
        return switch (word) {
            case "on" -> true;
            case "off" -> false;
            default ->
                    throw new CudaException(
                            "%s: expected on or off, got %s; leave it out for on"
                                    .formatted(VARIABLE, word));
        };
    }

    @Override
    public Recorded record(String what, Runnable work) {
        synchronized (device) { // nobody else's work gets in between
            try {
                CUgraph graph = capture(what, work);
                try {
                    return new Graph(device, what, instantiate(what, graph));
                } finally {
                    JCudaDriver.cuGraphDestroy(graph);
                }
            } catch (RuntimeException e) {
                throw new CudaException(
                        "%s: cannot be kept as a CUDA graph: %s; set %s=off to do without"
                                .formatted(what, e.getMessage(), VARIABLE),
                        e);
            }
        }
    }

    private CUgraph capture(String what, Runnable work) {
        CUgraph graph = new CUgraph();
        device.beginCapture(what);
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            if (device.endCapture(graph) == CUresult.CUDA_SUCCESS) {
                JCudaDriver.cuGraphDestroy(graph);
            }
            throw e;
        }
        CudaStatus.driver(device.endCapture(graph), "cuStreamEndCapture", what);
        return graph;
    }

    private static CUgraphExec instantiate(String what, CUgraph graph) {
        CUgraphExec executable = new CUgraphExec();
        CudaStatus.driver(
                JCudaDriver.cuGraphInstantiate(executable, graph, 0), "cuGraphInstantiate", what);
        return executable;
    }

    private record Graph(CudaDevice device, String what, CUgraphExec executable)
            implements Recorded {
        @Override
        public void replay() {
            synchronized (device) {
                device.enter();
                CudaStatus.driver(
                        JCudaDriver.cuGraphLaunch(executable, device.stream()),
                        "cuGraphLaunch",
                        what);
            }
        }

        @Override
        public void close() {
            synchronized (device) {
                device.synchronize(what); // it may be running
                CudaStatus.driver(
                        JCudaDriver.cuGraphExecDestroy(executable), "cuGraphExecDestroy", what);
            }
        }
    }
}

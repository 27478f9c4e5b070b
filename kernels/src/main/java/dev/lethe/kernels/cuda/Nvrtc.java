package dev.lethe.kernels.cuda;

import java.util.Arrays;
import java.util.List;
import jcuda.nvrtc.JNvrtc;
import jcuda.nvrtc.nvrtcProgram;

/// NVIDIA's run-time compiler: a `.cu` source to PTX.
final class Nvrtc {
    private Nvrtc() {}

    /// What is compiled.
    ///
    /// @param name file name, for the compiler's messages
    record Request(
            String name,
            String source,
            List<String> headerNames,
            List<String> headers,
            List<String> options) {}

    /// @throws CudaException with the compiler's first error
    static String ptx(Request request) {
        String what = "compile " + request.name;
        nvrtcProgram program = new nvrtcProgram();
        CudaStatus.nvrtc(
                JNvrtc.nvrtcCreateProgram(
                        program,
                        request.source,
                        request.name,
                        request.headers.size(),
                        request.headers.toArray(String[]::new),
                        request.headerNames.toArray(String[]::new)),
                "nvrtcCreateProgram",
                what);
        try {
            String[] options = request.options.toArray(String[]::new);
            int status = JNvrtc.nvrtcCompileProgram(program, options.length, options);
            if (status != 0) {
                String[] log = new String[1];
                JNvrtc.nvrtcGetProgramLog(program, log);
                throw new CudaException(
                        "%s: %s; %s"
                                .formatted(
                                        what,
                                        JNvrtc.nvrtcGetErrorString(status),
                                        firstError(log[0])));
            }
            String[] ptx = new String[1];
            CudaStatus.nvrtc(JNvrtc.nvrtcGetPTX(program, ptx), "nvrtcGetPTX", what);
            return ptx[0];
        } finally {
            JNvrtc.nvrtcDestroyProgram(program);
        }
    }

    private static String firstError(String log) {
        return log == null
                ? "no reason given"
                : log.lines()
                        .filter(line -> line.contains("error") || line.contains("option"))
                        .findFirst()
                        .orElse(log)
                        .strip();
    }

    /// The newest architecture that the compiler knows, up to the device's: the driver makes the
    /// rest of the way from PTX.
    static int architecture(int capability) {
        int[] count = new int[1];
        CudaStatus.nvrtc(
                JNvrtc.nvrtcGetNumSupportedArchs(count), "nvrtcGetNumSupportedArchs", "compile");
        int[] known = new int[count[0]];
        CudaStatus.nvrtc(
                JNvrtc.nvrtcGetSupportedArchs(known), "nvrtcGetSupportedArchs", "compile");
        return Arrays.stream(known)
                .filter(one -> one <= capability)
                .max()
                .orElseThrow(
                        () ->
                                new CudaException(
                                        ("compile: the device has compute capability %.1f, the"
                                                + " compiler knows %s; use an older NVRTC")
                                                .formatted(
                                                        capability / 10.0,
                                                        Arrays.toString(known))));
    }

    static String version() {
        int[] major = new int[1];
        int[] minor = new int[1];
        CudaStatus.nvrtc(JNvrtc.nvrtcVersion(major, minor), "nvrtcVersion", "ask for versions");
        return major[0] + "." + minor[0];
    }
}

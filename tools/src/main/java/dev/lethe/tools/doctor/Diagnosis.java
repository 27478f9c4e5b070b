package dev.lethe.tools.doctor;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;

import java.util.List;
import java.util.Map;

/// What `lethe doctor --json` prints.
///
/// @param auto the device that `--device auto` takes
/// @param because why
/// @param warnings what makes things slower than they could be, each with its remedy
/// @param missing what is not there, each with how to get it
record Diagnosis(
        String version,
        String auto,
        String because,
        List<DeviceFacts> devices,
        Processor processor,
        Blas blas,
        Cuda cuda,
        Memory memory,
        Jdk jdk,
        Map<String, String> libraries,
        List<String> warnings,
        List<String> missing) {
    /// @param name as given to `--device`
    record DeviceFacts(String name, boolean available, String description) {}

    /// @param vectorBits width of a vector
    record Processor(
            String model,
            String architecture,
            int cores,
            @JsonProperty("vector_bits") int vectorBits) {}

    /// @param library version and options, null where it is not in use
    /// @param core the processor that it chose its kernels for
    /// @param oneDnn version of what multiplies larger F32 matrices, null where it is not in use
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Blas(
            String library,
            String core,
            String missing,
            @JsonProperty("one_dnn") String oneDnn,
            @JsonProperty("one_dnn_missing") String oneDnnMissing) {}

    /// @param device null where none can be used, and `missing` says why
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Cuda(String device, String missing, List<CudaLibrary> libraries) {}

    /// @param path where it was found, null where it was not
    /// @param forwarder what gives a newer library the name of `file`, null where that is not so
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record CudaLibrary(
            String name,
            String file,
            String path,
            String forwarder,
            String version,
            String remedy) {}

    /// @param heapBytes the most that Java objects may take; tensors live outside the heap
    record Memory(
            @JsonProperty("total_bytes") long totalBytes,
            @JsonProperty("free_bytes") long freeBytes,
            @JsonProperty("heap_bytes") long heapBytes) {}

    record Jdk(String version, String vendor, String home) {}
}

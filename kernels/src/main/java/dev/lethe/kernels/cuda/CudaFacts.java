package dev.lethe.kernels.cuda;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a person wants to know about CUDA on this machine.
///
/// @param device its description, where one can be opened
/// @param simulated whether it is the simulated one
/// @param missing why it cannot be opened, in one line with the remedy
public record CudaFacts(
        Optional<String> device,
        boolean simulated,
        Optional<String> missing,
        List<LibraryFacts> libraries) {
    /// @param path where it was found; empty where it was not
    /// @param version as it says itself; empty where it cannot be asked
    /// @param remedy what to do where it is missing
    public record LibraryFacts(
            String name,
            String file,
            Optional<String> path,
            Optional<String> version,
            String remedy) {}

    /// Opens the device and closes it again.
    public static CudaFacts ofThisMachine() {
        List<CudaLibraries.Found> found = CudaLibraries.search();
        try (CudaBackend backend = new CudaBackend()) {
            return new CudaFacts(
                    Optional.of(backend.description()),
                    backend.isSimulated(),
                    Optional.empty(),
                    libraries(found, backend.versions()));
        } catch (CudaException e) {
            return new CudaFacts(
                    Optional.empty(),
                    false,
                    Optional.of(e.getMessage()),
                    libraries(found, Map.of()));
        }
    }

    private static List<LibraryFacts> libraries(
            List<CudaLibraries.Found> found, Map<String, String> versions) {
        return found.stream()
                .map(
                        one ->
                                new LibraryFacts(
                                        one.name(),
                                        one.file(),
                                        one.path().map(Object::toString),
                                        Optional.ofNullable(versions.get(one.name())),
                                        one.remedy()))
                .toList();
    }
}

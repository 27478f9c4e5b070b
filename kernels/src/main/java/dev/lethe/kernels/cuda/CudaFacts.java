package dev.lethe.kernels.cuda;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a person wants to know about CUDA on this machine.
///
/// @param card the device's name alone, where one can be opened
/// @param device its description, where one can be opened
/// @param simulated whether it is the simulated one
/// @param missing why it cannot be opened, in one line with the remedy
public record CudaFacts(
        Optional<String> card,
        Optional<String> device,
        boolean simulated,
        Optional<String> missing,
        List<LibraryFacts> libraries) {
    /// @param path where it was found; empty where it was not
    /// @param forwarder what gives a newer library the name of `file`, where that is so
    /// @param version as it says itself; empty where it cannot be asked
    /// @param remedy what to do where it is missing
    public record LibraryFacts(
            String name,
            String file,
            Optional<String> path,
            Optional<String> forwarder,
            Optional<String> version,
            String remedy) {}

    /// Opens the device and closes it again.
    public static CudaFacts ofThisMachine() {
        List<CudaLibraries.Found> found = CudaLibraries.search();
        try (CudaBackend backend = new CudaBackend()) {
            return new CudaFacts(
                    Optional.of(backend.card()),
                    Optional.of(backend.description()),
                    backend.isSimulated(),
                    Optional.empty(),
                    libraries(found, backend.versions()));
        } catch (CudaException e) {
            return new CudaFacts(
                    Optional.empty(),
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
                                        one.forwarder().map(Object::toString),
                                        Optional.ofNullable(versions.get(one.name())),
                                        one.remedy()))
                .toList();
    }
}

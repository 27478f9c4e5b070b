package dev.lethe.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CudaLibrariesTest {
    @TempDir Path folder;

    private List<CudaLibraries.Found> search() {
        return CudaLibraries.search(Map.of(CudaLibraries.VARIABLE, folder.toString()));
    }

    @Test
    void theNamedFolderComesFirst() throws Exception {
        for (String file :
                List.of("libcuda.so.1", "libnvrtc.so.12", "libcublas.so.12", "libcudnn.so.8")) {
            Files.createFile(folder.resolve(file));
        }
        for (CudaLibraries.Found one : search()) {
            assertEquals(Optional.of(folder.resolve(one.file())), one.path());
        }
        assertEquals(Optional.empty(), CudaLibraries.missing(search()));
    }

    @Test
    void aMissingLibraryIsNamedWithItsRemedy() {
        List<CudaLibraries.Found> found =
                search().stream()
                        .map(
                                one ->
                                        new CudaLibraries.Found(
                                                one.name(),
                                                one.file(),
                                                one.name().equals("cuDNN")
                                                        ? Optional.empty()
                                                        : Optional.of(folder),
                                                Optional.empty(),
                                                one.remedy()))
                        .toList();
        String message = CudaLibraries.missing(found).orElseThrow();
        assertTrue(message.startsWith("cuDNN (libcudnn.so.8) was not found: install"), message);
        assertTrue(message.contains("mvn -Pcuda-libraries"), message);
        assertEquals(1, message.lines().count());
    }

    private CudaLibraries.Found cudnn() {
        return search().getLast();
    }

    @Test
    void aNewerLibraryIsTakenBehindItsForwarder() throws Exception {
        Path newer = Files.createFile(folder.resolve("libcudnn.so.9"));
        assertEquals(Optional.empty(), cudnn().path());
        String remedy = cudnn().remedy();
        assertTrue(remedy.startsWith(newer + " is there, but needs libcudnn.so.8.forward"), remedy);
        assertTrue(remedy.contains("cuda-forward/build.sh"), remedy);
        Path forwarder = Files.createFile(folder.resolve("libcudnn.so.8.forward"));
        assertEquals(Optional.of(newer), cudnn().path());
        assertEquals(Optional.of(forwarder), cudnn().forwarder());
        Path itself = Files.createFile(folder.resolve("libcudnn.so.8"));
        assertEquals(Optional.of(itself), cudnn().path());
        assertEquals(Optional.empty(), cudnn().forwarder());
    }

    @Test
    void newerLibrariesNeedANewerDriver() throws Exception {
        for (String file : List.of("libcublas.so.13", "libcublas.so.12.forward")) {
            Files.createFile(folder.resolve(file));
        }
        assertEquals(
                Optional.of(
                        "the driver supports CUDA up to 12.8, needed is 13.0; update the driver"),
                CudaLibraries.tooOldDriver(12080, search()));
        assertEquals(Optional.empty(), CudaLibraries.tooOldDriver(13000, search()));
    }

    @Test
    void cudnnCountsDifferentlyFrom9On() {
        assertEquals("8.9.7", CudaLibraries.cudnnVersion(8907));
        assertEquals("9.13.0", CudaLibraries.cudnnVersion(91300));
    }

    @Test
    void aTooOldDriverIsRefused() {
        SimulatedDevice.require();
        try (var _ = SimulatedDevice.set("driver", 11040)) {
            String message =
                    assertThrows(CudaException.class, CudaBackend::new).getMessage();
            assertEquals(
                    "the driver supports CUDA up to 11.4, needed is 12.0; update the driver",
                    message);
            CudaFacts facts = CudaFacts.ofThisMachine();
            assertEquals(Optional.of(message), facts.missing());
        }
        new CudaBackend().close();
    }

    @Test
    void factsNameEachLibraryAndItsVersion() {
        SimulatedDevice.require();
        CudaFacts facts = CudaFacts.ofThisMachine();
        assertTrue(facts.simulated());
        assertTrue(facts.device().orElseThrow().startsWith("Simulated CUDA device"));
        for (CudaFacts.LibraryFacts one : facts.libraries()) {
            assertTrue(one.path().orElseThrow().endsWith(one.file()));
            assertTrue(one.version().orElseThrow().matches("[0-9]+(\\.[0-9]+)+"), one.toString());
        }
        assertEquals(4, facts.libraries().size());
    }
}

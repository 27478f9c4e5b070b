package dev.lethe.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;

/// `lethe doctor` tells what is true of this machine, in JVMs whose environment is set.
class DoctorCommandTest {
    private static JsonNode doctor(Map<String, String> environment, List<String> flags)
            throws Exception {
        Invocation invocation =
                Invocation.inChild(environment, flags, "doctor", "--json").assertDone();
        assertEquals(1, invocation.out().lines().count(), invocation.out());
        return new JsonMapper().readTree(invocation.out());
    }

    @Test
    void tellsTheMachine() throws Exception {
        JsonNode found = doctor(Map.of(), List.of("-Xmx300m"));
        assertEquals("cpu", found.path("auto").textValue());
        assertEquals(3, found.path("devices").size());
        assertFalse(found.path("devices").path(1).path("available").booleanValue());
        assertEquals(
                Runtime.getRuntime().availableProcessors(),
                found.path("processor").path("cores").intValue());
        assertTrue(found.path("processor").path("vector_bits").intValue() >= 64);
        assertTrue(found.path("blas").path("library").textValue().startsWith("OpenBLAS 0.3"));
        assertFalse(found.path("blas").path("core").textValue().isEmpty());
        assertTrue(found.path("blas").path("one_dnn").textValue().startsWith("oneDNN 3."));
        assertTrue(found.path("memory").path("heap_bytes").longValue() <= 300L << 20);
        assertEquals(Runtime.version().toString(), found.path("jdk").path("version").textValue());
        assertTrue(found.path("missing").toString().contains("CUDA"));
        assertFalse(found.path("warnings").toString().contains("OPENBLAS"));
    }

    @Test
    void warnsOfAForcedBlasCore() throws Exception {
        JsonNode found =
                doctor(
                        Map.of("OPENBLAS_CORETYPE", "Haswell", "OPENBLAS_L2_SIZE", "512"),
                        List.of());
        assertEquals("Haswell", found.path("blas").path("core").textValue());
        String warnings = found.path("warnings").toString();
        assertTrue(warnings.contains("OPENBLAS_CORETYPE=Haswell is set"), warnings);
        assertTrue(warnings.contains("OPENBLAS_L2_SIZE=512 is set"), warnings);
        assertTrue(warnings.contains("unset it"), warnings);
    }

    @Test
    void tellsThatBlasIsOff() throws Exception {
        JsonNode found = doctor(Map.of(), List.of("-Dlethe.blas=off"));
        assertTrue(found.path("blas").path("library").isMissingNode());
        assertTrue(found.path("blas").path("missing").textValue().contains("lethe.blas=off"));
        assertTrue(found.path("missing").toString().contains("OpenBLAS"));
        assertTrue(found.path("blas").path("one_dnn").isMissingNode());
    }

    @Test
    void tellsThatOneDnnIsOff() throws Exception {
        JsonNode found = doctor(Map.of(), List.of("-Dlethe.blas=openblas"));
        assertTrue(found.path("blas").path("library").textValue().startsWith("OpenBLAS 0.3"));
        assertTrue(found.path("blas").path("one_dnn").isMissingNode());
        assertTrue(found.path("missing").toString().contains("oneDNN: switched off"));
    }

    @Test
    void textSaysTheSame() {
        String text = Invocation.of("doctor").assertDone().out();
        for (String part :
                List.of(
                        "device     cpu        ready",
                        "cuda       missing",
                        "processor",
                        "BLAS",
                        "memory",
                        "JDK",
                        "missing    CUDA")) {
            assertTrue(text.contains(part), part + " in " + text);
        }
    }
}

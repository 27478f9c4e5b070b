package dev.lethe.engine.autograd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.autograd.Autograd.Mode;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.contract.Differentiation;
import dev.lethe.engine.contract.OpCase;
import dev.lethe.engine.contract.FormulaBackend;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// With memory handed out full of NaN, in a JVM of its own, every case has the same value, gradient
/// and second derivative: nothing reads what nobody wrote.
class PoisonTest {
    /// Prints the first element of fresh memory, then a line a case.
    static void main() {
        results().forEach(System.out::println);
    }

    private static List<String> results() {
        List<String> lines = new ArrayList<>();
        try (Backend backend = new FormulaBackend()) {
            try (TensorArena arena = backend.openStep()) {
                Tensor fresh =
                        Tensor.leaf(backend, arena.allocate(DType.F64, 1), Shape.of(1), false);
                lines.add(Double.toString(fresh.item()));
            }
            for (OpCase subject : OpGradientTest.cases()) {
                Differentiation d = new Differentiation(backend, DType.F64, subject);
                double[][] x = subject.inputs();
                lines.add(
                        "%s: %s %s %s"
                                .formatted(
                                        subject,
                                        total(new double[][] {d.value(x)}),
                                        total(d.gradient(x, Mode.VALUES)),
                                        total(d.second(x))));
            }
        }
        return lines;
    }

    private static String total(double[][] arrays) {
        double sum = 1; // so that rounding near zero does not show in the digits printed
        for (double[] values : arrays) {
            for (double value : values) {
                sum += value * value;
            }
        }
        return "%.6e".formatted(sum);
    }

    @Test
    void poisonedMemoryChangesNothing() throws IOException, InterruptedException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process child =
                new ProcessBuilder(
                                java,
                                "-Dlethe.poison=true",
                                "-XX:TieredStopAtLevel=1",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                PoisonTest.class.getName())
                        .redirectErrorStream(true)
                        .start();
        String output =
                new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, child.waitFor(), output);
        List<String> poisoned = output.lines().toList();
        assertEquals("NaN", poisoned.getFirst());
        List<String> clean = results();
        assertTrue(Stream.of("NaN", "Infinity").noneMatch(String.join("", clean)::contains));
        assertEquals(clean.subList(1, clean.size()), poisoned.subList(1, poisoned.size()));
    }
}

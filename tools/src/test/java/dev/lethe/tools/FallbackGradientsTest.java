package dev.lethe.tools;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.model.checkpoint.SafeTensors;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// A golden case on lesser machines: narrower vectors, no OpenBLAS, each in a JVM of its own.
class FallbackGradientsTest {
    @TempDir Path folder;

    @ParameterizedTest
    @CsvSource({
        "-XX:UseAVX=2, f32, 1e-5", "-XX:UseAVX=2, f64, 1e-12",
        "-Dlethe.blas=off, f32, 1e-5", "-Dlethe.blas=off, f64, 1e-12"
    })
    void agreesWithTheGoldenData(String flag, String dtype, double bound) throws Exception {
        GoldenCase golden = GoldenCase.B_wide;
        Path out = folder.resolve("gradients.safetensors");
        Invocation.inChild(
                        Map.of(),
                        List.of(flag),
                        "gradients",
                        "--checkpoint",
                        golden.folder().toString(),
                        "--batch",
                        golden.file("inputs.safetensors").toString(),
                        "--loss",
                        "maxent",
                        "--device",
                        "cpu",
                        "--dtype",
                        dtype,
                        "--out",
                        out.toString())
                .assertDone();
        try (SafeTensors found = SafeTensors.open(out);
                SafeTensors truth = golden.tensors("grad_maxent_shift.safetensors")) {
            for (String name : truth.names()) {
                double distance = distance(truth.toDoubles(name), found.toDoubles(name));
                assertTrue(distance <= bound, name + ": relative L2 distance " + distance);
            }
        }
    }

    private static double distance(double[] truth, double[] found) {
        double difference = 0;
        double size = 0;
        for (int i = 0; i < truth.length; i++) {
            difference += (found[i] - truth[i]) * (found[i] - truth[i]);
            size += truth[i] * truth[i];
        }
        return Math.sqrt(difference / size);
    }
}

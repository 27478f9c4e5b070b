package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Multiply.multiply;
import static dev.lethe.engine.autograd.Sum.sum;
import static dev.lethe.engine.autograd.Tanh.tanh;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.contract.FormulaBackend;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.optim.AdamW;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.parallel.Workers;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Tensors used after their arena closed, or changed between forward and backward pass: one clear
/// error that names the operation.
class LifetimeTest {
    private static final Shape THREE = Shape.of(3);

    private final FormulaBackend backend = new FormulaBackend();

    @AfterEach
    void close() {
        assertEquals(0, backend.memory().openArenas());
        backend.close();
    }

    private Parameters parameters() {
        return Parameters.allocate(
                backend, DType.F64, List.of(new Parameters.Spec("w", THREE)));
    }

    private static String refusal(Runnable work) {
        return assertThrows(IllegalStateException.class, work::run).getMessage();
    }

    private static void requireContains(String message, String... parts) {
        for (String part : parts) {
            assertTrue(message.contains(part), () -> message + " should contain " + part);
        }
    }

    @Test
    void operationOnATensorOfAClosedArena() {
        Tensor lost;
        try (TensorArena _ = backend.openStep()) {
            lost = Tensor.zeros(DType.F64, THREE);
        }
        try (TensorArena _ = backend.openStep()) {
            Tensor here = Tensor.zeros(DType.F64, THREE);
            requireContains(
                    refusal(() -> multiply(here, lost)),
                    "multiply: input 1 F64[3] was made in an arena that has closed");
            requireContains(refusal(() -> tanh(lost)), "tanh: input 0");
            requireContains(
                    refusal(() -> RmsNorm.rmsNorm(lost, here, 1e-6)), "rmsNorm: input 0 F64[3]");
        }
        requireContains(refusal(lost::toDoubles), "after its arena closed");
        requireContains(refusal(() -> lost.buffer().address()), "F64 buffer of 3 elements");
    }

    @Test
    void backwardAfterTheForwardArenaClosed() {
        try (Parameters parameters = parameters()) {
            Tensor loss;
            try (TensorArena _ = backend.openStep()) {
                loss = sum(tanh(parameters.get("w")));
            }
            try (TensorArena _ = backend.openStep()) {
                requireContains(
                        refusal(() -> Autograd.gradients(loss, parameters.get(List.of("w")))),
                        "reshape backward: ",
                        "freed with its arena");
            }
        }
    }

    @Test
    void valueFreedBetweenForwardAndBackward() {
        try (Parameters parameters = parameters();
                TensorArena _ = backend.openStep()) {
            Tensor factor;
            Tensor loss;
            try (TensorArena outer = backend.openLongLived()) {
                factor =
                        Tensor.leaf(backend, outer.allocate(DType.F64, 3), THREE, false);
                loss = sum(multiply(parameters.get("w"), factor));
            }
            requireContains(
                    refusal(() -> Autograd.gradients(loss, parameters.get(List.of("w")))),
                    "multiply backward: input 1 F64[3] was freed");
        }
    }

    /// Changes the parameters between the passes and gives the message.
    private String changedBy(Consumer<Parameters> change) {
        try (Parameters parameters = parameters();
                TensorArena _ = backend.openStep()) {
            Tensor w = parameters.get("w");
            Tensor loss = sum(RmsNorm.rmsNorm(w, w, 1e-6));
            change.accept(parameters);
            return refusal(() -> Autograd.gradients(loss, List.of(w)));
        }
    }

    @Test
    void parametersChangedBetweenForwardAndBackward() {
        String expected = "rmsNorm backward: input 0 F64[3] was changed in place since the forward";
        requireContains(
                changedBy(
                        parameters -> {
                            try (Parameters other = parameters()) {
                                parameters.copyFrom(other);
                            }
                        }),
                expected,
                "take gradients before updating");
        requireContains(
                changedBy(
                        parameters -> {
                            try (Parameters gradients = parameters.zerosLike();
                                    Workers workers = new Workers(1);
                                    AdamW adamW =
                                            new AdamW(
                                                    parameters,
                                                    List.of("w"),
                                                    AdamW.Settings.DEFAULT)) {
                                adamW.step(0.1, gradients, workers);
                            }
                        }),
                expected);
    }

    @Test
    void changeBeforeTheForwardPassOrAfterTheBackwardPassIsFine() {
        try (Parameters parameters = parameters();
                Parameters other = parameters();
                TensorArena _ = backend.openStep()) {
            parameters.copyFrom(other);
            Tensor w = parameters.get("w");
            Tensor loss = sum(multiply(w, w));
            Gradients gradients = Autograd.gradients(loss, List.of(w));
            parameters.copyFrom(other);
            assertArrayEquals(new double[3], gradients.of(w).toDoubles());
        }
    }
}

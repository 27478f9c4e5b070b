package dev.lethe.model.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.optim.AdamW;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.optim.Schedule;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.checkpoint.SafeTensors;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2Checkpoint;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.perturb.Perturbation;
import dev.lethe.model.train.StepReport;
import dev.lethe.model.train.Trainer;
import dev.lethe.model.train.TrainingPlan;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

/// What changes parameters, the trainer with AdamW and the perturbation, leaves those of the
/// reference.
class GoldenTraceTest {
    static final List<String> CASES = GoldenCase.NAMES;

    private static final double CLOSE = 1e-12;

    private static double crossEntropy(GoldenCase golden) {
        NextToken objective = new NextToken();
        try (TensorArena _ = golden.backend().openStep()) {
            return objective
                    .terms(golden.model(), golden.batch(), objective.denominators(golden.batch()))
                    .total()
                    .item();
        }
    }

    private static void assertParameters(GoldenCase golden, SafeTensors file, String prefix) {
        for (String name : golden.parameters().names()) {
            double[] actual = golden.parameters().get(name).toDoubles();
            Agreement.assertTensor(prefix + name, CLOSE, file.toDoubles(prefix + name), actual);
        }
    }

    @ParameterizedTest
    @CsvSource({"A_tiny, 1", "A_tiny, 3", "B_wide, 1", "B_wide, 2"})
    void threeStepsOfTheTrainer(String name, int microBatches) throws Exception {
        try (GoldenCase golden = new GoldenCase(name, DType.F64);
                Workers workers = new Workers(1)) {
            JsonNode constants = golden.expected("constants", "adamw");
            double clipNorm = constants.required("clip_norm").doubleValue();
            AdamW.Settings settings =
                    new AdamW.Settings(
                            constants.required("beta1").doubleValue(),
                            constants.required("beta2").doubleValue(),
                            constants.required("eps").doubleValue(),
                            constants.required("weight_decay").doubleValue(),
                            clipNorm);
            double rate = constants.required("lr").doubleValue();
            TrainingPlan plan =
                    new TrainingPlan(
                            3, microBatches, new Schedule.Constant(rate, 0), settings, _ -> true);
            JsonNode steps = golden.expected("adamw", "steps");
            assertEquals(3, steps.size());
            StepBatch main = StepBatch.main(golden.batch().get(StepBatch.Role.MAIN));
            try (Trainer trainer = new Trainer(golden.model(), new NextToken(), plan, workers)) {
                for (int i = 0; i < 3; i++) {
                    StepReport report = trainer.step(main);
                    JsonNode step = steps.get(i);
                    double loss = step.required("loss_before").doubleValue();
                    Agreement.assertScalar("loss " + i, CLOSE, loss, report.loss());
                    double norm = step.required("grad_norm_before_clip").doubleValue();
                    Agreement.assertScalar("norm " + i, CLOSE, norm, report.gradientNorm());
                    double coefficient = step.required("clip_coef").doubleValue();
                    assertTrue(coefficient < 1, "clipping bites");
                    double clip = Math.min(1, clipNorm / (report.gradientNorm() + 1e-6));
                    Agreement.assertScalar("clip " + i, CLOSE, coefficient, clip);
                    assertParameters(golden, golden.file("adamw"), "step" + (i + 1) + ".");
                }
            }
            double after = golden.expected("adamw", "loss_after_step3").doubleValue();
            Agreement.assertScalar("loss after step 3", CLOSE, after, crossEntropy(golden));
        }
    }

    @ParameterizedTest
    @FieldSource("CASES")
    void shrinkAndPerturb(String name) throws Exception {
        try (GoldenCase golden = new GoldenCase(name, DType.F64);
                Parameters noise = golden.parameters().zerosLike()) {
            SafeTensors file = golden.file("perturb");
            for (Parameters.Spec spec : noise.specs()) {
                JsonNode bound = golden.expected("perturb", "xavier_bounds", spec.name());
                double actual = Perturbation.xavierBound(spec.shape());
                assertEquals(bound.doubleValue(), actual, 1e-15, spec.name());
                String stored = "noise." + spec.name();
                assertEquals(spec.shape().rank() == 2, file.contains(stored), stored);
                if (file.contains(stored)) {
                    Gemma2Checkpoint.copy(file, stored, noise, spec.name());
                }
            }
            double alpha = golden.expected("perturb", "alpha").doubleValue();
            double beta = golden.expected("perturb", "beta").doubleValue();
            new Perturbation(alpha, beta).apply(golden.parameters(), noise);
            assertParameters(golden, file, "perturbed.");
            double after = golden.expected("perturb", "ce_after").doubleValue();
            Agreement.assertScalar("ce after", CLOSE, after, crossEntropy(golden));
        }
    }
}

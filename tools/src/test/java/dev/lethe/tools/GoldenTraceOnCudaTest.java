package dev.lethe.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.optim.AdamW;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.optim.Schedule;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.kernels.Backends;
import dev.lethe.model.checkpoint.SafeTensors;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Checkpoint;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.perturb.Perturbation;
import dev.lethe.model.train.StepReport;
import dev.lethe.model.train.Trainer;
import dev.lethe.model.train.TrainingPlan;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.List;
import java.util.stream.DoubleStream;

/// Three steps of the trainer with AdamW, and the perturbation, on the CUDA device in F64: they leave
/// the parameters that public reference code left.
class GoldenTraceOnCudaTest {
    private static final double CLOSE = 1e-12;

    @BeforeAll
    static void requireDevice() {
        CudaDevice.require();
    }

    private static StepBatch batch(GoldenCase golden) {
        try (SafeTensors inputs = golden.tensors("inputs.safetensors")) {
            List<Long> shape = inputs.entry("main.input_ids").shape();
            int rows = shape.get(0).intValue();
            int tokens = shape.get(1).intValue();
            int[] mask = inputs.toInts("main.attention_mask");
            int[] lengths = Batch.lengths("main.attention_mask", rows, tokens, mask);
            return StepBatch.main(
                    Batch.shifted(rows, tokens, inputs.toInts("main.input_ids"), lengths));
        }
    }

    private static void requireParameters(Parameters parameters, SafeTensors file, String prefix) {
        for (String name : parameters.names()) {
            double[] truth = file.toDoubles(prefix + name);
            double[] found = parameters.get(name).toDoubles();
            assertEquals(truth.length, found.length, name);
            double distance = 0;
            double size = 0;
            for (int i = 0; i < truth.length; i++) {
                distance += (found[i] - truth[i]) * (found[i] - truth[i]);
                size += truth[i] * truth[i];
            }
            double error = Math.sqrt(distance);
            assertTrue(error <= CLOSE * Math.sqrt(size), prefix + name + " is off by " + error);
        }
    }

    @ParameterizedTest
    @EnumSource
    void threeStepsOfTheTrainer(GoldenCase golden) {
        JsonNode constants = golden.expected().required("constants").required("adamw");
        AdamW.Settings settings =
                new AdamW.Settings(
                        constants.required("beta1").doubleValue(),
                        constants.required("beta2").doubleValue(),
                        constants.required("eps").doubleValue(),
                        constants.required("weight_decay").doubleValue(),
                        constants.required("clip_norm").doubleValue());
        Schedule schedule = new Schedule.Constant(constants.required("lr").doubleValue(), 0);
        TrainingPlan plan = new TrainingPlan(3, 1, schedule, settings, _ -> true);
        JsonNode steps = golden.expected().required("adamw").required("steps");
        assertEquals(3, steps.size());
        try (Backend backend = Backends.open("cuda");
                Workers workers = new Workers(1);
                Gemma2 model = Gemma2Checkpoint.load(golden.folder(), backend, DType.F64);
                Trainer trainer = new Trainer(model, new NextToken(), plan, workers);
                SafeTensors trace = golden.tensors("adamw.safetensors")) {
            for (int i = 0; i < 3; i++) {
                StepReport report = trainer.step(batch(golden));
                JsonNode step = steps.get(i);
                requireClose("loss", step.required("loss_before"), report.loss());
                requireClose("norm", step.required("grad_norm_before_clip"), report.gradientNorm());
                requireParameters(model.parameters(), trace, "step" + (i + 1) + ".");
            }
        }
    }

    private static void requireClose(String what, JsonNode truth, double found) {
        double expected = truth.doubleValue();
        assertEquals(expected, found, CLOSE * Math.abs(expected), what);
    }

    @ParameterizedTest
    @EnumSource
    void shrinkAndPerturb(GoldenCase golden) {
        JsonNode expected = golden.expected().required("perturb");
        try (Backend backend = Backends.open("cuda");
                Gemma2 model = Gemma2Checkpoint.load(golden.folder(), backend, DType.F64);
                Parameters noise = model.parameters().zerosLike();
                SafeTensors file = golden.tensors("perturb.safetensors")) {
            for (String name : noise.names()) {
                if (file.contains("noise." + name)) {
                    Gemma2Checkpoint.copy(file, "noise." + name, noise, name);
                }
            }
            double alpha = expected.required("alpha").doubleValue();
            double beta = expected.required("beta").doubleValue();
            new Perturbation(alpha, beta).apply(model.parameters(), noise);
            requireParameters(model.parameters(), file, "perturbed.");
        }
    }

    private static double[] perturbed(String device, DType dtype) {
        try (Backend backend = Backends.open(device);
                Gemma2 model =
                        Gemma2Checkpoint.load(GoldenCase.A_tiny.folder(), backend, dtype)) {
            new Perturbation(0.6, 0.1).apply(model.parameters(), 42);
            return model.parameters().names().stream()
                    .flatMapToDouble(
                            name -> DoubleStream.of(model.parameters().get(name).toDoubles()))
                    .toArray();
        }
    }

    /// The noise of a seed is everyone's, and each step of the mixture is rounded alike.
    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void oneSeedPerturbsAlikeEverywhere(DType dtype) {
        assertArrayEquals(perturbed("reference", dtype), perturbed("cuda", dtype));
    }
}

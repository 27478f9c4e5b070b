package dev.lethe.model.objective;

import static dev.lethe.engine.autograd.MaskedMeanSquare.maskedMeanSquare;
import static dev.lethe.model.data.StepBatch.Role.FORGET;
import static dev.lethe.model.data.StepBatch.Role.RETAIN;
import static dev.lethe.model.objective.StepInputs.reciprocal;

import dev.lethe.engine.autograd.Recording;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.Factor;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Activations;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.LossTerms.Term;
import java.util.Arrays;
import java.util.List;
import java.util.SequencedMap;

/// Representation misdirection (Li et al. 2024, WMDP, section 4; PAPER 1.3): hidden states of forget data are
/// drawn to a random direction, those of retain data held to where a frozen copy has them:
/// `mse(h(forget), c u) + alpha mse(h(retain), h_frozen(retain))`, means over positions times hidden.
///
/// Which parameters train (the paper: `down_proj` of a few layers) is the trainer's setting.
///
/// @param target h is taken after this 0-based layer, before any final norm
/// @param alpha weight of the retain term
/// @param frozen the model before unlearning
public record Rmu(Target target, double alpha, Gemma2 frozen) implements Objective {
    private static final String FORGET_MSE = "forget_mse";
    private static final String RETAIN_MSE = "retain_mse";

    /// Where forget data is sent.
    ///
    /// @param layer 0-based
    /// @param c length of the goal
    /// @param u direction of unit norm, one number a hidden dimension
    public record Target(int layer, double c, double[] u) {}

    /// A direction drawn from the seed: N(0, I), normalised (PAPER 1.3).
    public static double[] direction(long seed, int dimensions) {
        PhiloxStream stream = new PhiloxStream(seed, Purpose.CONTROL_VECTOR, 0);
        double[] normal = new double[dimensions];
        double squares = 0;
        for (int i = 0; i < dimensions; i++) {
            normal[i] = stream.normal(i);
            squares += normal[i] * normal[i];
        }
        double norm = Math.sqrt(squares);
        return Arrays.stream(normal).map(x -> x / norm).toArray();
    }

    public Rmu {
        if (target.u().length != frozen.config().hiddenSize()) {
            throw new IllegalArgumentException(
                    "rmu: the control vector must have the model's %d dimensions, got %d"
                            .formatted(frozen.config().hiddenSize(), target.u().length));
        }
        if (target.layer() < 0 || target.layer() >= frozen.config().layers()) {
            throw new IllegalArgumentException(
                    "rmu: layer: expected 0 to %d, got %d"
                            .formatted(frozen.config().layers() - 1, target.layer()));
        }
    }

    @Override
    public boolean repeatable() {
        return true;
    }

    @Override
    public SequencedMap<String, Double> denominators(StepBatch whole) {
        long width = frozen.config().hiddenSize();
        return Forward.and(
                Forward.denominators(FORGET_MSE, whole.get(FORGET).positions() * width),
                RETAIN_MSE,
                whole.get(RETAIN).positions() * width);
    }

    @Override
    public LossTerms terms(
            Gemma2 model, StepBatch part, SequencedMap<String, Double> denominators) {
        Batch forget = part.get(FORGET);
        Batch retain = part.get(RETAIN);
        Tensor hiddenForget = hidden(model, forget);
        Tensor goal = goal(hiddenForget.dtype());
        Tensor held = Recording.off(() -> hidden(frozen, retain));
        return LossTerms.of(
                new Term(
                        FORGET_MSE,
                        1,
                        distance(hiddenForget, goal, forget, reciprocal(denominators, FORGET_MSE))),
                new Term(
                        RETAIN_MSE,
                        alpha,
                        distance(
                                hidden(model, retain),
                                held,
                                retain,
                                reciprocal(denominators, RETAIN_MSE))));
    }

    private Tensor goal(DType dtype) {
        double[] scaled = Arrays.stream(target.u()).map(x -> target.c() * x).toArray();
        return StepInputs.constant(() -> Tensor.of(dtype, Shape.of(scaled.length), scaled));
    }

    @Override
    public List<OutputTerm> outputTerms() {
        return List.of(
                new OutputTerm(
                        FORGET_MSE,
                        1,
                        FORGET,
                        (model, rows, denominator) ->
                                output(model, rows, goal(model.parameters().dtype()), denominator)),
                new OutputTerm(
                        RETAIN_MSE,
                        alpha,
                        RETAIN,
                        (model, rows, denominator) ->
                                output(
                                        model,
                                        rows,
                                        Recording.off(() -> hidden(frozen, rows)),
                                        denominator)));
    }

    private ModelOutput output(Gemma2 model, Batch rows, Tensor goal, double denominator) {
        Activations passed = model.forwardThrough(target.layer(), Forward.ids(rows));
        return HiddenOutput.at(target.layer(), passed, goal, rows, denominator);
    }

    private Tensor hidden(Gemma2 model, Batch batch) {
        return model.forwardThrough(target.layer(), Forward.ids(batch)).residual(target.layer());
    }

    private static Tensor distance(Tensor hidden, Tensor goal, Batch batch, Factor mean) {
        Tensor mask = Forward.perRow(batch, Column.POSITION_MASK);
        return maskedMeanSquare(hidden, goal, mask, mean);
    }
}

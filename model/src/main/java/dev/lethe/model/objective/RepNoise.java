package dev.lethe.model.objective;

import static dev.lethe.engine.autograd.Add.add;
import static dev.lethe.engine.autograd.Affine.affine;
import static dev.lethe.engine.autograd.Affine.scale;
import static dev.lethe.engine.autograd.Cast.widened;
import static dev.lethe.engine.autograd.LinearCrossEntropy.linearCrossEntropy;
import static dev.lethe.engine.autograd.Log.log;
import static dev.lethe.engine.autograd.LogSoftmax.logSoftmax;
import static dev.lethe.engine.autograd.Multiply.multiply;
import static dev.lethe.engine.autograd.Reshape.reshape;
import static dev.lethe.engine.autograd.Sum.sum;
import static dev.lethe.model.data.StepBatch.Role.FORGET;

import dev.lethe.engine.autograd.LinearHead;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.Factor;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.random.Distribution;
import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Activations;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.LossTerms.Term;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;

/// Representation noising (Rosati et al. 2024, arXiv 2405.14577; PAPER 1.5) on top of another
/// objective: `base + beta noise - alpha log((CE + sum for l = 0..L of CE_l) / (L + 1) + 1)`, all
/// on forget data.
///
/// - noise: mean over the L layers of the [MultiKernelMmd] between the outputs of their MLPs, each
///   row of the batch flattened to `T H` numbers, and standard normal numbers. These are drawn by
///   (seed, step, place), so a run can be repeated and continued; padding is 0 on both sides.
/// - ascent: CE is that of the model, CE_l that of its final norm and output head applied to the
///   residual stream after l layers, l = 0 being the embeddings. CE_L is CE itself, which therefore
///   counts twice.
///
/// Where the reference code (domenicrosati/representation-noising) errs, this does not follow it:
/// intermediate logits are soft-capped as the model's own are; the last hidden state, normed
/// already, is not normed again; what counts is every position or target that is no padding, rather
/// than those where forget and retain rows happen to differ and whose id is not 0; hidden states
/// come from [Activations] and not from hooks that pile up from step to step.
///
/// The noise term compares rows with each other, so the batch cannot be cut. With one row the width
/// of the kernels equals its one distance: the term is then a constant, though its gradient is not
/// 0.
///
/// @param base what is minimised besides; may be any that is separable
/// @param alpha weight of the ascent, at least 0
/// @param beta weight of the noise, at least 0
/// @param seed of the noise
public record RepNoise(Objective base, double alpha, double beta, long seed)
        implements Objective {
    private static final String MMD = "repnoise_mmd";
    private static final String ASCENT = "repnoise_ascent";

    public RepNoise {
        if (!(alpha >= 0 && beta >= 0 && Double.isFinite(alpha + beta))) {
            throw new IllegalArgumentException(
                    "repnoise: alpha and beta: expected finite numbers, at least 0, got %s and %s; 1 and 0.001 are the paper's"
                            .formatted(alpha, beta));
        }
        if (!base.separable()) {
            throw new IllegalArgumentException(
                    "repnoise: base: expected an objective that is a sum over rows, got "
                            + base.getClass().getSimpleName()
                            + "; noise it once");
        }
    }

    /// With the paper's weights for language and arithmetic, alpha 1 and beta 0.001.
    public RepNoise(Objective base, long seed) {
        this(base, 1, 1e-3, seed);
    }

    @Override
    public boolean separable() {
        return false;
    }

    @Override
    public boolean repeatable() {
        return base.repeatable();
    }

    @Override
    public SequencedMap<String, Double> denominators(StepBatch whole) {
        Batch forget = whole.get(FORGET);
        return Forward.and(
                Forward.and(base.denominators(whole), MMD, (long) forget.rows() * forget.rows()),
                ASCENT,
                forget.targetCount());
    }

    @Override
    public LossTerms terms(
            Gemma2 model, StepBatch part, SequencedMap<String, Double> denominators) {
        Batch forget = part.get(FORGET);
        Activations activations = model.forward(Forward.ids(forget));
        List<Term> terms = new ArrayList<>(base.terms(model, part, denominators).terms());
        terms.add(new Term(MMD, beta, distanceToNoise(mlps(activations), forget, part.step())));
        Tensor targets = Forward.perRow(forget, Column.TARGETS);
        Factor mean = StepInputs.reciprocal(denominators, ASCENT);
        Tensor ascent =
                ascent(
                        heads(model, activations).stream()
                                .map(head -> linearCrossEntropy(head, targets, mean))
                                .toList());
        terms.add(new Term(ASCENT, -alpha, ascent));
        return new LossTerms(terms);
    }

    @Override
    public List<OutputTerm> outputTerms() {
        return base.outputTerms();
    }

    /// The noise by the outputs of all MLPs, the ascent by the logits of all depths. Neither is
    /// convex: kernels are bumps, and the ascent's weight is negative. Curvature takes the width of
    /// the kernels for the constant that it is to the gradient.
    @Override
    public List<JointTerm> jointTerms() {
        return OutputTerm.isSplit(base)
                ? List.of(
                        new JointTerm(MMD, beta, this::mlps),
                        new JointTerm(ASCENT, -alpha, RepNoise::logits))
                : List.of();
    }

    private JointOutput mlps(Gemma2 model, StepBatch whole, double denominator) {
        Batch forget = whole.get(FORGET);
        List<Tensor> mlps = mlps(model.forward(Forward.ids(forget)));
        return new JointOutput(mlps, of -> distanceToNoise(of, forget, whole.step()));
    }

    private static JointOutput logits(Gemma2 model, StepBatch whole, double count) {
        Batch forget = whole.get(FORGET);
        Activations activations = model.forward(Forward.ids(forget));
        List<Tensor> logits =
                heads(model, activations).stream().map(LinearHead::logits).toList();
        double[] y = LogitOutput.nextTokens(forget, model.config().vocabSize());
        Shape flat = Shape.of(forget.ids().length, model.config().vocabSize());
        Tensor goal = Tensor.of(logits.getFirst().dtype(), flat, y);
        return new JointOutput(
                logits,
                of ->
                        ascent(
                                of.stream()
                                        .map(z -> logSoftmax(LogitOutput.flat(z)))
                                        .map(log -> affine(sum(multiply(goal, log)), -1 / count, 0))
                                        .toList()));
    }

    /// `[B,T,H]` each; distances are sums, so never BF16.
    private static List<Tensor> mlps(Activations activations) {
        return activations.layers().stream().map(layer -> widened(layer.mlp())).toList();
    }

    private Tensor distanceToNoise(List<Tensor> mlps, Batch forget, long step) {
        PhiloxStream stream =
                new PhiloxStream(seed, Purpose.REPRESENTATION_NOISE, Math.toIntExact(step));
        DType dtype = mlps.getFirst().dtype();
        Tensor marks = Forward.marks(forget, Column.POSITION_MASK, dtype);
        Tensor total = null;
        for (int i = 0; i < mlps.size(); i++) {
            Tensor mlp = mlps.get(i);
            Tensor noise =
                    StepInputs.draw(
                            stream,
                            i * mlp.shape().size(),
                            Distribution.Normal.STANDARD,
                            dtype,
                            mlp.shape());
            Tensor mmd = MultiKernelMmd.between(rows(mlp, marks), rows(noise, marks));
            total = total == null ? mmd : add(total, mmd);
        }
        return scale(total, 1.0 / mlps.size());
    }

    /// A row of the batch as one row of numbers, padding 0: `[B,T,H] -> [B,T H]`.
    private static Tensor rows(Tensor x, Tensor marks) {
        int rows = x.shape().dim(0);
        int tokens = x.shape().dim(1);
        Tensor counted = multiply(x, reshape(marks, Shape.of(rows, tokens, 1))); // [B,T,H]
        return reshape(counted, Shape.of(rows, tokens * x.shape().dim(-1)));
    }

    /// The model's own head, then those of depths 0 to L - 1; depth L has the model's own.
    private static List<LinearHead> heads(Gemma2 model, Activations activations) {
        List<LinearHead> heads = new ArrayList<>();
        heads.add(model.head(activations.lastHidden()));
        for (int l = 0; l < activations.layers().size(); l++) {
            Tensor stream = l == 0 ? activations.embeddings() : activations.residual(l - 1);
            heads.add(model.earlyHead(stream));
        }
        return heads;
    }

    /// @param losses cross-entropies of [#heads]
    private static Tensor ascent(List<Tensor> losses) {
        Tensor total = scale(losses.getFirst(), 2); // CE and CE_L
        for (Tensor early : losses.subList(1, losses.size())) {
            total = add(total, early);
        }
        return log(affine(total, 1.0 / losses.size(), 1));
    }
}

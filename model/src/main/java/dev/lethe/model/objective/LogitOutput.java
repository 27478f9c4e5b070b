package dev.lethe.model.objective;

import static dev.lethe.engine.autograd.Affine.affine;
import static dev.lethe.engine.autograd.Affine.scale;
import static dev.lethe.engine.autograd.LogSoftmax.logSoftmax;
import static dev.lethe.engine.autograd.Multiply.multiply;
import static dev.lethe.engine.autograd.Reshape.reshape;
import static dev.lethe.engine.autograd.Softmax.softmax;
import static dev.lethe.engine.autograd.Subtract.subtract;
import static dev.lethe.engine.autograd.Sum.sum;

import dev.lethe.engine.autograd.LinearHead;
import dev.lethe.engine.autograd.Recording;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.model.data.Batch;
import dev.lethe.model.gemma2.Activations;
import dev.lethe.model.gemma2.Gemma2;
import java.util.Arrays;

/// Logits drawn to a distribution y at each counted position, `L = (1/N) sum of KL(y || p)`, p the
/// softmax of the logits. All of this project's losses on logits are of this kind: y is one token
/// (cross-entropy), uniform (MaxEnt), or the teacher's (distillation). So, at a counted position,
/// `dL/dz = (p - y) / N` and `d2L/dz2 = (diag(p) - p p^T) / N`, the latter whatever y.
///
/// z are the logits after the soft-cap, which is part of the model. All logits are held:
/// `B T V` elements a tensor.
///
/// @param uncapped logits before the soft-cap `[B,T,V]`, on the graph
/// @param values logits after it, on the graph
/// @param goal y `[B T, V]`, zero at positions that do not count
/// @param counted 1 where the position counts, `B T`
/// @param entropy of all counted y together, in nats
/// @param denominator N
public record LogitOutput(
        Activations activations,
        Tensor uncapped,
        Tensor values,
        Tensor goal,
        int[] counted,
        double entropy,
        double denominator)
        implements ModelOutput {

    /// Cross-entropy: y is the next token.
    static LogitOutput nextTokens(Gemma2 model, Batch rows, double denominator) {
        double[] y = nextTokens(rows, model.config().vocabSize());
        return of(model, rows, y, rows.targetMask(), 0, denominator);
    }

    /// 1 at the next token of each position that has one, `B T V`.
    static double[] nextTokens(Batch rows, int vocabulary) {
        double[] y = new double[rows.ids().length * vocabulary];
        for (int i = 0; i < rows.targets().length; i++) {
            if (rows.targets()[i] >= 0) {
                y[i * vocabulary + rows.targets()[i]] = 1;
            }
        }
        return y;
    }

    /// Maximum entropy: y is `1/V` at each of the given positions.
    static OutputTerm.Reading uniform(Positions positions) {
        return (model, rows, denominator) -> {
            int vocabulary = model.config().vocabSize();
            int[] mask = positions.mask(rows);
            double[] y = new double[mask.length * vocabulary];
            for (int i = 0; i < y.length; i++) {
                y[i] = mask[i / vocabulary] / (double) vocabulary;
            }
            double entropy = Arrays.stream(mask).sum() * Math.log(vocabulary);
            return of(model, rows, y, mask, entropy, denominator);
        };
    }

    /// Distillation: y is the teacher's distribution.
    static OutputTerm.Reading teacher(Gemma2 teacher, Positions positions) {
        return (model, rows, denominator) -> {
            int[] mask = positions.mask(rows);
            Tensor log =
                    Recording.off(() -> logSoftmax(flat(Forward.head(teacher, rows).logits())));
            double[] y = log.toDoubles();
            int vocabulary = log.shape().dim(-1);
            double entropy = 0;
            for (int i = 0; i < y.length; i++) {
                double p = mask[i / vocabulary] == 0 ? 0 : Math.exp(y[i]);
                entropy -= p == 0 ? 0 : p * y[i];
                y[i] = p;
            }
            return of(model, rows, y, mask, entropy, denominator);
        };
    }

    private static LogitOutput of(
            Gemma2 model,
            Batch rows,
            double[] y,
            int[] counted,
            double entropy,
            double denominator) {
        Activations activations = model.forward(Forward.ids(rows));
        LinearHead head = model.head(activations.lastHidden());
        Tensor uncapped = head.uncapped();
        Shape flat = Shape.of(rows.ids().length, model.config().vocabSize());
        return new LogitOutput(
                activations,
                uncapped,
                head.capped(uncapped),
                Tensor.of(uncapped.dtype(), flat, y),
                counted,
                entropy,
                denominator);
    }

    /// `[B,T,V] -> [B T, V]`.
    static Tensor flat(Tensor logits) {
        return reshape(logits, Shape.of(logits.shape().rows(), logits.shape().dim(-1)));
    }

    private Tensor countedColumn(DType dtype) {
        double[] marks = Arrays.stream(counted).asDoubleStream().toArray();
        return Tensor.of(dtype, Shape.of(counted.length, 1), marks);
    }

    @Override
    public Tensor loss() {
        Tensor cross = sum(multiply(goal, logSoftmax(flat(values))));
        return affine(cross, -1 / denominator, -entropy / denominator);
    }

    @Override
    public Tensor gradient() {
        return Recording.off(
                () -> {
                    Tensor p = multiply(probabilities(), countedColumn(values.dtype()));
                    return reshape(scale(subtract(p, goal), 1 / denominator), values.shape());
                });
    }

    /// p `[B T, V]`, without history.
    public Tensor probabilities() {
        return Recording.off(() -> softmax(flat(values)));
    }

    @Override
    public Tensor curvature(Tensor u) {
        return Recording.off(
                () -> {
                    Tensor p = probabilities();
                    Tensor pu = multiply(p, flat(u));
                    Tensor raw = subtract(pu, multiply(p, sum(pu, -1)));
                    Tensor held = multiply(raw, countedColumn(u.dtype()));
                    return reshape(scale(held, 1 / denominator), u.shape());
                });
    }
}

import static dev.lethe.engine.autograd.Add.add;
import static dev.lethe.engine.autograd.Affine.affine;
import static dev.lethe.engine.autograd.Affine.scale;
import static dev.lethe.engine.autograd.Exp.exp;
import static dev.lethe.engine.autograd.LinearCrossEntropy.linearCrossEntropy;
import static dev.lethe.engine.autograd.Log.log;
import static dev.lethe.engine.autograd.Subtract.subtract;
import static dev.lethe.model.data.StepBatch.Role.FORGET;
import static dev.lethe.model.data.StepBatch.Role.RETAIN;

import dev.lethe.engine.autograd.Recording;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.memory.Shape;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.CustomObjective;
import dev.lethe.model.objective.LossTerms;
import dev.lethe.model.objective.LossTerms.Term;
import dev.lethe.model.objective.ObjectiveSetup;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.Set;

/// Negative preference optimization (Zhang et al. 2024, arXiv 2404.05868, equation 3): the mean over
/// forget rows of `(2/beta) log(1 + (p(row) / p_fixed(row))^beta)`, plus alpha CE(retain).
public record Npo(Gemma2 fixed, double beta, double alpha) implements CustomObjective {
    public Npo(ObjectiveSetup setup) {
        this(setup.fixed(), setup.setting("beta", 0.1), setup.setting("alpha", 1));
    }

    public SequencedMap<String, Double> denominators(StepBatch whole) {
        SequencedMap<String, Double> means = new LinkedHashMap<>();
        means.put("forget_npo", (double) whole.get(FORGET).rows());
        means.put("retain_ce", (double) whole.get(RETAIN).targetCount());
        return means;
    }

    public LossTerms terms(Gemma2 model, StepBatch part, SequencedMap<String, Double> means) {
        Tensor npo = null;
        for (int i = 0; i < part.get(FORGET).rows(); i++) {
            Batch row = part.get(FORGET).rows(i, i + 1);
            Tensor before = Recording.off(() -> crossEntropy(fixed, row, 1));
            Tensor logRatio = subtract(before, crossEntropy(model, row, 1));
            Tensor one = log(affine(exp(scale(logRatio, beta)), 1, 1));
            npo = npo == null ? one : add(npo, one);
        }
        return LossTerms.of(
                new Term("forget_npo", 1, scale(npo, 2 / beta / means.get("forget_npo"))),
                new Term("retain_ce", alpha, crossEntropy(model, part.get(RETAIN), means.get("retain_ce"))));
    }

    private static Tensor crossEntropy(Gemma2 model, Batch rows, double mean) {
        Tensor ids = Tensor.ofInts(Shape.of(rows.rows(), rows.tokens()), rows.ids());
        Tensor targets = Tensor.ofInts(Shape.of(rows.rows() * rows.tokens()), rows.targets());
        return linearCrossEntropy(model.head(model.forward(ids).lastHidden()), targets, mean);
    }

    public Set<StepBatch.Role> fixedRoles() {
        return Set.of(FORGET);
    }
}

package dev.lethe.model.study;

import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gradients.ExactGradients.Point;
import dev.lethe.model.objective.Objective;
import dev.lethe.model.spectra.Progress;
import java.util.List;
import java.util.SequencedMap;

/// The gradient laboratory: exact questions about models and losses, answered as plain records.
/// Nothing is sampled without an error beside it. Models are read, and where a question moves their
/// weights, put back bit by bit.
///
/// Element type and device are the model's own: load it in F64 for exact work.
///
/// ```java
/// GradientStudy study = new GradientStudy(workers);
/// Anatomy anatomy = study.anatomy(model, batch, objectives);
/// double conflict = anatomy.cosines().between("graddiff.forget_ce", "graddiff.retain_ce");
/// ```
public final class GradientStudy {
    /// Shows a person how a long study comes along; each phase has its own count.
    @FunctionalInterface
    public interface Phases {
        /// For nobody.
        Phases SILENT = _ -> Progress.NONE;

        Progress begin(String phase);
    }

    private final Workers workers;

    public GradientStudy(Workers workers) {
        this.workers = workers;
    }

    /// Gradients of objectives by term, parameter, position and logit, and the angles between them.
    ///
    /// @param batch with the roles that the objectives read
    /// @param objectives by the names that the result is to use
    public Anatomy anatomy(
            Gemma2 model, StepBatch batch, SequencedMap<String, Objective> objectives) {
        return new AnatomyStudy(model, batch, workers).of(objectives);
    }

    /// Spectra of the Hessian and the Gauss-Newton matrix over the selected parameters.
    public Curvature curvature(
            Point point, List<String> selected, Curvature.Plan plan, Phases phases) {
        return new CurvatureStudy(point, workers).of(selected, plan, phases);
    }

    /// Derivatives to third order along one direction over the selected parameters, such as the
    /// way that relearning went.
    public Curvature.Along along(Point point, List<String> selected, double[] direction) {
        return new CurvatureStudy(point, workers).along(selected, direction);
    }
}

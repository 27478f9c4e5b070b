package dev.lethe.model.study;

import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gradients.ExactGradients.Point;
import dev.lethe.model.gradients.GradientAlignment;
import dev.lethe.model.gradients.LossSurface;
import dev.lethe.model.objective.Objective;
import dev.lethe.model.spectra.Progress;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// The gradient laboratory: exact questions about models and losses, answered as plain records.
/// Nothing is sampled without an error beside it. Models are only read: where a question moves
/// weights it moves those of a copy.
///
/// Element type and device are the model's own: load it in F64 for exact work. `GradientStudyTest`
/// asks every question once, from base to relearned model.
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
        return anatomy(model, batch, objectives, Progress.NONE);
    }

    /// @param progress counts objectives and their terms
    public Anatomy anatomy(
            Gemma2 model,
            StepBatch batch,
            SequencedMap<String, Objective> objectives,
            Progress progress) {
        return new AnatomyStudy(model, batch, workers, progress).of(objectives);
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

    /// How the losses of forget and retain data pull on the same parameters, to second order.
    ///
    /// @param selected over which parameters
    public GradientAlignment alignment(Point forget, Point retain, List<String> selected) {
        try (LossSurface ofForget = LossSurface.of(forget, selected, workers);
                LossSurface ofRetain = LossSurface.of(retain, selected, workers)) {
            return GradientAlignment.of(ofForget, ofRetain);
        }
    }

    /// How far a model has moved from a base: length, angle and rank of the displacement. Called at
    /// every k-th checkpoint of a run, its trajectory.
    public Movement movement(Gemma2 base, Gemma2 now) {
        return MovementStudy.between(base.parameters(), now.parameters());
    }

    /// How much of the way from base to unlearned model relearning went back.
    public Undoing undoing(Gemma2 base, Gemma2 unlearned, Gemma2 relearned) {
        return MovementStudy.undoing(
                base.parameters(), unlearned.parameters(), relearned.parameters());
    }

    /// Measures on the straight line between two models.
    public Line line(Gemma2 a, Gemma2 b, Grid grid, SequencedMap<String, Measure> measures) {
        return new PathStudy(measures, grid.progress()).line(a, b, grid.points(), grid.margin());
    }

    /// Measures on the plane through three models.
    public Plane plane(
            List<Gemma2> corners, Grid grid, SequencedMap<String, Measure> measures) {
        return new PathStudy(measures, grid.progress())
                .plane(corners, grid.points(), grid.margin());
    }

    /// How finely a path is looked at.
    ///
    /// @param points along the line or each side of the plane, at least 2
    /// @param margin beyond the models, as a part of the extent; 0 for none
    public record Grid(int points, double margin, Progress progress) {}

    /// Which examples undo unlearning most: the gain of one gradient step on each.
    ///
    /// @param examples rows to relearn from
    /// @param target the loss that an attacker wants to fall, at the unlearned model
    /// @param retain a loss to compare directions with
    /// @param rate of the step
    public Influence influence(
            Batch examples,
            Point target,
            Optional<Point> retain,
            double rate,
            Progress progress) {
        return new InfluenceStudy(workers, progress).of(examples, target, retain, rate);
    }

    /// Which of these numbers orders the models as the attack did: a rank correlation with its
    /// interval each, over all models and with each method left out.
    public List<Prediction> predictors(List<Prediction.Case> cases) {
        return PredictorStudy.of(cases);
    }
}

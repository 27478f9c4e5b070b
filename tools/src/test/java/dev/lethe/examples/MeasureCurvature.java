package dev.lethe.examples;

import dev.lethe.engine.memory.DType;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.kernels.Backends;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Checkpoint;
import dev.lethe.model.gradients.ExactGradients.Point;
import dev.lethe.model.objective.GradDiff;
import dev.lethe.model.objective.MaxEnt;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.objective.Objective;
import dev.lethe.model.objective.Positions;
import dev.lethe.model.spectra.Lanczos;
import dev.lethe.model.spectra.SpectralDistribution;
import dev.lethe.model.study.Anatomy;
import dev.lethe.model.study.Curvature;
import dev.lethe.model.study.GradientStudy;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// Asks a checkpoint how two ways of unlearning pull at it, and how sharp its loss is, through the
/// API alone.
final class MeasureCurvature {
    private MeasureCurvature() {}

    /// @param conflict cosine of GradDiff's forget and retain gradients
    /// @param sharpest largest eigenvalue of the Hessian of the forget rows' cross-entropy
    record Found(double conflict, double sharpest) {}

    static Found ask(Path checkpoint, Batch forget, Batch retain) {
        try (var backend = Backends.open("auto");
                var workers = new Workers(2);
                Gemma2 model = Gemma2Checkpoint.load(checkpoint, backend, DType.F64)) {
            GradientStudy study = new GradientStudy(workers);

            SequencedMap<String, Objective> objectives = new LinkedHashMap<>();
            objectives.put("graddiff", new GradDiff(1));
            objectives.put("maxent", new MaxEnt(1, Positions.TARGETS));
            StepBatch both = StepBatch.forgetAndRetain(forget, retain);
            Anatomy anatomy = study.anatomy(model, both, objectives);

            var plan =
                    new Curvature.Plan(
                            new Lanczos.Plan(1, Lanczos.End.LARGEST, 1e-6, 80, 1),
                            new SpectralDistribution.Plan(2, 10, 1),
                            4);
            Point attack = new Point(model, new NextToken(), StepBatch.main(forget));
            Curvature curvature =
                    study.curvature(
                            attack, model.parameters().names(), plan, GradientStudy.Phases.SILENT);
            return new Found(
                    anatomy.cosines().between("graddiff.forget_ce", "graddiff.retain_ce"),
                    curvature.hessian().top().requireConverged().values()[0]);
        }
    }
}

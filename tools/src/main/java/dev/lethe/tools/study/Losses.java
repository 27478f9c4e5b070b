package dev.lethe.tools.study;

import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.Distill;
import dev.lethe.model.objective.GradDiff;
import dev.lethe.model.objective.MaxEnt;
import dev.lethe.model.objective.Objective;
import dev.lethe.model.objective.Positions;
import dev.lethe.model.objective.RepNoise;
import dev.lethe.model.objective.Rmu;
import dev.lethe.model.pipeline.Guard;
import dev.lethe.model.pipeline.Method;
import dev.lethe.model.pipeline.StageSpec;
import dev.lethe.tools.experiment.FinishedRun;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// The objectives that are compared, by their settings; a run's own settings come before these.
///
/// @param graddiff weight of the retain term
/// @param maxent likewise
/// @param rmu of hidden states
/// @param repnoise on top of MaxEnt
/// @param teacher of distillation, by name
record Losses(
        double graddiff, double maxent, RmuLoss rmu, RepNoiseLoss repnoise, String teacher) {
    /// @param layer 0-based
    /// @param c length of the goal
    /// @param alpha weight of the retain term
    record RmuLoss(int layer, double c, double alpha) {}

    /// @param alpha weight of the ascent
    /// @param beta weight of the noise
    record RepNoiseLoss(double alpha, double beta) {}

    /// With the settings of the run's stages of unlearning.
    Losses of(FinishedRun run) {
        double ofGraddiff = graddiff;
        double ofMaxent = maxent;
        RmuLoss ofRmu = rmu;
        RepNoiseLoss ofRepNoise = repnoise;
        for (FinishedRun.Member member : run.members()) {
            if (member.stage() instanceof StageSpec.Unlearn unlearn) {
                switch (unlearn.method()) {
                    case Method.GradDiff(double alpha) -> ofGraddiff = alpha;
                    case Method.MaxEnt(double alpha) -> ofMaxent = alpha;
                    case Method.Rmu(int layer, double c, double alpha, _) ->
                            ofRmu = new RmuLoss(layer, c, alpha);
                    case Method.Custom _ -> {} // none of those that are compared
                }
                if (unlearn.guard() instanceof Guard.RepNoise(double alpha, double beta)) {
                    ofRepNoise = new RepNoiseLoss(alpha, beta);
                }
            }
        }
        return new Losses(ofGraddiff, ofMaxent, ofRmu, ofRepNoise, teacher);
    }

    /// @param frozen RMU's model before unlearning
    /// @param seed of RMU's direction and RepNoise's noise
    SequencedMap<String, Objective> objectives(Gemma2 frozen, Gemma2 taughtBy, long seed) {
        SequencedMap<String, Objective> objectives = new LinkedHashMap<>();
        Objective entropy = new MaxEnt(maxent, Positions.TARGETS);
        objectives.put("graddiff", new GradDiff(graddiff));
        objectives.put("maxent", entropy);
        double[] u = Rmu.direction(seed, frozen.config().hiddenSize());
        objectives.put(
                "rmu", new Rmu(new Rmu.Target(rmu.layer(), rmu.c(), u), rmu.alpha(), frozen));
        objectives.put("distill", new Distill(taughtBy, Positions.TARGETS));
        objectives.put(
                "repnoise", new RepNoise(entropy, repnoise.alpha(), repnoise.beta(), seed));
        return objectives;
    }
}

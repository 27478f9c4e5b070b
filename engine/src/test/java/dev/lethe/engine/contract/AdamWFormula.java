package dev.lethe.engine.contract;

import dev.lethe.engine.backend.OptimizerKernels.Rule;

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2).
record AdamWFormula(double[] parameters, double[] m, double[] v) {
    /// `correction1 = 1 - beta1^t`, `correction2 = 1 - beta2^t`.
    record Update(
            double learningRate,
            double beta1,
            double beta2,
            double epsilon,
            double weightDecay,
            double clip,
            double correction1,
            double correction2) {
        /// Of a rate without decay and correction, which lie in the factors.
        static Update of(Rule rule, double[] values) {
            return new Update(
                    values[1],
                    rule.beta1(),
                    rule.beta2(),
                    rule.epsilon(),
                    values[1] == 0 ? 0 : (1 - values[0]) / values[1],
                    values[4],
                    1,
                    1 / values[2]);
        }

        Rule rule() {
            return new Rule(beta1, beta2, epsilon);
        }

        /// In the order of [dev.lethe.engine.backend.OptimizerKernels.StepValue].
        double[] values() {
            double keep = 1 - learningRate * weightDecay;
            return new double[] {keep, learningRate / correction1, 1 / correction2, 3, clip, 0};
        }
    }

    /// The state after one update of `before` by `gradients`.
    static AdamWFormula of(Precision p, Update update, AdamWFormula before, double[] gradients) {
        AdamWFormula after =
                new AdamWFormula(
                        before.parameters.clone(), before.m.clone(), before.v.clone());
        // 1 - beta is taken before rounding: in floats it would lose three digits
        double keep1 = p.round(update.beta1());
        double take1 = p.round(1 - update.beta1());
        double keep2 = p.round(update.beta2());
        double take2 = p.round(1 - update.beta2());
        double shrink = p.round(1 - update.learningRate() * update.weightDecay());
        for (int i = 0; i < gradients.length; i++) {
            double g = p.round(p.round(update.clip()) * gradients[i]);
            after.m[i] = p.add(p.round(keep1 * before.m[i]), take1, g);
            after.v[i] = p.add(p.round(keep2 * before.v[i]), take2, p.round(g * g));
            double mean = p.round(after.m[i] / p.round(update.correction1()));
            double root = p.round(Math.sqrt(p.round(after.v[i] / p.round(update.correction2()))));
            double step = p.round(mean / p.round(root + p.round(update.epsilon())));
            double decayed = p.round(shrink * before.parameters[i]);
            after.parameters[i] = p.round(decayed - p.round(p.round(update.learningRate()) * step));
        }
        return after;
    }
}

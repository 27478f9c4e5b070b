package dev.lethe.engine.optim;

/// The learning rate of each optimizer step, steps counted from 0.
///
/// All warm up alike over w steps: lr(s) = peak (s + 1)/w for s < w, so the first step is not a
/// no-op and step w-1 has the peak. What decays runs over T steps in all, warm-up included: step w
/// has the peak, the last scheduled step T-1 has the minimum, and every later step keeps it. With f
/// = (s - w)/(T - 1 - w) for w <= s < T-1,
///
/// - linear: lr(s) = peak + f (minimum - peak);
/// - cosine: lr(s) = minimum + (peak - minimum) (1 + cos(pi f))/2 (Loshchilov and Hutter 2017,
/// equation 5, one period).
///
/// The last step wins over the peak: where only one step follows the warm-up it has the minimum.
/// With T = w there is no decay, and step T has the minimum already; with T = 0 every step has it.
public sealed interface Schedule permits Schedule.Constant, Schedule.Linear, Schedule.Cosine {
    /// Learning rate of a step.
    ///
    /// @throws IllegalArgumentException where the step is negative
    double learningRate(long step);

    /// The peak for ever after the warm-up.
    record Constant(double peak, long warmUpSteps) implements Schedule {
        public Constant {
            requireRates(peak, 0);
            requireSteps(warmUpSteps, Long.MAX_VALUE);
        }

        @Override
        public double learningRate(long step) {
            requireStep(step);
            return step < warmUpSteps ? warmUp(peak, step, warmUpSteps) : peak;
        }
    }

    /// A straight line from peak to minimum.
    record Linear(double peak, double minimum, long warmUpSteps, long totalSteps)
            implements Schedule {
        public Linear {
            requireRates(peak, minimum);
            requireSteps(warmUpSteps, totalSteps);
        }

        @Override
        public double learningRate(long step) {
            requireStep(step);
            if (step < warmUpSteps) {
                return warmUp(peak, step, warmUpSteps);
            }
            if (step >= totalSteps - 1) {
                return minimum;
            }
            return peak + decayed(step, warmUpSteps, totalSteps) * (minimum - peak);
        }
    }

    /// Half a period of the cosine from peak to minimum.
    record Cosine(double peak, double minimum, long warmUpSteps, long totalSteps)
            implements Schedule {
        public Cosine {
            requireRates(peak, minimum);
            requireSteps(warmUpSteps, totalSteps);
        }

        @Override
        public double learningRate(long step) {
            requireStep(step);
            if (step < warmUpSteps) {
                return warmUp(peak, step, warmUpSteps);
            }
            if (step >= totalSteps - 1) {
                return minimum;
            }
            // StrictMath, because Math.cos may differ in its last bit from machine to machine.
            double cosine = StrictMath.cos(Math.PI * decayed(step, warmUpSteps, totalSteps));
            return minimum + (peak - minimum) * (0.5 * (1 + cosine));
        }
    }

    private static double warmUp(double peak, long step, long warmUpSteps) {
        return peak * ((step + 1.0) / warmUpSteps);
    }

    /// Share of the decay that lies behind a step, in [0, 1).
    private static double decayed(long step, long warmUpSteps, long totalSteps) {
        return (double) (step - warmUpSteps) / (totalSteps - 1 - warmUpSteps);
    }

    private static void requireRates(double peak, double minimum) {
        if (!(peak >= 0) || !Double.isFinite(peak)) {
            throw new IllegalArgumentException(
                    "schedule: learning rate must be finite and at least 0, got " + peak);
        }
        if (!(minimum >= 0 && minimum <= peak)) {
            throw new IllegalArgumentException(
                    "schedule: minimum must be from 0 to the learning rate "
                            + peak
                            + ", got "
                            + minimum
                            + "; lower the minimum or raise the learning rate");
        }
    }

    private static void requireSteps(long warmUpSteps, long totalSteps) {
        if (totalSteps < 0) {
            throw new IllegalArgumentException(
                    "schedule: total steps must be at least 0, got " + totalSteps);
        }
        if (warmUpSteps < 0) {
            throw new IllegalArgumentException(
                    "schedule: warm-up steps must be at least 0, got " + warmUpSteps);
        }
        if (warmUpSteps > totalSteps) {
            throw new IllegalArgumentException(
                    "schedule: warm-up steps must be from 0 to the total of "
                            + totalSteps
                            + ", got "
                            + warmUpSteps
                            + "; shorten the warm-up or train longer");
        }
    }

    private static void requireStep(long step) {
        if (step < 0) {
            throw new IllegalArgumentException(
                    "schedule: step must be at least 0, got " + step + "; steps count from 0");
        }
    }
}

package dev.lethe.engine.optim;

import dev.lethe.engine.backend.OptimizerKernels;
import dev.lethe.engine.backend.OptimizerKernels.Update;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.parallel.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// AdamW with clipping by the global norm, in torch's order of operations (Loshchilov and Hutter 2019,
/// algorithm 2): decay first, bias-corrected moments, epsilon outside the square root.
///
/// Works on the flat buffer in ranges cut by shape alone, so the bits do not depend on the number of
/// threads. Tensors that are not trained are left alone, also by weight decay.
public final class AdamW implements AutoCloseable {
    private static final int RANGE = 1 << 16; // elements

    /// @param beta1 decay of the first moment
    /// @param beta2 decay of the second moment
    /// @param epsilon added to the square root
    /// @param weightDecay decoupled, a step of rate lr multiplies by `1 - lr weightDecay`
    /// @param clipNorm largest global gradient norm; infinity for no clipping
    public record Settings(
            double beta1, double beta2, double epsilon, double weightDecay, double clipNorm) {
        /// torch's defaults without decay, clipped at 1 as everywhere in the paper (PAPER 1.8).
        public static final Settings DEFAULT = new Settings(0.9, 0.999, 1e-8, 0, 1);

        public Settings {
            if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1)) {
                throw new IllegalArgumentException(
                        "adamW: betas must lie in [0, 1), got %s and %s".formatted(beta1, beta2));
            }
            boolean finite = Double.isFinite(epsilon) && Double.isFinite(weightDecay);
            if (!(finite && epsilon > 0 && weightDecay >= 0 && clipNorm > 0)) {
                throw new IllegalArgumentException(
                        "adamW: epsilon and clipNorm must be above 0, weightDecay at least 0, and all but clipNorm finite, got %s, %s, %s"
                                .formatted(epsilon, clipNorm, weightDecay));
            }
        }
    }

    /// What decides the updates to come, besides the parameters.
    ///
    /// @param steps updates made
    /// @param m first moments, in the layout of the parameters
    /// @param v second moments, in the layout of the parameters
    public record State(long steps, Parameters m, Parameters v) implements AutoCloseable {
        public State {
            if (steps < 0) {
                throw new IllegalArgumentException(
                        "adamW state: steps must be at least 0, got " + steps);
            }
            m.requireLayout("adamW state", v);
        }

        @Override
        public void close() {
            m.close();
            v.close();
        }
    }

    private record Range(long from, long count) {}

    private final Parameters parameters;
    private final Settings settings;
    private final OptimizerKernels kernels;
    private final Parameters m;
    private final Parameters v;
    private final List<Range> ranges = new ArrayList<>();
    private long steps;

    public AdamW(Parameters parameters, List<String> trained, Settings settings) {
        this.parameters = parameters;
        this.settings = settings;
        this.kernels =
                parameters
                        .backend()
                        .optimizer(parameters.dtype())
                        .orElseGet(() -> new CompositeOptimizer(parameters.backend()));
        if (Set.copyOf(trained).size() != trained.size()) {
            throw new IllegalArgumentException(
                    "adamW: each trained tensor must be named once, got " + trained);
        }
        for (String name : trained) {
            long from = parameters.offset(name);
            long count = parameters.get(name).shape().size();
            for (long done = 0; done < count; done += RANGE) {
                ranges.add(new Range(from + done, Math.min(RANGE, count - done)));
            }
        }
        this.m = parameters.zerosLike();
        this.v = parameters.zerosLike();
    }

    /// One update in place.
    ///
    /// @param gradients in the layout of the parameters
    /// @return the global gradient norm before clipping
    public double step(double learningRate, Parameters gradients, Workers workers) {
        if (!(learningRate >= 0 && Double.isFinite(learningRate))) {
            throw new IllegalArgumentException(
                    "adamW: the learning rate must be finite and at least 0, got " + learningRate);
        }
        parameters.requireLayout("adamW", gradients);
        double norm = norm(gradients, workers);
        step(learningRate, norm, gradients, workers);
        return norm;
    }

    /// As above with a norm that is known already.
    ///
    /// @param norm of the trained gradients, finite
    public void step(double learningRate, double norm, Parameters gradients, Workers workers) {
        if (!Double.isFinite(norm)) {
            throw new ArithmeticException(
                    "adamW: the gradient norm is %s; expected a finite number, nothing was updated"
                            .formatted(norm));
        }
        // torch: the constant keeps a zero norm finite and is part of the reference's numbers.
        double clip = Math.min(1, settings.clipNorm() / (norm + 1e-6));
        steps++;
        Update update =
                new Update(
                        learningRate,
                        settings.beta1(),
                        settings.beta2(),
                        settings.epsilon(),
                        settings.weightDecay(),
                        clip,
                        1 - StrictMath.pow(settings.beta1(), steps),
                        1 - StrictMath.pow(settings.beta2(), steps));
        workers.forEach(
                ranges.size(),
                i ->
                        kernels.adamW(
                                update,
                                part(parameters, i),
                                part(gradients, i),
                                part(m, i),
                                part(v, i)));
        parameters.flat().markChanged();
    }

    /// Global L2 norm of the trained gradients, in F64.
    public double norm(Parameters gradients, Workers workers) {
        double[] squares = new double[ranges.size()];
        workers.forEach(
                squares.length, i -> squares[i] = kernels.squaredNorm(part(gradients, i)));
        double sum = 0;
        for (double square : squares) {
            sum += square;
        }
        return Math.sqrt(sum);
    }

    private Buffer part(Parameters of, int range) {
        return of.flat().slice(ranges.get(range).from(), ranges.get(range).count());
    }

    /// Updates made so far.
    public long steps() {
        return steps;
    }

    /// First and second moments, in the layout of the parameters.
    public List<Parameters> moments() {
        return List.of(m, v);
    }

    /// A copy of the state, to be closed by the caller; later steps do not change it.
    public State state() {
        return new State(steps, m.copy(), v.copy());
    }

    /// Goes on from a state that another optimizer of the same layout was in. The state is copied.
    public void restore(State state) {
        parameters.requireLayout("adamW restore", state.m());
        m.copyFrom(state.m());
        v.copyFrom(state.v());
        steps = state.steps();
    }

    @Override
    public void close() {
        m.close();
        v.close();
    }
}

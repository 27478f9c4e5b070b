package dev.lethe.engine.optim;

import dev.lethe.engine.backend.OptimizerKernels;
import dev.lethe.engine.backend.OptimizerKernels.Rule;
import dev.lethe.engine.backend.OptimizerKernels.StepValue;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.parallel.Workers;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/// AdamW with clipping by the global norm, in torch's order of operations (Loshchilov and Hutter 2019,
/// algorithm 2): decay first, bias-corrected moments, epsilon outside the square root.
///
/// Works on the flat buffer in ranges cut by shape alone, so the bits do not depend on the number of
/// threads. Tensors that are not trained are left alone, also by weight decay.
///
/// A step has three parts: [#prepare] brings its values to the kernels, [#update] is kernels alone,
/// the same calls in every step and waiting for nothing, and [#norm()] looks at what came of it.
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

    private record Range(long from, long count) {
        Buffer of(Parameters parameters) {
            return parameters.flat().slice(from, count);
        }
    }

    /// A set of parameters in ranges.
    private record Parts(Parameters whole, List<Buffer> buffers) {}

    private final Parameters parameters;
    private final Settings settings;
    private final Rule rule;
    private final OptimizerKernels kernels;
    private final Parameters m;
    private final Parameters v;
    private final List<Range> ranges;
    private final TensorArena arena;
    private final Buffer step; // the values of StepValue
    private final Buffer squares; // of each range's gradients, and two of what is watched
    private final List<Buffer> squaresOfRanges;
    private final Parts partsOfParameters;
    private final Parts partsOfM;
    private final Parts partsOfV;
    private final Parameters rounded; // null for none
    private final List<Buffer> partsOfRounded; // null each where there are none
    private Parts partsOfGradients; // of those last given, which are the same step after step
    private long steps;

    public AdamW(Parameters parameters, List<String> trained, Settings settings) {
        this(parameters, trained, settings, parameters);
    }

    /// For masters, whose weights every update leaves at the nearest numbers of their type.
    ///
    /// @param weights BF16, of the same names and shapes; or the parameters themselves
    public AdamW(
            Parameters parameters, List<String> trained, Settings settings, Parameters weights) {
        if (Set.copyOf(trained).size() != trained.size()) {
            throw new IllegalArgumentException(
                    "adamW: each trained tensor must be named once, got " + trained);
        }
        parameters.requireSpecs("adamW weights", weights);
        this.parameters = parameters;
        this.settings = settings;
        this.rule = new Rule(settings.beta1(), settings.beta2(), settings.epsilon());
        this.kernels =
                parameters
                        .backend()
                        .optimizer(parameters.dtype())
                        .orElseGet(() -> new CompositeOptimizer(parameters.backend()));
        List<Range> whole =
                trained.stream()
                        .map(
                                name ->
                                        new Range(
                                                parameters.offset(name),
                                                parameters.get(name).shape().size()))
                        .toList();
        this.ranges = kernels.joinsRanges() ? joined(whole) : cut(whole);
        this.arena = parameters.backend().openLongLived();
        this.step = arena.allocate(DType.F64, StepValue.COUNT);
        this.squares = arena.allocate(DType.F64, ranges.size() + 2L);
        this.squaresOfRanges =
                IntStream.range(0, ranges.size()).mapToObj(i -> squares.slice(i, 1)).toList();
        parameters.backend().elementwise().fill(0, step);
        this.m = parameters.zerosLike();
        this.v = parameters.zerosLike();
        this.partsOfParameters = cut(parameters);
        this.partsOfM = cut(m);
        this.partsOfV = cut(v);
        this.partsOfGradients = partsOfM;
        this.rounded = weights == parameters ? null : weights;
        this.partsOfRounded =
                rounded == null
                        ? Collections.nCopies(ranges.size(), null)
                        : cut(rounded).buffers();
    }

    private Parts cut(Parameters whole) {
        return new Parts(whole, ranges.stream().map(range -> range.of(whole)).toList());
    }

    private List<Buffer> partsOf(Parameters gradients) {
        if (partsOfGradients.whole() != gradients) {
            partsOfGradients = cut(gradients);
        }
        return partsOfGradients.buffers();
    }

    private static List<Range> cut(List<Range> whole) {
        List<Range> ranges = new ArrayList<>();
        for (Range one : whole) {
            for (long done = 0; done < one.count; done += RANGE) {
                ranges.add(new Range(one.from + done, Math.min(RANGE, one.count - done)));
            }
        }
        return ranges;
    }

    /// Neighbours as one range, with the gaps between them: zeros, which an update leaves zero.
    private static List<Range> joined(List<Range> whole) {
        List<Range> ranges = new ArrayList<>();
        for (Range next : whole.stream().sorted(Comparator.comparingLong(Range::from)).toList()) {
            Range last = ranges.isEmpty() ? null : ranges.getLast();
            if (last != null && next.from == Parameters.aligned(last.from + last.count)) {
                ranges.removeLast();
                next = new Range(last.from, next.from + next.count - last.from);
            }
            ranges.add(next);
        }
        return ranges;
    }

    /// One update in place.
    ///
    /// @param gradients in the layout of the parameters
    /// @return the global gradient norm before clipping
    /// @throws ArithmeticException where it is not finite, and then nothing was updated
    public double step(double learningRate, Parameters gradients, Workers workers) {
        parameters.requireLayout("adamW", gradients);
        prepare(learningRate);
        update(gradients, workers);
        double norm = norm();
        if (!Double.isFinite(norm)) {
            throw new ArithmeticException(
                    "adamW: the gradient norm is %s; expected a finite number, nothing was updated"
                            .formatted(norm));
        }
        return norm;
    }

    /// Counts a step and writes its values to where [#update] reads them.
    public void prepare(double learningRate) {
        if (!(learningRate >= 0 && Double.isFinite(learningRate))) {
            throw new IllegalArgumentException(
                    "adamW: the learning rate must be finite and at least 0, got " + learningRate);
        }
        steps++;
        double[] values = new double[StepValue.NORM.ordinal()];
        values[StepValue.KEEP.ordinal()] = 1 - learningRate * settings.weightDecay();
        values[StepValue.RATE.ordinal()] =
                learningRate / (1 - StrictMath.pow(settings.beta1(), steps));
        values[StepValue.CORRECTION.ordinal()] =
                1 / (1 - StrictMath.pow(settings.beta2(), steps));
        parameters
                .backend()
                .upload(MemorySegment.ofArray(values), step.slice(0, values.length));
    }

    /// The update that was prepared, in place. Where the gradient norm is not finite, this update
    /// and all later ones change nothing until [#norm()] has said so.
    ///
    /// @param gradients in the layout of the parameters
    public void update(Parameters gradients, Workers workers) {
        apply(gradients, workers, squares.slice(0, ranges.size()));
    }

    /// As above, but refused as for a gradient norm that is not finite also where a watched value
    /// is not: a loss that nobody has looked at.
    ///
    /// @param watched F64, each below 1e150 in size
    public void update(Parameters gradients, Workers workers, Buffer watched) {
        Buffer sum = squares.slice(ranges.size() + 1L, 1);
        Buffer nothing = squares.slice(ranges.size(), 1); // 0 or NaN
        kernels.squaredNorm(watched, sum);
        parameters.backend().elementwise().affine(0, 0, sum, nothing);
        apply(gradients, workers, squares.slice(0, ranges.size() + 1L));
    }

    private void apply(Parameters gradients, Workers workers, Buffer norms) {
        parameters.requireLayout("adamW", gradients);
        square(gradients, workers);
        kernels.clip(settings.clipNorm(), norms, step);
        List<Buffer> parts = partsOf(gradients);
        workers.forEach(
                parts.size(),
                i ->
                        kernels.adamW(
                                rule,
                                step,
                                partsOfParameters.buffers().get(i),
                                parts.get(i),
                                partsOfM.buffers().get(i),
                                partsOfV.buffers().get(i),
                                partsOfRounded.get(i)));
        parameters.flat().markChanged();
        if (rounded != null) {
            rounded.flat().markChanged();
        }
    }

    /// Global gradient norm of the last update before clipping. Where it is not finite, it is that
    /// of the first update since the last call that was left out, and those left out do not count
    /// as steps. Waits for the device.
    public double norm() {
        double[] values = values(step);
        long refused = (long) values[StepValue.REFUSED.ordinal()];
        if (refused > 0) {
            steps -= refused;
            parameters.backend().elementwise().fill(0, step);
        }
        return values[StepValue.NORM.ordinal()];
    }

    /// Copies the norm that [#norm()] would return into one F64 element, and waits for nothing.
    public void copyNorm(Buffer into) {
        Buffer norm = step.slice(StepValue.NORM.ordinal(), 1);
        parameters.backend().elementwise().copy(norm, into);
    }

    private void square(Parameters gradients, Workers workers) {
        List<Buffer> parts = partsOf(gradients);
        workers.forEach(
                parts.size(), i -> kernels.squaredNorm(parts.get(i), squaresOfRanges.get(i)));
    }

    /// Global L2 norm of the trained gradients, in F64. Waits for the device.
    public double norm(Parameters gradients, Workers workers) {
        square(gradients, workers);
        double[] all = values(squares.slice(0, ranges.size()));
        return Math.sqrt(Arrays.stream(all).reduce(0, Double::sum));
    }

    private double[] values(Buffer buffer) {
        double[] values = new double[Math.toIntExact(buffer.length())];
        parameters.backend().download(buffer, MemorySegment.ofArray(values));
        return values;
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
        arena.close();
        m.close();
        v.close();
    }
}

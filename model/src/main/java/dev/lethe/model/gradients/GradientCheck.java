package dev.lethe.model.gradients;

import dev.lethe.engine.memory.DType;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import dev.lethe.model.gradients.Coordinates.Span;
import dev.lethe.model.gradients.ExactGradients.Point;
import dev.lethe.model.spectra.Progress;
import dev.lethe.model.spectra.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/// Whether an objective's gradient is the derivative of its value, at a model in F64: the exact slope
/// `g d` against [Richardson]'s differences of the loss, along
///
/// - random directions, which see an error anywhere,
/// - the gradient, along which the slope is steepest,
/// - the gradient of one parameter alone, for each: in no sum with others an error could hide in,
/// - single weights that someone suspects.
public final class GradientCheck {
    /// Widths, in units of the weights' root mean square, over which the loss is still smooth.
    private static final double WIDTH = 0.01;

    /// Of the gradient's norm; a slope below is not asked to have all its digits.
    private static final double LEAST = 1e-3;

    private final Point point;
    private final Coordinates coordinates;
    private final Workers workers;
    private final double tolerance;
    private final double[] gradient;
    private final double norm;

    /// @param point a model in F64, whose weights are moved and put back
    /// @param selected names of the parameters that vary
    /// @param tolerance of a slope, relative to it or to a thousandth of the gradient's norm
    public GradientCheck(Point point, List<String> selected, double tolerance, Workers workers) {
        if (point.model().parameters().dtype() != DType.F64) {
            throw new IllegalArgumentException(
                    "gradient check: expected a model in F64, got %s; load it so"
                            .formatted(point.model().parameters().dtype()));
        }
        this.point = point;
        this.workers = workers;
        this.tolerance = tolerance;
        this.coordinates = Coordinates.of(point.model().parameters(), selected);
        try (LossSurface surface = LossSurface.of(point, selected, workers)) {
            this.gradient = surface.gradient();
        }
        this.norm = Vectors.norm(gradient);
    }

    /// How a slope came out.
    public enum Verdict {
        AGREES,
        /// They are apart, but the differences do not claim to be better than that.
        UNDECIDED,
        DIFFERS
    }

    /// The derivative along one unit vector.
    ///
    /// @param exact by the gradient
    /// @param differences of the loss, extrapolated
    /// @param error that the differences estimate of themselves
    /// @param allowed between the two
    public record Slope(
            String direction, double exact, double differences, double error, double allowed) {
        private static final double SURE = 10;

        public double off() {
            return Math.abs(exact - differences);
        }

        public Verdict verdict() {
            if (off() <= allowed) {
                return Verdict.AGREES;
            }
            return off() <= SURE * error ? Verdict.UNDECIDED : Verdict.DIFFERS;
        }
    }

    /// A unit vector by name, made when its turn comes: there may be many.
    private record Direction(String name, Supplier<double[]> vector) {}

    public Coordinates coordinates() {
        return coordinates;
    }

    /// g.
    public double[] gradient() {
        return gradient.clone();
    }

    /// @param random how many random directions
    /// @param weights coordinates of single weights
    public List<Slope> slopes(int random, long seed, int[] weights, Progress progress) {
        List<Direction> directions = directions(random, seed, weights);
        double[] start = coordinates.read(point.model().parameters());
        List<Slope> slopes = new ArrayList<>();
        try {
            for (Direction direction : directions) {
                slopes.add(slope(direction, start));
                progress.after(slopes.size(), directions.size());
            }
        } finally {
            coordinates.write(start, point.model().parameters());
        }
        return slopes;
    }

    private List<Direction> directions(int random, long seed, int[] weights) {
        int dimension = coordinates.dimension();
        List<Direction> directions = new ArrayList<>();
        for (int i = 0; i < random; i++) {
            PhiloxStream draws = new PhiloxStream(seed, Purpose.PROBE, i);
            directions.add(
                    new Direction(
                            "random " + (i + 1), () -> Vectors.normal(draws, dimension)));
        }
        directions.add(new Direction("gradient", gradient::clone));
        coordinates
                .spans()
                .forEach((name, span) -> directions.add(new Direction(name, () -> only(span))));
        for (int weight : weights) {
            directions.add(
                    new Direction(
                            coordinates.describe(weight),
                            () -> {
                                double[] one = new double[dimension];
                                one[weight] = 1;
                                return one;
                            }));
        }
        return directions;
    }

    private double[] only(Span span) {
        double[] part = new double[gradient.length];
        System.arraycopy(gradient, span.from(), part, span.from(), span.length());
        return part;
    }

    private Slope slope(Direction direction, double[] start) {
        double[] d = direction.vector().get();
        double length = Vectors.norm(d);
        if (length == 0) { // a parameter without a gradient: its value must not matter
            Arrays.fill(d, 1 / Math.sqrt(d.length));
            length = 1;
        }
        double[] unit = Vectors.scaled(1 / length, d);
        double largest = Arrays.stream(unit).map(Math::abs).max().orElse(1);
        double width = WIDTH * Vectors.norm(start) / Math.sqrt(start.length) / largest;
        Richardson found = Richardson.derivative(h -> new double[] {lossAt(start, h, unit)}, width);
        double exact = Vectors.dot(gradient, unit);
        return new Slope(
                direction.name(),
                exact,
                found.value()[0],
                found.error(),
                tolerance * Math.max(Math.abs(exact), LEAST * norm));
    }

    private double lossAt(double[] start, double h, double[] unit) {
        double[] moved = start.clone();
        Vectors.addTo(h, unit, moved);
        coordinates.write(moved, point.model().parameters());
        return LossValue.of(point, workers).loss();
    }
}

package dev.lethe.model.gradients;

import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.optim.Parameters;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;

/// Selected parameters one after another without gaps, as the coordinates of a vector in F64 on the
/// Java heap: what linear algebra over parameter space works on. 8 bytes a parameter and vector.
public final class Coordinates {
    /// A parameter's coordinates.
    ///
    /// @param from first, inclusive
    /// @param length how many
    public record Span(int from, int length) {}

    private final List<Parameters.Spec> specs;
    private final SequencedMap<String, Span> spans = new LinkedHashMap<>();
    private final int dimension;

    private Coordinates(List<Parameters.Spec> specs) {
        this.specs = List.copyOf(specs);
        long at = 0;
        for (Parameters.Spec spec : specs) {
            long end = at + spec.shape().size();
            if (end > Integer.MAX_VALUE - 8) {
                throw new IllegalArgumentException(
                        "coordinates: expected fewer than 2^31 numbers, got more with %s; select fewer parameters"
                                .formatted(spec.name()));
            }
            spans.put(spec.name(), new Span((int) at, (int) (end - at)));
            at = end;
        }
        dimension = (int) at;
    }

    /// Those of the named parameters, in their order of storage.
    public static Coordinates of(Parameters parameters, List<String> selected) {
        selected.forEach(parameters::get);
        Set<String> wanted = Set.copyOf(selected);
        List<Parameters.Spec> specs = new ArrayList<>(parameters.specs());
        specs.removeIf(spec -> !wanted.contains(spec.name()));
        return new Coordinates(specs);
    }

    public static Coordinates of(Parameters parameters) {
        return new Coordinates(parameters.specs());
    }

    public int dimension() {
        return dimension;
    }

    /// Names and shapes of the parameters, in order.
    public List<Parameters.Spec> specs() {
        return specs;
    }

    public List<String> names() {
        return List.copyOf(spans.keySet());
    }

    /// Where each parameter lies, in order.
    public SequencedMap<String, Span> spans() {
        return Collections.unmodifiableSequencedMap(spans);
    }

    public Span span(String name) {
        Span span = spans.get(name);
        if (span == null) {
            throw new IllegalArgumentException(
                    "coordinates: %s is not selected; there are %s".formatted(name, spans.keySet()));
        }
        return span;
    }

    /// A coordinate's parameter and indices in it, such as `model.embed_tokens.weight[17, 3]`.
    public String describe(int coordinate) {
        for (Parameters.Spec spec : specs) {
            Span span = spans.get(spec.name());
            int at = coordinate - span.from();
            if (at >= 0 && at < span.length()) {
                Deque<String> indices = new ArrayDeque<>();
                int[] dims = spec.shape().dims();
                for (int axis = dims.length - 1; axis >= 0; axis--) {
                    indices.push(Integer.toString(at % dims[axis]));
                    at /= dims[axis];
                }
                return spec.name() + "[" + String.join(", ", indices) + "]";
            }
        }
        throw new IllegalArgumentException(
                "coordinates: expected 0 to %d, got %d".formatted(dimension - 1, coordinate));
    }

    /// The vector that these parameters hold.
    public double[] read(Parameters from) {
        double[] vector = new double[dimension];
        spans.forEach(
                (name, span) -> {
                    double[] values = from.get(name).toDoubles();
                    System.arraycopy(values, 0, vector, span.from(), span.length());
                });
        return vector;
    }

    /// Overwrites the selected parameters with a vector, rounded to their type.
    public void write(double[] vector, Parameters into) {
        requireDimension(vector);
        try (TensorArena arena = into.backend().openStep()) {
            spans.forEach(
                    (name, span) -> {
                        Buffer wide = arena.allocate(DType.F64, span.length());
                        MemorySegment values =
                                MemorySegment.ofArray(vector)
                                        .asSlice(8L * span.from(), 8L * span.length());
                        into.backend().upload(values, wide);
                        into.backend().elementwise().copy(wide, into.get(name).buffer());
                    });
        }
        into.flat().markChanged();
    }

    void requireDimension(double[] vector) {
        if (vector.length != dimension) {
            throw new IllegalArgumentException(
                    "coordinates: expected a vector of %d numbers, got %d"
                            .formatted(dimension, vector.length));
        }
    }
}

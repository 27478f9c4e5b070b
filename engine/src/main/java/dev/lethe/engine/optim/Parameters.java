package dev.lethe.engine.optim;

import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Named tensors in one contiguous buffer, so that optimizer, clipping, perturbation and checkpoints
/// are one pass each. Gradients and moments use the same layout.
///
/// Each tensor begins at a multiple of 16 elements, 64 bytes of F32; the gaps are zero and stay
/// zero.
public final class Parameters implements AutoCloseable {
    private static final long MOST_ELEMENTS = 1L << 50; // beyond any machine; sums do not overflow
    private static final int ALIGNMENT = 16; // elements, so that all types have the same offsets

    /// A tensor's name and shape.
    public record Spec(String name, Shape shape) {}

    private final Backend backend;
    private final TensorArena arena;
    private final Buffer flat;
    private final List<Spec> specs;
    private final Map<String, Tensor> leaves = new LinkedHashMap<>();
    private final Map<String, Long> offsets = new LinkedHashMap<>();

    private Parameters(Backend backend, DType dtype, List<Spec> specs) {
        this.backend = backend;
        this.specs = List.copyOf(specs);
        long length = 0;
        for (Spec spec : specs) {
            if (offsets.put(spec.name(), length) != null) {
                throw new IllegalArgumentException(
                        "parameters: the name " + spec.name() + " occurs twice; names must differ");
            }
            if (spec.shape().size() > MOST_ELEMENTS - length) {
                throw new IllegalArgumentException(
                        "parameters: expected at most %d numbers in all, got more with %s%s; make the model smaller"
                                .formatted(MOST_ELEMENTS, spec.name(), spec.shape()));
            }
            length += aligned(spec.shape().size());
        }
        arena = backend.openLongLived();
        flat = arena.allocate(dtype, length);
        backend.elementwise().fill(0, flat);
        for (Spec spec : specs) {
            Buffer view = flat.slice(offsets.get(spec.name()), spec.shape().size());
            leaves.put(spec.name(), Tensor.leaf(backend, view, spec.shape(), true));
        }
    }

    /// Where a tensor begins that comes next after so many elements.
    static long aligned(long elements) {
        return (elements + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /// All zeros.
    public static Parameters allocate(Backend backend, DType dtype, List<Spec> specs) {
        return new Parameters(backend, dtype, specs);
    }

    /// Zeros of the same layout: a gradient, a moment.
    public Parameters zerosLike() {
        return new Parameters(backend, dtype(), specs);
    }

    /// The same values in memory of their own.
    public Parameters copy() {
        Parameters copy = zerosLike();
        copy.copyFrom(this);
        return copy;
    }

    /// Zeros of the same names, shapes and offsets in another element type: BF16 weights of F32
    /// masters.
    public Parameters zerosIn(DType other) {
        return new Parameters(backend, other, specs);
    }

    /// Overwrites all values with those of another set of the same names and shapes, converted to
    /// the type of this one.
    public void copyFrom(Parameters other) {
        requireSpecs("copyFrom", other);
        backend.elementwise().copy(other.flat, flat);
        flat.markChanged();
    }

    /// Fails unless `other` has the same names, shapes and element type.
    void requireLayout(String operation, Parameters other) {
        requireSpecs(operation, other);
        if (dtype() != other.dtype()) {
            throw new IllegalArgumentException(
                    "%s: expected values in %s, got %s; allocate them with zerosLike"
                            .formatted(operation, dtype(), other.dtype()));
        }
    }

    void requireSpecs(String operation, Parameters other) {
        if (!specs.equals(other.specs)) {
            int i = 0;
            while (i < Math.min(specs.size(), other.specs.size())
                    && specs.get(i).equals(other.specs.get(i))) {
                i++;
            }
            throw new IllegalArgumentException(
                    "%s: both sets must have one layout; at tensor %d expected %s, got %s"
                            .formatted(operation, i, specAt(i), other.specAt(i)));
        }
    }

    private String specAt(int i) {
        return i < specs.size() ? specs.get(i).name() + specs.get(i).shape() : "none";
    }

    public Backend backend() {
        return backend;
    }

    public DType dtype() {
        return flat.dtype();
    }

    /// Everything, gaps included.
    public Buffer flat() {
        return flat;
    }

    public List<Spec> specs() {
        return specs;
    }

    public List<String> names() {
        return specs.stream().map(Spec::name).toList();
    }

    /// The leaf of that name; the same handle every time.
    public Tensor get(String name) {
        Tensor leaf = leaves.get(name);
        if (leaf == null) {
            throw new IllegalArgumentException(
                    "parameters: no tensor is named %s; there are %s".formatted(name, names()));
        }
        return leaf;
    }

    public List<Tensor> get(List<String> names) {
        return names.stream().map(this::get).toList();
    }

    /// First element of a tensor in [#flat].
    public long offset(String name) {
        get(name);
        return offsets.get(name);
    }

    /// Number of values, gaps not counted.
    public long count() {
        return specs.stream().mapToLong(spec -> spec.shape().size()).sum();
    }

    @Override
    public void close() {
        arena.close();
    }
}

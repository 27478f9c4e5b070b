package dev.lethe.model.perturb;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.ElementwiseKernels;
import dev.lethe.engine.backend.PerturbationKernels;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.random.Distribution;
import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import java.util.Optional;

/// UNDO's shrink and perturb (Lee et al. 2025, arXiv 2506.06278; PAPER
/// 1.6): `theta' = (1 - alpha) theta + alpha beta n`.
///
/// For a matrix n is Xavier-uniform, `sqrt(6 / (rows + columns))` times numbers from [-1, 1)
/// (Glorot and Bengio 2010, equation 16). A norm's weight gets no noise and is shrunk alone: Gemma
/// multiplies by 1 + w, so it moves towards identity.
///
/// BF16 weights are mixed in F32 with F32 noise and rounded once. In mixed precision it is the
/// masters that are perturbed.
///
/// @param alpha how much is lost, from 0 (nothing) to 1 (everything)
/// @param beta strength of the noise, at least 0; 1 with alpha 1 is a fresh Xavier initialization
public record Perturbation(double alpha, double beta) {
    private static final long RANGE = 1 << 16; // elements in scratch memory at once
    private static final Distribution NOISE = new Distribution.Uniform(-1, 1);

    public Perturbation {
        if (!(alpha >= 0 && alpha <= 1)) {
            throw new IllegalArgumentException(
                    "perturb: alpha: expected 0 to 1, got "
                            + alpha
                            + "; 0 keeps the weights, 1 replaces them");
        }
        if (!(beta >= 0 && Double.isFinite(beta))) {
            throw new IllegalArgumentException(
                    "perturb: beta: expected a finite number, at least 0, got "
                            + beta
                            + "; 0 only shrinks");
        }
    }

    /// In place, with noise drawn from the seed: its bits depend on the seed, a parameter's place
    /// and the element alone.
    public void apply(Parameters parameters, long seed) {
        Backend backend = parameters.backend();
        Optional<PerturbationKernels> kernels = backend.perturbation(parameters.dtype());
        if (kernels.isPresent()) {
            for (int i = 0; i < parameters.specs().size(); i++) {
                Parameters.Spec spec = parameters.specs().get(i);
                Buffer weights = parameters.get(spec.name()).buffer();
                kernels.get().perturb(stream(seed, i), 1 - alpha, strength(spec), weights);
            }
            parameters.flat().markChanged();
            return;
        }
        perturb(
                parameters,
                (parameter, from, into) ->
                        backend.random().fill(stream(seed, parameter), from, NOISE, into));
    }

    private static PhiloxStream stream(long seed, int parameter) {
        return new PhiloxStream(seed, Purpose.PERTURBATION, parameter);
    }

    private double strength(Parameters.Spec spec) {
        return alpha * beta * xavierBound(spec.shape());
    }

    /// In place, with noise that is given.
    ///
    /// @param noise numbers from [-1, 1) in the layout of the parameters; those of norms are not
    ///     used
    public void apply(Parameters parameters, Parameters noise) {
        if (!parameters.specs().equals(noise.specs())) {
            throw new IllegalArgumentException(
                    "perturb: the noise has another layout; expected the parameters' names and"
                            + " shapes, make it with zerosLike()");
        }
        ElementwiseKernels elementwise = parameters.backend().elementwise();
        perturb(
                parameters,
                (parameter, from, into) -> {
                    String name = parameters.specs().get(parameter).name();
                    Buffer given = noise.get(name).buffer().slice(from, into.length());
                    elementwise.copy(given, into);
                });
    }

    /// The largest noise that a parameter of this shape meets; 0 for one that is no matrix.
    public static double xavierBound(Shape shape) {
        return shape.rank() == 2 ? Math.sqrt(6.0 / (shape.dim(0) + shape.dim(1))) : 0;
    }

    /// Where a range's noise comes from.
    private interface Noise {
        void fill(int parameter, long from, Buffer into);
    }

    private void perturb(Parameters parameters, Noise noise) {
        for (int i = 0; i < parameters.specs().size(); i++) {
            Parameters.Spec spec = parameters.specs().get(i);
            double strength = strength(spec);
            Buffer weights = parameters.get(spec.name()).buffer();
            for (long from = 0; from < weights.length(); from += RANGE) {
                long count = Math.min(RANGE, weights.length() - from);
                Buffer range = weights.slice(from, count);
                try (TensorArena arena = parameters.backend().openStep()) {
                    ElementwiseKernels elementwise = parameters.backend().elementwise();
                    DType type = range.dtype().accumulator(); // BF16 is rounded once, at the end
                    Buffer before = range;
                    if (type != range.dtype()) {
                        before = arena.allocate(type, count);
                        elementwise.copy(range, before);
                    }
                    Buffer result = arena.allocate(type, count);
                    elementwise.affine(1 - alpha, 0, before, result);
                    if (strength != 0) {
                        Buffer drawn = arena.allocate(type, count);
                        Buffer scaled = arena.allocate(type, count);
                        noise.fill(i, from, drawn);
                        elementwise.affine(strength, 0, drawn, scaled);
                        elementwise.addTo(scaled, result);
                    }
                    elementwise.copy(result, range);
                }
            }
        }
        parameters.flat().markChanged();
    }
}

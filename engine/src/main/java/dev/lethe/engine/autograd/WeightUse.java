package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Multiply.multiply;
import static dev.lethe.engine.autograd.RmsNorm.rmsNorm;

import dev.lethe.engine.memory.Shape;

/// One use of a weight on rows of B examples with T tokens, as [WeightTap] heard of it. Its part of
/// the weight's gradient is, for each example by itself, `sum over t of left_t right_t^T`: the
/// gradient of a single example without a pass of its own (Goodfellow 2015, "Efficient per-example
/// gradient computations").
///
/// Given g, the gradient of the use's output.
public sealed interface WeightUse {
    /// The leaf.
    Tensor weight();

    /// What the use made of it `[B,T,...]`, on the graph.
    Tensor output();

    /// `[B,T,m]`, without history.
    Tensor left(Tensor g);

    /// `[B,T,n]`, without history; a weight has m n elements.
    Tensor right(Tensor g);

    /// `y = x w^T`: left g, right x.
    record Linear(Tensor weight, Tensor input, Tensor output) implements WeightUse {
        @Override
        public Tensor left(Tensor g) {
            return g.detach();
        }

        @Override
        public Tensor right(Tensor g) {
            return input.detach();
        }
    }

    /// `y = x r (1 + w)`: left `g x r`, right 1.
    record Gain(Tensor weight, Tensor input, double epsilon, Tensor output)
            implements WeightUse {
        @Override
        public Tensor left(Tensor g) {
            return Recording.off(
                    () -> {
                        Tensor none = Tensor.zeros(weight.dtype(), weight.shape());
                        return multiply(g, rmsNorm(input, none, epsilon));
                    });
        }

        @Override
        public Tensor right(Tensor g) {
            return Tensor.filled(g.dtype(), g.shape().with(-1, 1), 1);
        }
    }

    /// `y = w[ids]`: left the id as a row of the identity, right g.
    record Lookup(Tensor weight, Tensor ids, Tensor output) implements WeightUse {
        @Override
        public Tensor left(Tensor g) {
            int rows = weight.shape().dim(0);
            int[] numbers = ids.toInts();
            double[] marks = new double[Math.multiplyExact(numbers.length, rows)];
            for (int i = 0; i < numbers.length; i++) {
                marks[i * rows + numbers[i]] = 1;
            }
            Shape shape = g.shape().with(-1, rows);
            return Tensor.of(g.dtype(), shape, marks);
        }

        @Override
        public Tensor right(Tensor g) {
            return g.detach();
        }
    }
}

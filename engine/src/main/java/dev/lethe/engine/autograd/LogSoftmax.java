package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Exp.exp;
import static dev.lethe.engine.autograd.Multiply.multiply;
import static dev.lethe.engine.autograd.Subtract.subtract;
import static dev.lethe.engine.autograd.Sum.sum;

/// Logarithm of the softmax over the last axis: `y_i = x_i - log(sum_j exp(x_j))`.
/// Gradient: `g - exp(y) sum_j g_j`.
public record LogSoftmax() implements Primitive {
    public static Tensor logSoftmax(Tensor x) {
        int width = x.shape().dim(x.axis("logSoftmax", -1));
        Tensor y = Tensor.result("logSoftmax", x.dtype(), x.shape(), x);
        y.backend().softmax().logSoftmax(width, x.buffer(), y.buffer());
        return Node.record(new LogSoftmax(), null, y, x);
    }

    @Override
    public Tensor[] backward(Node node, Tensor gradient, boolean[] needed) {
        Tensor probabilities = exp(node.output());
        return new Tensor[] {subtract(gradient, multiply(probabilities, sum(gradient, -1)))};
    }
}

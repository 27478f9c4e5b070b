package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Multiply.multiply;
import static dev.lethe.engine.autograd.Subtract.subtract;
import static dev.lethe.engine.autograd.Sum.sum;

/// Softmax over the last axis: `y_i = exp(x_i) / sum_j exp(x_j)`.
/// Gradient: `y (g - sum_j g_j y_j)`.
public record Softmax() implements Primitive {
    public static Tensor softmax(Tensor x) {
        int width = x.shape().dim(x.axis("softmax", -1));
        Tensor y = Tensor.result("softmax", x.dtype(), x.shape(), x);
        y.backend().softmax().softmax(width, x.buffer(), y.buffer());
        return Node.record(new Softmax(), null, y, x);
    }

    @Override
    public Tensor[] backward(Node node, Tensor gradient, boolean[] needed) {
        Tensor y = node.output();
        return new Tensor[] {multiply(y, subtract(gradient, sum(multiply(gradient, y), -1)))};
    }
}

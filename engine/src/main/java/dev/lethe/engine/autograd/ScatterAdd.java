package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Gather.gather;

import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import java.util.Arrays;

/// Rows added into a zero table by number, `y[ids[i]] += x[i]`: the adjoint of [Gather].
/// x `[..., W]`, ids `[...]`, y `[rows, W]`. Gradient of x: g gathered.
///
/// @param ids I32 row numbers, from 0 to rows-1
public record ScatterAdd(Tensor ids) implements Primitive {
    public static Tensor scatterAdd(Tensor x, Tensor ids, int rows) {
        int width = x.shape().dim(x.axis("scatterAdd", -1));
        int[] leading = Arrays.copyOf(x.shape().dims(), x.shape().rank() - 1);
        if (!ids.shape().equals(Shape.of(leading)) || ids.dtype() != DType.I32) {
            throw new IllegalArgumentException(
                    "scatterAdd: expected I32 ids of x's leading dimensions, one a row, got x %s and ids %s"
                            .formatted(x, ids));
        }
        Tensor y = Tensor.result("scatterAdd", x.dtype(), Shape.of(rows, width), x, ids);
        y.backend().elementwise().fill(0, y.buffer());
        y.backend().gather().scatterAdd(width, x.buffer(), ids.buffer(), y.buffer());
        return Node.record(new ScatterAdd(ids), null, y, x);
    }

    @Override
    public Tensor[] backward(Node node, Tensor gradient, boolean[] needed) {
        return new Tensor[] {gather(gradient, ids)};
    }
}

package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.Gather.gather;

import dev.lethe.engine.memory.Shape;

/// Rows added into a zero table by number, `y[ids[i]] += x[i]`: the adjoint of [Gather].
/// x `[..., W]`, ids `[...]`, y `[rows, W]`. Gradient of x: g gathered.
///
/// @param ids I32 row numbers, from 0 to rows-1
public record ScatterAdd(Tensor ids) implements Primitive {
    public static Tensor scatterAdd(Tensor x, Tensor ids, int rows) {
        int width = x.shape().dim(-1);
        if (ids.shape().size() * width != x.shape().size()) {
            throw new IllegalArgumentException(
                    "scatterAdd: expected one id a row of x, got x %s and ids %s"
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

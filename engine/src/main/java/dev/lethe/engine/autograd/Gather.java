package dev.lethe.engine.autograd;

import static dev.lethe.engine.autograd.ScatterAdd.scatterAdd;

import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import java.util.Arrays;

/// Rows of a table by number: `y[i] = table[ids[i]]`, table `[R, W]`, ids `[...]`, y `[..., W]`.
/// Gradient of the table: g added up by id.
///
/// @param ids I32 row numbers, from 0 to R-1
public record Gather(Tensor ids) implements Primitive {
    public static Tensor gather(Tensor table, Tensor ids) {
        if (table.shape().rank() != 2 || ids.dtype() != DType.I32) {
            throw new IllegalArgumentException(
                    "gather: expected a table [rows, width] and I32 ids, got %s and %s"
                            .formatted(table, ids));
        }
        int rank = ids.shape().rank();
        int[] dims = Arrays.copyOf(ids.shape().dims(), rank + 1);
        dims[rank] = table.shape().dim(1);
        Tensor y = Tensor.result("gather", table.dtype(), Shape.of(dims), table, ids);
        y.backend()
                .gather()
                .gather(dims[rank], table.buffer(), ids.buffer(), y.buffer());
        Tensor found = Node.record(new Gather(ids), null, y, table);
        if (WeightTap.isOpen()) {
            WeightTap.hear(new WeightUse.Lookup(table, ids, found));
        }
        return found;
    }

    @Override
    public Tensor[] backward(Node node, Tensor gradient, boolean[] needed) {
        return node.gradients(scatterAdd(gradient, ids, node.input(0).shape().dim(0)));
    }

    @Override
    public boolean backwardInto(
            Node node, Tensor gradient, int input, Tensor into, boolean add) {
        if (!add) {
            into.backend().elementwise().fill(0, into.buffer());
        }
        into.backend()
                .gather()
                .scatterAdd(
                        into.shape().dim(1), gradient.buffer(), ids.buffer(), into.buffer());
        return true;
    }
}

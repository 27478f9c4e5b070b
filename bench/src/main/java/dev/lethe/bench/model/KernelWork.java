package dev.lethe.bench.model;

import dev.lethe.bench.results.Work;
import dev.lethe.engine.backend.AttentionKernels.Heads;
import dev.lethe.engine.backend.LinearLossKernels.Head;
import dev.lethe.engine.backend.LinearLossKernels.Wanted;
import dev.lethe.engine.backend.MatMulKernels.Product;
import dev.lethe.engine.memory.Buffer;

/// What a call of a kernel has to do, from its arguments: the arithmetic of its matrix products,
/// visible pairs alone in attention, and each buffer once.
final class KernelWork {
    private KernelWork() {}

    static Work of(String method, Object[] args) {
        double flops = 0;
        double bytes = 0;
        double product = 0; // of a loss head's logits
        for (Object arg : args) {
            switch (arg) {
                case Buffer buffer -> bytes += buffer.bytes();
                case Product p -> flops += 2.0 * p.batch() * p.m() * p.n() * p.k();
                case Heads heads ->
                        flops +=
                                pairs(heads)
                                        * heads.headDim()
                                        * (method.equals("forward") ? 4 : 10);
                case Head head -> {
                    product = 2.0 * head.rows() * head.width() * head.vocabulary();
                    flops += product;
                    bytes += head.hidden().bytes() + head.weight().bytes();
                }
                case Wanted wanted -> {
                    flops += wanted.dHidden() == null ? 0 : product;
                    flops += wanted.dWeight() == null ? 0 : product;
                    bytes += bytes(wanted);
                }
                case Record record -> bytes += bytes(record);
                case null, default -> {}
            }
        }
        return Work.of(flops, bytes);
    }

    /// ` NT` and the like for a product, else nothing.
    static String form(Object[] args) {
        return args[0] instanceof Product p
                ? " " + (p.transposeA() ? "T" : "N") + (p.transposeB() ? "T" : "N")
                : "";
    }

    private static double pairs(Heads heads) {
        double pairs = 0;
        for (int i = 0; i < heads.queries(); i++) {
            pairs += Math.min(heads.window(), heads.keys() - heads.queries() + i + 1);
        }
        return pairs * heads.batch() * heads.heads();
    }

    private static double bytes(Record record) {
        double bytes = 0;
        for (var component : record.getClass().getRecordComponents()) {
            if (component.getType() == Buffer.class) {
                try {
                    Object buffer = component.getAccessor().invoke(record);
                    bytes += buffer == null ? 0 : ((Buffer) buffer).bytes();
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException("a kernel's record is not readable", e);
                }
            }
        }
        return bytes;
    }
}

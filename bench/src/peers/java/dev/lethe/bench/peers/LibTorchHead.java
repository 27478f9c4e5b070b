package dev.lethe.bench.peers;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// A loss head with its gradients: all logits, soft-capped, then cross-entropy or KL.
final class LibTorchHead {
    private static final double SOFT_CAP = 30;
    private static final long SUM = 2; // at::Reduction::Sum

    private final boolean kl;
    private final long rows;
    private final Tensor hidden;
    private final Tensor weight;
    private final Tensor taught;
    private final Tensor teacher;
    private final Tensor targets;

    LibTorchHead(boolean kl, int rows, int width, int vocabulary) {
        this.kl = kl;
        this.rows = rows;
        hidden = normal(1, rows, width).set_requires_grad(true);
        weight = normal(0.02, vocabulary, width).set_requires_grad(true);
        taught = kl ? normal(1, rows, width) : null;
        teacher = kl ? normal(0.02, vocabulary, width) : null;
        long[] ids = new long[rows];
        for (int i = 0; i < rows; i++) {
            ids[i] = i * 7L % vocabulary;
        }
        targets = Tensor.create(ids);
    }

    private static Tensor normal(double deviation, long... shape) {
        return torch.randn(shape).mul_(new Scalar(deviation)).detach();
    }

    private static Tensor logits(Tensor x, Tensor w) {
        Scalar cap = new Scalar(SOFT_CAP);
        return torch.linear(x, w).div(cap).tanh().mul(cap);
    }

    double once() {
        try (PointerScope _ = new PointerScope()) {
            hidden.mutable_grad().reset();
            weight.mutable_grad().reset();
            Tensor loss =
                    kl
                            ? divergence()
                            : torch.cross_entropy_loss(logits(hidden, weight), targets);
            loss.backward();
            return loss.item_float();
        }
    }

    private Tensor divergence() {
        Tensor fixed;
        try (NoGradGuard _ = new NoGradGuard()) {
            fixed = torch.log_softmax(logits(taught, teacher), -1);
        }
        Tensor student = torch.log_softmax(logits(hidden, weight), -1);
        return torch.kl_div(student, fixed, SUM, true).div(new Scalar((double) rows));
    }

    long gradientBytes() {
        return 4 * (hidden.numel() + weight.numel());
    }
}

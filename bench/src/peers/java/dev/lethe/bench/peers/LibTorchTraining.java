package dev.lethe.bench.peers;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// Pretraining of a Gemma 2 model in LibTorch: forward, backward, clipping at norm 1, AdamW without
/// decay.
///
/// B rows, T tokens, H hidden, N query heads, K key heads, G = N / K, D head width. Every layer
/// attends to the whole row, as in Lethe's configurations (a sliding window of T is the same).
final class LibTorchTraining {
    private record Size(
            int hidden, int layers, int heads, int keys, int width, int mlp, int vocabulary,
            int tokens, int rows) {
        static Size of(String name) {
            return switch (name) {
                case "XS" -> new Size(64, 4, 4, 2, 16, 256, 260, 12, 256);
                case "S" -> new Size(128, 4, 4, 2, 32, 512, 256, 64, 64);
                case "M" -> new Size(320, 6, 8, 4, 64, 1280, 2048, 256, 8);
                default -> throw new IllegalArgumentException("expected XS, S or M, got " + name);
            };
        }
    }

    private record Layer(
            Tensor query, Tensor key, Tensor value, Tensor output, Tensor gate, Tensor up,
            Tensor down,
            Tensor norm1, Tensor norm2, Tensor norm3, Tensor norm4) {}

    private static final double CLIP = 1;

    private final Size size;
    private final List<Tensor> parameters = new ArrayList<>();
    private final List<Layer> layers = new ArrayList<>();
    private final Tensor embedding;
    private final Tensor finalNorm;
    private final Tensor cos;
    private final Tensor sin; // the sign of rotate-half folded in
    private final Tensor mask;
    private final TensorVector all;
    private final AdamW optimizer;
    private final Tensor ids;
    private final Tensor targets;

    LibTorchTraining(String configuration) {
        size = Size.of(configuration);
        embedding = matrix(size.vocabulary, size.hidden);
        for (int i = 0; i < size.layers; i++) {
            layers.add(layer());
        }
        finalNorm = zeros();
        float[] cosines = new float[size.tokens * size.width];
        float[] sines = new float[cosines.length];
        int half = size.width / 2;
        for (int t = 0; t < size.tokens; t++) {
            for (int i = 0; i < half; i++) {
                double angle = t / Math.pow(10_000, 2.0 * i / size.width);
                int at = t * size.width + i;
                cosines[at] = cosines[at + half] = (float) Math.cos(angle);
                sines[at] = (float) -Math.sin(angle);
                sines[at + half] = (float) Math.sin(angle);
            }
        }
        cos = Tensor.create(cosines).view(size.tokens, size.width);
        sin = Tensor.create(sines).view(size.tokens, size.width);
        float[] hidden = new float[size.tokens * size.tokens];
        for (int i = 0; i < size.tokens; i++) {
            for (int j = i + 1; j < size.tokens; j++) {
                hidden[i * size.tokens + j] = -1e30f;
            }
        }
        mask = Tensor.create(hidden).view(size.tokens, size.tokens);
        all = new TensorVector(parameters.toArray(new Tensor[0]));
        AdamWOptions options = new AdamWOptions(1e-3);
        options.weight_decay().put(0);
        optimizer = new AdamW(all, options);
        Random random = new Random(7);
        long[] tokens = new long[size.rows * size.tokens];
        long[] next = new long[tokens.length];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = random.nextInt(size.vocabulary);
            next[i] = (tokens[i] * 7 + 3) % size.vocabulary;
        }
        ids = Tensor.create(tokens).view(size.rows, size.tokens);
        targets = Tensor.create(next);
    }

    private Layer layer() {
        int queries = size.heads * size.width;
        int keys = size.keys * size.width;
        return new Layer(
                matrix(queries, size.hidden),
                matrix(keys, size.hidden),
                matrix(keys, size.hidden),
                matrix(size.hidden, queries),
                matrix(size.mlp, size.hidden),
                matrix(size.mlp, size.hidden),
                matrix(size.hidden, size.mlp),
                zeros(),
                zeros(),
                zeros(),
                zeros());
    }

    private Tensor matrix(long rows, long columns) {
        return parameter(torch.randn(rows, columns).mul(new Scalar(0.02)));
    }

    private Tensor zeros() {
        return parameter(torch.zeros(size.hidden));
    }

    private Tensor parameter(Tensor values) {
        Tensor leaf = values.detach().set_requires_grad(true);
        parameters.add(leaf);
        return leaf;
    }

    private static Tensor norm(Tensor x, Tensor weight) {
        Tensor square = x.mul(x).mean(new long[] {-1}, true, new ScalarTypeOptional());
        Tensor r = square.add(new Scalar(1e-6)).rsqrt();
        return x.mul(r).mul(weight.add(new Scalar(1.0)));
    }

    private Tensor rope(Tensor x) { // [..., T, D]
        long half = size.width / 2;
        Tensor a = x.narrow(-1, 0, half);
        Tensor b = x.narrow(-1, half, half);
        return x.mul(cos).add(torch.cat(new TensorVector(b, a), -1).mul(sin));
    }

    private Tensor attention(Tensor y, Layer layer) {
        long b = size.rows;
        long t = size.tokens;
        long k = size.keys;
        long g = size.heads / size.keys;
        long d = size.width;
        Tensor q = torch.linear(y, layer.query).view(b, t, k, g, d).permute(0, 2, 3, 1, 4);
        Tensor keys = rope(torch.linear(y, layer.key).view(b, t, k, d).permute(0, 2, 1, 3));
        Tensor values = torch.linear(y, layer.value).view(b, t, k, d).permute(0, 2, 1, 3);
        Tensor scaled = rope(q).mul(new Scalar(1 / Math.sqrt(d))).reshape(b, k, g * t, d);
        Scalar cap = new Scalar(50.0);
        Tensor scores = torch.matmul(scaled, keys.transpose(-1, -2)).div(cap).tanh().mul(cap);
        Tensor p = torch.softmax(scores.view(b, k, g, t, t).add(mask), -1).view(b, k, g * t, t);
        Tensor o = torch.matmul(p, values).view(b, k, g, t, d).permute(0, 3, 1, 2, 4);
        return torch.linear(o.reshape(b, t, size.heads * d), layer.output); // [B,T,H]
    }

    private Tensor loss() {
        Tensor x = torch.embedding(embedding, ids).mul(new Scalar(Math.sqrt(size.hidden)));
        for (Layer layer : layers) {
            x = x.add(norm(attention(norm(x, layer.norm1), layer), layer.norm2));
            Tensor y = norm(x, layer.norm3);
            Tensor gate = torch.gelu(torch.linear(y, layer.gate), "tanh");
            Tensor mlp = torch.linear(gate.mul(torch.linear(y, layer.up)), layer.down);
            x = x.add(norm(mlp, layer.norm4));
        }
        Scalar cap = new Scalar(30.0);
        Tensor logits = torch.linear(norm(x, finalNorm), embedding).div(cap).tanh().mul(cap);
        return torch.cross_entropy_loss(
                logits.view((long) size.rows * size.tokens, size.vocabulary), targets);
    }

    /// One step; the loss before it.
    double step() {
        try (PointerScope _ = new PointerScope()) {
            optimizer.zero_grad();
            Tensor loss = loss();
            loss.backward();
            torch.clip_grad_norm_(all, CLIP);
            optimizer.step();
            return loss.item_float();
        }
    }
}

package dev.lethe.model.gemma2;

import static dev.lethe.engine.autograd.Affine.scale;
import static dev.lethe.engine.autograd.Gather.gather;
import static dev.lethe.engine.autograd.Reshape.reshape;
import static dev.lethe.engine.autograd.RmsNorm.rmsNorm;
import static dev.lethe.engine.autograd.Slice.slice;

import dev.lethe.engine.autograd.LinearHead;
import dev.lethe.engine.autograd.Recording;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.optim.Parameters;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// A Gemma 2 language model (Gemma Team 2024): configuration, parameters, forward pass.
///
/// In mixed precision ([Precision#BF16]) the parameters that the forward pass reads are the rounded
/// [#masters], which are what is trained and stored; elsewhere both are one.
///
/// Dimensions: B rows, T tokens, H hidden, V vocabulary.
public final class Gemma2 implements AutoCloseable {
    private static final String EMBEDDING = "model.embed_tokens.weight";

    private final Gemma2Config config;
    private final Parameters parameters;
    private final Parameters masters; // the parameters themselves but for mixed precision
    private final Tensor embedding; // [V,H], input table and output head in one
    private final List<Block> blocks;
    private final Tensor finalNorm; // [H]

    public Gemma2(Gemma2Config config, Parameters parameters) {
        this(config, parameters, parameters);
    }

    private Gemma2(Gemma2Config config, Parameters parameters, Parameters masters) {
        this.config = config;
        this.parameters = parameters;
        this.masters = masters;
        this.embedding = parameters.get(EMBEDDING);
        this.blocks =
                IntStream.range(0, config.layers())
                        .mapToObj(layer -> new Block(config, layer, parameters))
                        .toList();
        this.finalNorm = parameters.get("model.norm.weight");
    }

    /// A model whose parameters are all zero, to be initialised or loaded.
    public static Gemma2 allocate(Gemma2Config config, Backend backend, DType dtype) {
        return new Gemma2(config, Parameters.allocate(backend, dtype, specs(config)));
    }

    /// As above, with masters of their own where the precision has them.
    public static Gemma2 allocate(Gemma2Config config, Backend backend, Precision precision) {
        Parameters parameters = Parameters.allocate(backend, precision.weights(), specs(config));
        return new Gemma2(config, parameters, mastersOf(parameters, precision.masters()));
    }

    private static Parameters mastersOf(Parameters parameters, DType dtype) {
        return dtype == parameters.dtype() ? parameters : parameters.zerosIn(dtype);
    }

    /// HF names and shapes in their order of storage.
    public static List<Parameters.Spec> specs(Gemma2Config config) {
        return config.parameterShapes().stream()
                .map(shape -> new Parameters.Spec(shape.name(), Shape.of(shape.dimensions().stream().mapToInt(Integer::intValue).toArray())))
                .toList();
    }

    /// The same weights in memory of their own.
    public Gemma2 copy() {
        Parameters weights = parameters.copy();
        return new Gemma2(config, weights, masters == parameters ? weights : masters.copy());
    }

    public Gemma2Config config() {
        return config;
    }

    /// What the forward pass reads and gradients are taken of.
    public Parameters parameters() {
        return parameters;
    }

    /// What is trained, stored, initialised and perturbed. After each change the caller calls
    /// [#roundMasters].
    public Parameters masters() {
        return masters;
    }

    /// Sets the parameters to the nearest numbers of their type; nothing where masters and
    /// parameters are one.
    public void roundMasters() {
        if (masters != parameters) {
            parameters.copyFrom(masters);
        }
    }

    /// All layers.
    ///
    /// @param ids I32 `[B,T]`, each in the vocabulary; row position is the index, padding on the right
    public Activations forward(Tensor ids) {
        return forward(ids, config.layers(), null);
    }

    /// The layers up to and including 0-based `layer`, without the final norm.
    public Activations forwardThrough(int layer, Tensor ids) {
        if (layer < 0 || layer >= config.layers()) {
            throw new IllegalArgumentException(
                    "layer: expected 0 to %d, got %d".formatted(config.layers() - 1, layer));
        }
        return forward(ids, layer + 1, null);
    }

    /// Logits `[B,V]` of the last position of new tokens that follow those in the cache.
    public Tensor nextLogits(Tensor ids, KvCache cache) {
        return Recording.off(
                () -> {
                    Tensor last = forward(ids, config.layers(), cache).lastHidden();
                    Tensor row =
                            slice(
                                    last, 1, last.shape().dim(1) - 1, 1);
                    Tensor flat =
                            reshape(
                                    row, Shape.of(last.shape().dim(0), config.hiddenSize()));
                    return head(flat).logits();
                });
    }

    private Activations forward(Tensor ids, int depth, KvCache cache) {
        if (ids.shape().rank() != 2) {
            throw new IllegalArgumentException("forward: expected ids [B,T], got " + ids);
        }
        Tensor embeddings =
                scale(gather(embedding, ids), Math.sqrt(config.hiddenSize())); // [B,T,H]
        Tensor x = embeddings;
        List<Activations.Layer> layers = new ArrayList<>(depth);
        for (int i = 0; i < depth; i++) {
            KvCache.Layer seen = cache == null ? KvCache.None.NONE : cache.layer(i);
            Activations.Layer layer = blocks.get(i).forward(x, seen);
            layers.add(layer);
            x = layer.residual();
        }
        boolean whole = depth == config.layers();
        Tensor last = whole ? normed(x) : null;
        return ForwardPass.tell(
                this, ids, new Activations(embeddings, List.copyOf(layers), last));
    }

    /// The tied output head over hidden states `[..., H]`.
    public LinearHead head(Tensor lastHidden) {
        return new LinearHead(lastHidden, embedding, config.finalSoftCap().orElse(0));
    }

    /// The output head on a residual stream `[..., H]` of any depth, which takes the final norm
    /// first.
    public LinearHead earlyHead(Tensor residual) {
        return head(normed(residual));
    }

    private Tensor normed(Tensor residual) {
        return rmsNorm(residual, finalNorm, config.rmsNormEpsilon());
    }

    @Override
    public void close() {
        parameters.close();
        if (masters != parameters) {
            masters.close();
        }
    }
}

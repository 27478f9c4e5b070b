package dev.lethe.model.gemma2;

import static dev.lethe.engine.autograd.Add.add;
import static dev.lethe.engine.autograd.Geglu.geglu;
import static dev.lethe.engine.autograd.MatMul.linear;
import static dev.lethe.engine.autograd.Reshape.reshape;
import static dev.lethe.engine.autograd.RmsNorm.rmsNorm;
import static dev.lethe.engine.autograd.Rope.rope;

import dev.lethe.engine.autograd.Attention;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.optim.Parameters;

/// One decoder layer (Gemma Team 2024, "Gemma 2", section 2 and table 1): attention and a gated MLP, each
/// normalised before and after, each added to the residual stream.
///
/// Dimensions: B rows, T tokens, H hidden, N query heads, K key heads, D head width, I MLP width.
final class Block {
    private final Gemma2Config config;
    private final Attention attention;
    private final Tensor attentionPreNorm; // [H]
    private final Tensor query; // [N D, H]
    private final Tensor key; // [K D, H]
    private final Tensor value; // [K D, H]
    private final Tensor output; // [H, N D]
    private final Tensor attentionPostNorm; // [H]
    private final Tensor mlpPreNorm; // [H]
    private final Tensor gate; // [I, H]
    private final Tensor up; // [I, H]
    private final Tensor down; // [H, I]
    private final Tensor mlpPostNorm; // [H]

    Block(Gemma2Config config, int layer, Parameters parameters) {
        this.config = config;
        boolean sliding = config.layerKinds().get(layer) == AttentionKind.SLIDING;
        this.attention =
                new Attention(
                        1 / Math.sqrt(config.queryPreAttnScalar()),
                        config.attentionSoftCap().orElse(0),
                        sliding ? config.slidingWindow() : Integer.MAX_VALUE);
        String prefix = "model.layers." + layer + ".";
        attentionPreNorm = parameters.get(prefix + "input_layernorm.weight");
        query = parameters.get(prefix + "self_attn.q_proj.weight");
        key = parameters.get(prefix + "self_attn.k_proj.weight");
        value = parameters.get(prefix + "self_attn.v_proj.weight");
        output = parameters.get(prefix + "self_attn.o_proj.weight");
        attentionPostNorm = parameters.get(prefix + "post_attention_layernorm.weight");
        mlpPreNorm = parameters.get(prefix + "pre_feedforward_layernorm.weight");
        gate = parameters.get(prefix + "mlp.gate_proj.weight");
        up = parameters.get(prefix + "mlp.up_proj.weight");
        down = parameters.get(prefix + "mlp.down_proj.weight");
        mlpPostNorm = parameters.get(prefix + "post_feedforward_layernorm.weight");
    }

    Activations.Layer forward(Tensor x, KvCache.Layer cache) { // [B,T,H]
        Tensor a = attend(norm(x, attentionPreNorm), cache); // [B,T,H]
        Tensor h = add(x, norm(a, attentionPostNorm)); // [B,T,H]
        Tensor n = norm(h, mlpPreNorm); // [B,T,H]
        Tensor m = linear(geglu(linear(n, gate), linear(n, up)), down); // [B,T,I] -> [B,T,H]
        Tensor y = add(h, norm(m, mlpPostNorm)); // [B,T,H]
        return new Activations.Layer(a, m, y);
    }

    private Tensor attend(Tensor x, KvCache.Layer cache) { // [B,T,H]
        int past = cache.length();
        Tensor q = rope(heads(linear(x, query), config.heads()), config.ropeTheta(), past); // [B,T,N,D]
        Tensor k = rope(heads(linear(x, key), config.kvHeads()), config.ropeTheta(), past); // [B,T,K,D]
        Tensor v = heads(linear(x, value), config.kvHeads()); // [B,T,K,D]
        KvCache.KeysValues all = cache.append(k, v); // [B,past+T,K,D]
        Tensor y = attention.attend(q, all.keys(), all.values()); // [B,T,N,D]
        Shape flat = x.shape().with(-1, config.heads() * config.headDim());
        return linear(reshape(y, flat), output); // [B,T,H]
    }

    private Tensor heads(Tensor x, int count) { // [B,T,count D] -> [B,T,count,D]
        Shape shape = x.shape();
        return reshape(x, Shape.of(shape.dim(0), shape.dim(1), count, config.headDim()));
    }

    private Tensor norm(Tensor x, Tensor weight) {
        return rmsNorm(x, weight, config.rmsNormEpsilon());
    }
}

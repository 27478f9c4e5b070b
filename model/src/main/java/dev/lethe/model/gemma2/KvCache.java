package dev.lethe.model.gemma2;

import static dev.lethe.engine.autograd.Add.add;
import static dev.lethe.engine.autograd.Pad.pad;

import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.Shape;

/// Keys and values of the tokens seen so far, so that generation computes only new ones.
///
/// The cache lives in an arena of its own; each append makes a longer copy there and frees the last, so
/// one holds `2 layers B T K D` elements. Values only: no gradient flows through it.
public final class KvCache implements AutoCloseable {
    private final Held[] layers;

    public KvCache(int layers) {
        this.layers = new Held[layers];
        for (int i = 0; i < layers; i++) {
            this.layers[i] = new Held();
        }
    }

    /// Tokens cached.
    public int length() {
        return layers[0].length();
    }

    Layer layer(int i) {
        return layers[i];
    }

    @Override
    public void close() {
        for (Held layer : layers) {
            layer.close();
        }
    }

    record KeysValues(Tensor keys, Tensor values) {}

    /// What a block sees of the cache.
    sealed interface Layer permits None, Held {
        int length();

        KeysValues append(Tensor keys, Tensor values);
    }

    /// Training and evaluation: every token is new.
    record None() implements Layer {
        static final None NONE = new None();

        @Override
        public int length() {
            return 0;
        }

        @Override
        public KeysValues append(Tensor keys, Tensor values) {
            return new KeysValues(keys, values);
        }
    }

    static final class Held implements Layer {
        private TensorArena arena;
        private KeysValues held;

        @Override
        public int length() {
            return held == null ? 0 : held.keys().shape().dim(1);
        }

        @Override
        public KeysValues append(Tensor keys, Tensor values) {
            int past = length();
            int total = past + keys.shape().dim(1);
            Tensor allKeys = past == 0 ? keys : joined(held.keys(), keys, total);
            Tensor allValues = past == 0 ? values : joined(held.values(), values, total);
            TensorArena next = keys.backend().openLongLived();
            KeysValues kept = new KeysValues(keep(next, allKeys), keep(next, allValues));
            close();
            arena = next;
            held = kept;
            return kept;
        }

        private static Tensor joined(Tensor before, Tensor after, int total) {
            return add(
                    pad(before, 1, 0, total), pad(after, 1, before.shape().dim(1), total));
        }

        private static Tensor keep(TensorArena arena, Tensor tensor) {
            Backend backend = tensor.backend();
            Buffer copy = arena.allocate(tensor.dtype(), tensor.shape().size());
            backend.elementwise().copy(tensor.buffer(), copy);
            Shape shape = tensor.shape();
            return Tensor.leaf(backend, copy, shape, false);
        }

        void close() {
            if (arena != null) {
                arena.close();
                arena = null;
                held = null;
            }
        }
    }
}

package dev.lethe.bench.model;

import dev.lethe.bench.results.Counters;
import dev.lethe.bench.results.Measured;
import dev.lethe.bench.results.Work;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.gemma2.KvCache;
import dev.lethe.model.generate.Generator;
import dev.lethe.model.generate.Sampling;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/// Greedy continuation of prompts of 16 tokens by 32 tokens, one thread. A batch of 1 goes through
/// `Generator`; larger ones, which it does not take, through the model and its cache. What binds is
/// the reading of all weights for each token, or their arithmetic in a large batch.
public class GenerateBenchmark extends Measured {
    private static final int PROMPT = 16;
    private static final int NEW = 32;

    @Param({"XS", "S", "M"})
    String configuration;

    @Param({"1", "64"})
    int batch;

    private Gemma2 model;
    private Generator generator;
    private int[] prompts;
    private Work work;

    @Override
    protected void prepare() {
        Gemma2Config config = Configuration.valueOf(configuration).config();
        model = Configuration.model(config, backend, DType.F32);
        prompts = Configuration.batch(config, batch, PROMPT).ids();
        int[] first = Arrays.copyOf(prompts, PROMPT);
        int[][] found = continued();
        int[] expected = recomputed(first);
        // No text may end early: its end is a token that it does not have.
        int absent =
                IntStream.rangeClosed(0, NEW)
                        .filter(id -> !contains(expected, id))
                        .findFirst()
                        .orElseThrow();
        generator =
                new Generator(
                        new Gemma2(
                                config.toBuilder().eosId(absent).build(), model.parameters()),
                        Sampling.GREEDY);
        Checks.requireEqual("generate: row 0", expected, found[0]);
        if (batch == 1) {
            Checks.requireEqual("generate", expected, generated());
        }
        double flops = batch * CausalFlops.forward(config, PROMPT + NEW);
        work = Work.of(flops, 4.0 * NEW * model.parameters().count());
    }

    /// Every token from the whole text before it, without a cache.
    private int[] recomputed(int[] prompt) {
        int[] text = prompt;
        for (int i = 0; i < NEW; i++) {
            try (TensorArena _ = backend.openStep();
                    KvCache none = new KvCache(model.config().layers())) {
                Tensor ids = Tensor.ofInts(Shape.of(1, text.length), text);
                double[] logits = model.nextLogits(ids, none).toDoubles();
                text = Arrays.copyOf(text, text.length + 1);
                text[text.length - 1] = likeliest(logits, 0, logits.length);
            }
        }
        return Arrays.copyOfRange(text, PROMPT, text.length);
    }

    private int[] generated() {
        return generator.generate(prompts, NEW).ids();
    }

    private static boolean contains(int[] ids, int id) {
        return Arrays.stream(ids).anyMatch(other -> other == id);
    }

    private int[][] continued() {
        int[][] texts = new int[batch][NEW];
        int[] unseen = prompts;
        try (KvCache cache = new KvCache(model.config().layers())) {
            for (int at = 0; at < NEW; at++) {
                try (TensorArena _ = backend.openStep()) {
                    Tensor ids = Tensor.ofInts(Shape.of(batch, unseen.length / batch), unseen);
                    double[] logits = model.nextLogits(ids, cache).toDoubles();
                    int vocabulary = logits.length / batch;
                    unseen = new int[batch];
                    for (int row = 0; row < batch; row++) {
                        unseen[row] = likeliest(logits, row * vocabulary, vocabulary);
                        texts[row][at] = unseen[row];
                    }
                }
            }
        }
        return texts;
    }

    private static int likeliest(double[] logits, int from, int count) {
        int best = 0;
        for (int i = 1; i < count; i++) {
            best = logits[from + i] > logits[from + best] ? i : best;
        }
        return best;
    }

    /// All new tokens of all rows.
    @Benchmark
    public Object generate(Counters counters) {
        Object texts = batch == 1 ? generated() : continued();
        counters.add(work);
        counters.tokens += batch * NEW;
        return texts;
    }

    @Override
    protected void release() {
        model.close();
    }
}

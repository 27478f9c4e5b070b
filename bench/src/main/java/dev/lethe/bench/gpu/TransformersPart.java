package dev.lethe.bench.gpu;

import dev.lethe.bench.model.Configuration;
import dev.lethe.engine.autograd.Recording;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.kernels.Backends;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Checkpoint;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.gemma2.Gemma2Presets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;

/// A checkpoint that Lethe wrote, loaded in Hugging Face's transformers: the logits agree.
final class TransformersPart implements Part {
    private static final int ROWS = 3;
    private static final int TOKENS = 17;
    private static final double AGREEMENT = 1e-4; // F32 on both sides
    private static final Duration MOST = Duration.ofSeconds(300); // the first import

    @Override
    public String name() {
        return "transformers";
    }

    @Override
    public String about() {
        return "a checkpoint of Lethe's in transformers, whose logits agree with those on the GPU";
    }

    @Override
    public Optional<String> missing(Setting setting) {
        return Python.refuses(setting, "import torch, transformers")
                .map(
                        why ->
                                "no transformers in python3 or LETHE_PYTHON: %s".formatted(why));
    }

    @Override
    public void run(Setting setting, Findings findings) throws Exception {
        Gemma2Config config = Gemma2Presets.BENCHMARK_S;
        int[] ids =
                new SplittableRandom(3)
                        .ints((long) ROWS * TOKENS, 3, config.vocabSize())
                        .toArray();
        Path checkpoint = setting.folder().resolve("checkpoint");
        double[] own = logits(config, ids, checkpoint);
        Path rows = setting.folder().resolve("ids.json");
        Path out = setting.folder().resolve("logits.f32");
        Files.writeString(rows, json(ids));
        Child child =
                Python.run(
                        setting,
                        "transformers_logits.py",
                        "transformers-logits.log",
                        MOST,
                        checkpoint.toString(),
                        rows.toString(),
                        out.toString());
        if (!child.isDone()) {
            throw new IllegalStateException("transformers " + child.ending());
        }
        System.out.println(child.lastLine());
        findings.atMost(
                "logits, transformers beside Lethe",
                Distances.relative(read(out), own),
                AGREEMENT);
    }

    private static double[] logits(Gemma2Config config, int[] ids, Path checkpoint) {
        try (Backend backend = Backends.open("cuda");
                Gemma2 model = Configuration.model(config, backend, DType.F32)) {
            Gemma2Checkpoint.save(model, checkpoint);
            try (TensorArena _ = backend.openStep()) {
                Tensor rows = Tensor.ofInts(Shape.of(ROWS, TOKENS), ids);
                return Recording.off(() -> model.head(model.forward(rows).lastHidden()).logits())
                        .toDoubles();
            }
        }
    }

    private static String json(int[] ids) {
        StringBuilder text = new StringBuilder("[");
        for (int row = 0; row < ROWS; row++) {
            int[] part = Arrays.copyOfRange(ids, row * TOKENS, (row + 1) * TOKENS);
            text.append(row == 0 ? "" : ", ").append(Arrays.toString(part));
        }
        return text.append("]").toString();
    }

    private static double[] read(Path file) throws IOException {
        FloatBuffer numbers =
                ByteBuffer.wrap(Files.readAllBytes(file))
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .asFloatBuffer();
        double[] read = new double[numbers.remaining()];
        for (int i = 0; i < read.length; i++) {
            read[i] = numbers.get(i);
        }
        return read;
    }
}

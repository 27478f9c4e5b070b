package dev.lethe.bench.model;

import static dev.lethe.engine.autograd.Geglu.geglu;
import static dev.lethe.engine.autograd.LinearCrossEntropy.linearCrossEntropy;
import static dev.lethe.engine.autograd.RmsNorm.rmsNorm;

import dev.lethe.bench.results.Counters;
import dev.lethe.bench.results.Measured;
import dev.lethe.engine.autograd.Autograd;
import dev.lethe.engine.autograd.LinearHead;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.objective.NextToken;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/// Time and memory of forward and backward pass, one thread, as one size grows: a step of a model
/// of two layers against tokens a row, rows, width and vocabulary; and head, norm and GeGLU against
/// tokens. `tools/bench` fits the exponents.
public class GrowthBenchmark extends Measured {
    private static final int WIDTH = 128;
    private static final int VOCABULARY = 2048;

    /// `what axis size`.
    @Param({
        "step tokens 64", "step tokens 256", "step tokens 1024", "step tokens 4096",
        "step rows 1", "step rows 4", "step rows 16",
        "step width 64", "step width 128", "step width 256", "step width 512",
        "step vocabulary 256", "step vocabulary 4096", "step vocabulary 65536",
        "head tokens 64", "head tokens 256", "head tokens 1024", "head tokens 4096",
        "norm tokens 64", "norm tokens 256", "norm tokens 1024", "norm tokens 4096",
        "geglu tokens 64", "geglu tokens 256", "geglu tokens 1024", "geglu tokens 4096"
    })
    String point;

    private TensorArena kept;
    private Gemma2 model;
    private Parameters gradients;
    private StepBatch batch;
    private Tensor x;
    private Tensor y;
    private Tensor weight;
    private Tensor ids;
    private String what;
    private int tokens;

    @Override
    protected void prepare() {
        try (Workers workers = new Workers(1)) {
            Task.PRETRAIN.check(backend, workers);
        }
        String[] words = point.split(" ");
        what = words[0];
        int size = Integer.parseInt(words[2]);
        tokens = words[1].equals("tokens") ? size : 256;
        int rows = words[1].equals("rows") ? size : 1;
        int width = words[1].equals("width") ? size : WIDTH;
        int vocabulary = words[1].equals("vocabulary") ? size : VOCABULARY;
        Gemma2Config config =
                Configuration.S.config().toBuilder()
                        .layerKinds(Configuration.S.config().layerKinds().subList(0, 2))
                        .hiddenSize(width)
                        .intermediateSize(4 * width)
                        .headDim(width / 4)
                        .vocabSize(vocabulary)
                        .maxPositions(4096)
                        .build();
        kept = backend.openLongLived();
        model = Configuration.model(config, backend, DType.F32);
        gradients = model.parameters().zerosLike();
        Batch data = Configuration.batch(config, rows, tokens);
        batch = StepBatch.main(data);
        x = filled(0.5, tokens, width);
        y = filled(0.25, tokens, width);
        weight = filled(0.1, width);
        int[] targets = data.targets();
        Buffer uploaded = kept.allocate(DType.I32, targets.length);
        backend.upload(MemorySegment.ofArray(targets), uploaded);
        ids = Tensor.leaf(backend, uploaded, Shape.of(targets.length), false);
    }

    private Tensor filled(double value, int... dims) {
        Shape shape = Shape.of(dims);
        Buffer buffer = kept.allocate(DType.F32, shape.size());
        backend.elementwise().fill(value, buffer);
        return Tensor.leaf(backend, buffer, shape, true);
    }

    /// One forward and backward pass.
    @Benchmark
    public void pass(Counters counters) {
        try (TensorArena arena = backend.openStep()) {
            switch (what) {
                case "step" -> {
                    NextToken objective = new NextToken();
                    var parameters = model.parameters();
                    Tensor loss =
                            objective.terms(model, batch, objective.denominators(batch)).total();
                    List<String> names = parameters.names();
                    Autograd.backpropagate(loss, parameters.get(names), gradients.get(names));
                }
                case "head" -> {
                    Tensor table = model.head(x).weight();
                    Tensor loss = linearCrossEntropy(new LinearHead(x, table, 30), ids, tokens);
                    Autograd.gradients(loss, List.of(x, table));
                }
                case "norm" -> along(rmsNorm(x, weight, 1e-6), List.of(x, weight));
                case "geglu" -> along(geglu(x, y), List.of(x, y));
                default -> throw new IllegalArgumentException("growth: nothing is named " + what);
            }
            counters.tokens += batch.tokens();
            counters.heldBytes += arena.usedBytes();
        }
    }

    private static void along(Tensor output, List<Tensor> targets) {
        Autograd.gradients(output, output.detach(), targets, Autograd.Mode.VALUES);
    }

    @Override
    protected void release() {
        gradients.close();
        model.close();
        kept.close();
    }
}

package dev.lethe.bench.model;

import dev.lethe.bench.results.Counters;
import dev.lethe.bench.results.Measured;
import dev.lethe.bench.results.Work;
import dev.lethe.engine.autograd.Autograd;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.optim.AdamW;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.objective.LossTerms;
import dev.lethe.model.objective.NextToken;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Warmup;

/// A pretraining step in parts, over all of its micro-batches: `forward`, recorded, with the loss
/// head, which makes its gradients there; `gradient`, forward and backward; `optimizer`, norm, clip
/// and AdamW. Backward alone is `gradient` less `forward`; a step has besides the adding up of
/// micro-batches.
@Warmup(iterations = 3, time = 5)
@Measurement(iterations = 5, time = 3)
public class StepPartsBenchmark extends Measured {
    @Param({"XS", "S", "M"})
    String configuration;

    @Param("2")
    int threads;

    private final NextToken objective = new NextToken();
    private Configuration size;
    private Workers workers;
    private Gemma2 model;
    private Parameters gradients;
    private List<String> names;
    private List<Parameters> parts; // one gradient a micro-batch
    private AdamW optimizer;
    private StepBatch batch;
    private SequencedMap<String, Double> denominators;
    private double forwardFlops;

    @Override
    protected void prepare() {
        size = Configuration.valueOf(configuration);
        workers = new Workers(threads);
        Task.PRETRAIN.check(backend, workers);
        model = Configuration.model(size.config(), backend, DType.F32);
        gradients = model.parameters().zerosLike();
        backend.elementwise().fill(1e-3, gradients.flat());
        names = model.parameters().names();
        parts =
                Stream.generate(model.parameters()::zerosLike)
                        .limit(size.microBatches())
                        .toList();
        optimizer = new AdamW(model.parameters(), names, AdamW.Settings.DEFAULT);
        batch = Task.PRETRAIN.batch(size.config(), size.rows(), size.tokens());
        denominators = objective.denominators(batch);
        forwardFlops = size.rows() * CausalFlops.forward(size.config(), size.tokens());
    }

    /// The loss, recorded.
    @Benchmark
    public void forward(Counters counters) {
        workers.forEach(
                size.microBatches(),
                part -> {
                    try (TensorArena _ = backend.openStep()) {
                        terms(part);
                    }
                });
        count(counters, 1);
    }

    /// The loss and the gradient of every parameter, as training takes it.
    @Benchmark
    public void gradient(Counters counters) {
        workers.forEach(
                size.microBatches(),
                part -> {
                    try (TensorArena _ = backend.openStep()) {
                        Autograd.backpropagate(
                                terms(part).total(),
                                model.parameters().get(names),
                                parts.get(part).get(names));
                    }
                });
        count(counters, 3);
    }

    private LossTerms terms(int part) {
        return objective.terms(model, batch.part(part, size.microBatches()), denominators);
    }

    private void count(Counters counters, int passes) {
        counters.add(Work.of(passes * forwardFlops, 0));
        counters.tokens += batch.tokens();
    }

    /// One update; the rate is 0, so that weights stay what they are.
    @Benchmark
    public double optimizer(Counters counters) {
        double norm = optimizer.step(0, gradients, workers);
        double count = model.parameters().count();
        counters.add(Work.of(17 * count, 32 * count));
        counters.tokens += batch.tokens();
        return norm;
    }

    @Override
    protected void release() {
        optimizer.close();
        parts.forEach(Parameters::close);
        gradients.close();
        model.close();
        workers.close();
    }
}

package dev.lethe.bench.gpu;

import dev.lethe.model.gemma2.Gemma2Presets;
import java.util.List;

/// All parts, in the order of running.
final class Parts {
    static final List<Part> ALL =
            List.of(
                    new ContractsPart(),
                    new GoldenPart(),
                    new SanitizerPart(),
                    new Bf16Part(),
                    new TrainingPart("train-0.1b", Gemma2Presets.PAPER_100M, 5, 2048),
                    new TrainingPart("train-0.3b", Gemma2Presets.PAPER_300M, 15, 256),
                    new BenchmarksPart(),
                    new HeadsPart(),
                    new PyTorchPart(),
                    new TransformersPart());

    private Parts() {}

    /// @throws IllegalArgumentException for a name that no part has
    static Part named(String name) {
        return ALL.stream()
                .filter(part -> part.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "--part: expected one of %s, got %s; see --list"
                                                .formatted(
                                                        ALL.stream().map(Part::name).toList(),
                                                        name)));
    }
}

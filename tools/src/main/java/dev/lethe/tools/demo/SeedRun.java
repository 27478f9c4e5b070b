package dev.lethe.tools.demo;

import java.util.List;

/// All models of one seed.
public record SeedRun(long seed, List<ModelRun> models) {
    public SeedRun {
        models = List.copyOf(models);
    }

    ModelRun model(String name) {
        return models.stream()
                .filter(model -> model.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "report: seed %d has no model %s, only %s"
                                                .formatted(
                                                        seed,
                                                        name,
                                                        models.stream()
                                                                .map(ModelRun::name)
                                                                .toList())));
    }
}

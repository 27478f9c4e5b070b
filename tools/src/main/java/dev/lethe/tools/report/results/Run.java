package dev.lethe.tools.report.results;

import java.util.List;

/// Everything that a report is made of.
///
/// @param series what was measured during training, possibly nothing
/// @param answers to fixed prompts, possibly none
/// @param configuration the resolved `config.yaml`, empty where there is none
public record Run(
        Results results,
        Summary summary,
        List<SeriesRow> series,
        Answers answers,
        String configuration) {
    public Run {
        series = List.copyOf(series);
    }
}

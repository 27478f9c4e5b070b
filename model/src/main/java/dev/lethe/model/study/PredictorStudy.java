package dev.lethe.model.study;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedMap;
import java.util.SequencedSet;

/// Rank correlations of numbers with an outcome over models.
final class PredictorStudy {
    private PredictorStudy() {}

    static List<Prediction> of(List<Prediction.Case> cases) {
        if (cases.size() < 2) {
            throw new IllegalArgumentException(
                    "predictors: expected at least 2 models, got %d; study more of the experiment"
                            .formatted(cases.size()));
        }
        SequencedSet<String> names = new LinkedHashSet<>(cases.getFirst().numbers().keySet());
        SequencedSet<String> methods = new LinkedHashSet<>();
        for (Prediction.Case one : cases) {
            if (!one.numbers().keySet().equals(names)) {
                throw new IllegalArgumentException(
                        "predictors: every model needs the same numbers %s, %s has %s"
                                .formatted(names, one.model(), one.numbers().keySet()));
            }
            methods.add(one.method());
        }
        List<Prediction> found = new ArrayList<>();
        for (String name : names) {
            SequencedMap<String, RankCorrelation> without = new LinkedHashMap<>();
            for (String method : methods) {
                List<Prediction.Case> others =
                        cases.stream().filter(one -> !one.method().equals(method)).toList();
                if (others.size() >= 2) {
                    without.put(method, correlation(name, others));
                }
            }
            found.add(new Prediction(name, correlation(name, cases), without));
        }
        return List.copyOf(found);
    }

    private static RankCorrelation correlation(String name, List<Prediction.Case> cases) {
        return RankCorrelation.of(
                cases.stream().mapToDouble(one -> one.numbers().get(name)).toArray(),
                cases.stream().mapToDouble(Prediction.Case::outcome).toArray());
    }
}

package dev.lethe.model.data;

import java.util.List;

/// Which of several parts a random number falls to, each part by its weight: interval p of
/// [0, total) is as long as weight p.
public final class WeightedChoice {
    private final double[] ends;
    private final double total;

    /// @param weights finite and above 0, at least one
    public WeightedChoice(List<Double> weights) {
        if (weights.isEmpty()) {
            throw new IllegalArgumentException(
                    "weights: expected at least one weight, got none; give one a part");
        }
        ends = new double[weights.size()];
        double end = 0;
        for (int part = 0; part < ends.length; part++) {
            double weight = weights.get(part);
            if (!(weight > 0) || !Double.isFinite(weight)) {
                throw new IllegalArgumentException(
                        "weights: expected finite ones above 0, got %s; leave the part out"
                                .formatted(weight));
            }
            end += weight;
            ends[part] = end;
        }
        total = weights.stream().mapToDouble(Double::doubleValue).sum();
    }

    /// The last part also takes what rounding leaves below the total.
    ///
    /// @param uniform in [0, 1)
    public int of(double uniform) {
        double at = uniform * total;
        int part = 0;
        while (part < ends.length - 1 && at >= ends[part]) {
            part++;
        }
        return part;
    }
}

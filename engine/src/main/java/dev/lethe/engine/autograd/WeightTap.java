package dev.lethe.engine.autograd;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/// Hears, while a forward pass runs under it, of every use of a weight that leaves history: linear
/// maps, gains of normalisations, lookups. So the model that trains is the one that is studied, and
/// nothing of it is written twice.
public final class WeightTap {
    private static final ScopedValue<WeightTap> OPEN = ScopedValue.newInstance();

    private final List<WeightUse> heard = new ArrayList<>();

    /// Runs `forward` on this thread and hears its uses of weights.
    public <T> T during(Supplier<T> forward) {
        return ScopedValue.where(OPEN, this).call(forward::get);
    }

    /// Whether anybody hears. Where nobody does, callers do not even put the use together.
    static boolean isOpen() {
        return OPEN.isBound() && Recording.isOn();
    }

    static void hear(WeightUse use) {
        OPEN.get().heard.add(use);
    }

    /// The uses of a weight that `result` depends on. Fails when it depends on the weight in a way
    /// that was not heard of, whose part of the gradient would be missing.
    ///
    /// @param weight a leaf
    public List<WeightUse> uses(Tensor result, Tensor weight) {
        Set<Node> behind = Collections.newSetFromMap(new IdentityHashMap<>());
        behind.addAll(Autograd.reachable(result, List.of(weight)));
        int all = 0;
        for (Node node : behind) {
            for (Tensor input : node.inputs()) {
                all += input == weight ? 1 : 0;
            }
        }
        List<WeightUse> uses =
                heard.stream()
                        .filter(use -> use.weight() == weight)
                        .filter(use -> behind.contains(use.output().node()))
                        .toList();
        if (uses.size() != all) {
            throw new IllegalStateException(
                    "weight tap: %s is used %d times, of which %d were heard as a linear map, a gain or a lookup; use it in these alone"
                            .formatted(weight, all, uses.size()));
        }
        return uses;
    }
}

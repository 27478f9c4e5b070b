package dev.lethe.engine.autograd;

import java.util.function.Supplier;

/// Whether operations leave nodes behind. On by default; off inside a plain backward pass and where
/// only values are wanted.
public final class Recording {
    private static final ScopedValue<Boolean> ON = ScopedValue.newInstance();

    private Recording() {}

    static boolean isOn() {
        return ON.orElse(true);
    }

    /// Runs `work` without leaving history: a teacher's forward pass, an evaluation. Holds for this
    /// thread; tasks that `work` hands to other threads record unless they turn it off themselves.
    public static <T> T off(Supplier<T> work) {
        return ScopedValue.where(ON, false).call(work::get);
    }

    static <T> T set(boolean on, Supplier<T> work) {
        return ScopedValue.where(ON, on).call(work::get);
    }
}

package dev.lethe.model.gemma2;

import dev.lethe.engine.autograd.Tensor;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// A forward pass of some model, told to whoever studies a loss that keeps its activations to
/// itself. Training observes nothing.
///
/// @param ids I32 `[B,T]`
public record ForwardPass(Gemma2 model, Tensor ids, Activations activations) {
    private static final ScopedValue<Consumer<ForwardPass>> OBSERVER = ScopedValue.newInstance();

    /// Does the work on this thread and tells of each pass that it makes, whichever the model.
    public static <R> R observed(Consumer<ForwardPass> observer, Supplier<R> work) {
        return ScopedValue.where(OBSERVER, observer).call(work::get);
    }

    static Activations tell(Gemma2 model, Tensor ids, Activations activations) {
        if (OBSERVER.isBound()) {
            OBSERVER.get().accept(new ForwardPass(model, ids, activations));
        }
        return activations;
    }
}

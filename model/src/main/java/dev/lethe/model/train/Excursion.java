package dev.lethe.model.train;

import dev.lethe.engine.backend.ElementwiseKernels;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.gemma2.Gemma2;

/// Moves parameters along a gradient and back to exactly where they were. Both happen between
/// graphs and are marked as changes, so that a gradient taken across one is refused. It is the
/// masters that move; in mixed precision the gradient is taken where they come to lie when rounded.
final class Excursion implements AutoCloseable {
    private final Gemma2 model;
    private final Parameters parameters;
    private final Parameters home;
    private final Workers workers;

    Excursion(Gemma2 model, Workers workers) {
        this.model = model;
        this.parameters = model.masters();
        this.home = parameters.zerosLike();
        this.workers = workers;
    }

    /// `theta = theta + factor direction`.
    ///
    /// @param direction in the layout of the parameters, 0 where nothing is to move
    void depart(double factor, Parameters direction) {
        ElementwiseKernels elementwise = parameters.backend().elementwise();
        FlatRanges.forEach(
                parameters.flat(),
                workers,
                (from, count) -> {
                    Buffer here = parameters.flat().slice(from, count);
                    Buffer kept = home.flat().slice(from, count);
                    elementwise.copy(here, kept);
                    elementwise.affine(factor, 0, direction.flat().slice(from, count), here);
                    elementwise.addTo(kept, here);
                });
        parameters.flat().markChanged();
        model.roundMasters();
    }

    /// Bitwise what was there before [#depart].
    void comeHome() {
        ElementwiseKernels elementwise = parameters.backend().elementwise();
        FlatRanges.forEach(
                parameters.flat(),
                workers,
                (from, count) ->
                        elementwise.copy(
                                home.flat().slice(from, count),
                                parameters.flat().slice(from, count)));
        parameters.flat().markChanged();
        model.roundMasters();
    }

    @Override
    public void close() {
        home.close();
    }
}

package dev.lethe.model.train;

import dev.lethe.engine.backend.ElementwiseKernels;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.parallel.Workers;

/// Moves parameters along a gradient and back to exactly where they were. Both happen between
/// graphs and are marked as changes, so that a gradient taken across one is refused.
final class Excursion implements AutoCloseable {
    private final Parameters parameters;
    private final Parameters home;
    private final Workers workers;

    Excursion(Parameters parameters, Workers workers) {
        this.parameters = parameters;
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
    }

    @Override
    public void close() {
        home.close();
    }
}

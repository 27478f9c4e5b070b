package dev.lethe.model.gemma2;

import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.random.Distribution;
import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import java.util.List;

/// Random starting weights: matrices from N(0, `initializer_range`), norm weights 0 (a gain of 1), as HF's
/// Gemma 2. The bits depend on the seed and a parameter's place alone;
/// BF16 weights are the F32 ones rounded, with masters or without.
public final class Initialization {
    private Initialization() {}

    public static void randomize(Gemma2 model, long seed) {
        Parameters parameters = model.masters();
        Distribution normal = new Distribution.Normal(0, model.config().initializerRange());
        List<Parameters.Spec> specs = parameters.specs();
        for (int i = 0; i < specs.size(); i++) {
            Parameters.Spec spec = specs.get(i);
            var buffer = parameters.get(spec.name()).buffer();
            if (spec.shape().rank() == 2) {
                PhiloxStream stream = new PhiloxStream(seed, Purpose.INITIALIZATION, i);
                parameters.backend().random().fill(stream, 0, normal, buffer);
            } else {
                parameters.backend().elementwise().fill(0, buffer);
            }
        }
        parameters.flat().markChanged();
        model.roundMasters();
    }
}

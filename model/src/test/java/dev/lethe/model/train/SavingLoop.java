package dev.lethe.model.train;

import dev.lethe.engine.backend.ElementwiseKernels;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.optim.AdamW;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.TinyGemma2;
import dev.lethe.model.gemma2.Gemma2;
import java.nio.file.Path;

/// A process that saves checkpoints until it is killed. All numbers of the n-th are n; n is printed
/// once it is stored.
final class SavingLoop {
    private SavingLoop() {}

    /// @param args the checkpoint's directory
    public static void main(String[] args) {
        Path directory = Path.of(args[0]);
        try (var backend = new ReferenceBackend();
                var model = Gemma2.allocate(TinyGemma2.CONFIG, backend, DType.F32);
                var m = model.parameters().zerosLike();
                var v = model.parameters().zerosLike()) {
            long number = 0;
            if (TrainingCheckpoint.exists(directory)) {
                try (TrainerState state = TrainingCheckpoint.load(directory, model)) {
                    number = state.steps();
                }
            }
            while (true) {
                number++;
                ElementwiseKernels elementwise = backend.elementwise();
                for (Parameters parameters : new Parameters[] {model.parameters(), m, v}) {
                    elementwise.fill(number, parameters.flat());
                    parameters.flat().markChanged();
                }
                AdamW.State optimizer = new AdamW.State(number, m, v); // closed with m and v
                TrainingCheckpoint.save(
                        directory, model, new TrainerState(number, number, optimizer));
                System.out.println(number);
            }
        }
    }
}

package dev.lethe.model.pipeline;

import dev.lethe.model.data.Batch;
import dev.lethe.model.data.DataException;
import dev.lethe.model.data.text.ShuffledWindows;
import dev.lethe.model.data.text.WindowSet;

import java.util.stream.IntStream;

/// Text of a corpus whose last windows are held out to judge models by. Documents run on across
/// windows, so at most one is on both sides.
///
/// @param trained windows that may be trained on, the first ones
record HeldOutText(WindowSet windows, int trained) {
    static HeldOutText open(Corpus corpus, Corpus.Source text) {
        WindowSet windows = WindowSet.open(text.path(), corpus.length() + 1);
        int trained = windows.count() - corpus.heldOut();
        if (trained < 2) {
            throw new DataException(
                    "%s: expected more than %d windows, of which so many are held out, got %d; give more text or lower data.heldOut"
                            .formatted(text.place(), corpus.heldOut() + 1, windows.count()));
        }
        return new HeldOutText(windows, trained);
    }

    ShuffledWindows.Part part(double weight) {
        return new ShuffledWindows.Part(weight, windows, 0, trained);
    }

    /// The first half of what is trained on.
    ShuffledWindows.Part half(double weight) {
        return new ShuffledWindows.Part(weight, windows, 0, trained / 2);
    }

    Batch heldOut() {
        return windows.range(trained, windows.count());
    }

    /// Windows spread over the second half of what is trained on, at most so many.
    Batch ofOtherHalf(int most) {
        int from = trained / 2;
        int count = Math.min(most, trained - from);
        return windows.batch(
                IntStream.range(0, count)
                        .map(i -> from + (int) ((long) i * (trained - from) / count))
                        .toArray());
    }
}

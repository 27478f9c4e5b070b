package dev.lethe.model.data.text;

import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.WeightedChoice;
import java.util.Arrays;
import java.util.List;

/// Rows that are whole windows of several texts: a text by its weight, then the next of its windows
/// in a random order in which each comes once before any comes again (PAPER 2.2: interleaved by
/// packed sequence, shuffled).
///
/// The rows of a step depend on seed, stream and step alone. Which window of a text is next depends
/// on all rows before it, so steps are quickly had in their order, and others by counting again.
public final class ShuffledWindows {
    private static final int ORDERS = 1 << 20; // streams of orders, away from those of other draws
    private static final int EPOCHS = 1 << 8; // of a text that have orders of their own

    private final List<Part> parts;
    private final WeightedChoice choice;
    private final PhiloxStream kinds;
    private final PhiloxStream orders;
    private final int[][] order; // of the epoch of each text
    private final long[] epoch;
    private final long[] drawn; // windows of each text before the next row
    private long next; // row

    /// @param weight its share of the rows is this over the sum of all weights
    /// @param windows of the text
    /// @param from first window that may be drawn
    /// @param to first that may not
    public record Part(double weight, WindowSet windows, int from, int to) {
        public Part {
            if (from < 0 || to <= from || to > windows.count()) {
                throw new IllegalArgumentException(
                        ("windows: expected at least one to train on, got %d to %d of %d; give more"
                                        + " text")
                                .formatted(from, to, windows.count()));
            }
        }
    }

    /// @param stream sets the rows of one seed apart
    public ShuffledWindows(List<Part> parts, long seed, int stream) {
        this.parts = List.copyOf(parts);
        this.choice = new WeightedChoice(parts.stream().map(Part::weight).toList());
        this.kinds = new PhiloxStream(seed, Purpose.DATA_GENERATION, stream);
        this.orders = new PhiloxStream(seed, Purpose.DATA_ORDER, ORDERS + stream * EPOCHS * 16);
        this.order = new int[parts.size()][];
        this.epoch = new long[parts.size()];
        this.drawn = new long[parts.size()];
    }

    /// The rows of one step: rows `step rows` to `step rows + rows - 1`.
    public synchronized Batch batch(long step, int rows) {
        skipTo(step * rows);
        int width = parts.getFirst().windows().width();
        int[] ids = new int[rows * width];
        int[] lengths = new int[rows];
        for (int r = 0; r < rows; r++) {
            int text = choice.of(kinds.uniform(next++));
            Part part = parts.get(text);
            lengths[r] = part.windows().copyTo(window(text, drawn[text]++), ids, r);
        }
        return Batch.shifted(rows, width, ids, lengths).withoutLastColumn();
    }

    private void skipTo(long row) {
        if (row < next) {
            next = 0;
            Arrays.fill(drawn, 0);
        }
        while (next < row) {
            drawn[choice.of(kinds.uniform(next++))]++;
        }
    }

    private int window(int text, long number) {
        Part part = parts.get(text);
        int count = part.to() - part.from();
        long now = number / count;
        if (order[text] == null || epoch[text] != now) {
            int stream = orders.stream() + text * EPOCHS + (int) (now % EPOCHS);
            order[text] = orders.withStream(stream).permutation(count);
            epoch[text] = now;
        }
        return part.from() + order[text][(int) (number % count)];
    }
}

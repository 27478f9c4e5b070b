package dev.lethe.model.data.text;

import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.model.data.Batch;
import java.util.List;

/// Endless training rows from several sets of windows: which set by its weight at random, and each
/// set's windows in an order of its own that is new in every epoch.
///
/// Rows are a function of the random stream and their number alone. Its elements are used as seeds:
/// element 0 for the draws of each row's part, element `1 + e P + p` for the order of part p of P in
/// its epoch e, both under the stream's own purpose and number. Every window of a part is seen once
/// before any is seen again.
public final class WindowMix {
    private static final double TOLERANCE = 1e-9;

    /// @param name for errors
    /// @param weight probability that a row is of this part
    public record Part(String name, double weight, Windows windows) {}

    private final List<Part> parts;
    private final PhiloxStream random;
    private final Interleaving interleaving;
    private final int[][] orders;
    private final long[] epochs;

    /// @throws IllegalArgumentException for weights that do not sum to 1 within 1e-9, a weight that
    /// is not above 0, an empty part, or parts of different widths
    public WindowMix(List<Part> parts, PhiloxStream random) {
        this.parts = List.copyOf(parts);
        this.random = random;
        check();
        this.interleaving =
                new Interleaving(
                        this.parts.stream().mapToDouble(Part::weight).toArray(), seeded(0));
        this.orders = new int[parts.size()][];
        this.epochs = new long[parts.size()];
    }

    private void check() {
        double total = 0;
        for (Part part : parts) {
            if (!(part.weight() > 0)) {
                throw new IllegalArgumentException(
                        "mix: %s: expected a weight above 0, got %s; leave the part out"
                                .formatted(part.name(), part.weight()));
            }
            if (part.windows().count() == 0) {
                throw new IllegalArgumentException(
                        "mix: %s: expected at least one window, got none; give it text"
                                .formatted(part.name()));
            }
            if (part.windows().width() != parts.getFirst().windows().width()) {
                throw new IllegalArgumentException(
                        "mix: %s: expected windows of %d ids as in %s, got %d; pack them alike"
                                .formatted(
                                        part.name(),
                                        parts.getFirst().windows().width(),
                                        parts.getFirst().name(),
                                        part.windows().width()));
            }
            total += part.weight();
        }
        if (!(Math.abs(total - 1) <= TOLERANCE)) {
            throw new IllegalArgumentException(
                    "mix: expected weights that sum to 1, got %s, which sum to %s; correct them"
                            .formatted(parts.stream().map(Part::weight).toList(), total));
        }
    }

    /// The training rows of one step: rows `step rows` to `step rows + rows - 1`.
    public synchronized Batch batch(long step, int rows) {
        int width = parts.getFirst().windows().width();
        int[] ids = new int[rows * width];
        int[] lengths = new int[rows];
        int row = 0;
        for (Interleaving.Draw draw : interleaving.draws(step * rows, rows)) {
            Windows windows = parts.get(draw.part()).windows();
            int window = window(draw);
            windows.copyTo(window, ids, row);
            lengths[row] = windows.lengths()[window];
            row++;
        }
        return Batch.shifted(rows, width, ids, lengths).withoutLastColumn();
    }

    /// Looks up the epoch's order, which is kept for the next rows.
    private int window(Interleaving.Draw draw) {
        int part = draw.part();
        int count = parts.get(part).windows().count();
        long epoch = draw.ordinal() / count;
        if (orders[part] == null || epochs[part] != epoch) {
            orders[part] = seeded(1 + epoch * parts.size() + part).permutation(count);
            epochs[part] = epoch;
        }
        return orders[part][(int) (draw.ordinal() % count)];
    }

    private PhiloxStream seeded(long element) {
        return new PhiloxStream(random.bits(element), random.purpose(), random.stream());
    }
}

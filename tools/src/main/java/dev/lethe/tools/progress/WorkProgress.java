package dev.lethe.tools.progress;

import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/// A long work of several parts at once: how much is done, how long the rest may take, what is going
/// on. Not for several threads.
public final class WorkProgress implements AutoCloseable {
    private static final double SECONDS_BETWEEN_LINES = 10;
    private static final int PARTS = 1000;
    private static final double ENOUGH = 0.01; // of the work, to tell how long the rest takes

    private final Progress progress;
    private final double total;
    private final long begin = System.nanoTime();
    private final ProgressBar bar; // null without a terminal
    private double lastLine;

    /// @param total in any unit of work
    WorkProgress(Progress progress, double total) {
        this.progress = progress;
        this.total = total;
        this.bar = progress.style() == Progress.Style.BAR && total > 0 ? bar() : null;
    }

    private static ProgressBar bar() {
        return new ProgressBarBuilder()
                .setTaskName("all")
                .setInitialMax(PARTS)
                .hideEta()
                .setStyle(ProgressBarStyle.COLORFUL_UNICODE_BLOCK)
                .setUpdateIntervalMillis(200)
                .setConsumer(new ConsoleProgressBarConsumer(System.err))
                .build();
    }

    /// @param done in the unit of the total
    /// @param parts what is going on
    public void show(double done, String parts) {
        double share = total > 0 ? Math.min(1, done / total) : 1;
        if (bar != null) {
            bar.stepTo(Math.round(PARTS * share));
            bar.setExtraMessage(left(share) + parts);
        } else if (progress.style() == Progress.Style.LINES
                && seconds() - lastLine >= SECONDS_BETWEEN_LINES) {
            lastLine = seconds();
            progress.notes()
                    .accept(
                            String.format(
                                    Locale.ROOT, "%.0f%%, %s%s", 100 * share, left(share), parts));
        }
    }

    private String left(double share) {
        return share < ENOUGH
                ? ""
                : String.format(
                        Locale.ROOT,
                        "about %.0f s left: ",
                        Math.ceil(seconds() * (1 - share) / share));
    }

    /// A line of its own about a part that has ended; a bar leaves no room for it.
    public void say(String line) {
        if (progress.style() == Progress.Style.LINES) {
            progress.notes().accept(line);
        }
    }

    private double seconds() {
        return (System.nanoTime() - begin) * 1e-9;
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}

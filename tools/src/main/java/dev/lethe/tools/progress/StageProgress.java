package dev.lethe.tools.progress;

import dev.lethe.model.train.StepReport;
import dev.lethe.model.train.TrainingObserver;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/// One stage as it trains: loss, tokens a second, time left. Several trainings at once may report
/// to it; their steps and tokens are added up.
public final class StageProgress implements TrainingObserver, AutoCloseable {
    private static final double SECONDS_BETWEEN_LINES = 10;

    private final Progress progress;
    private final String name;
    private final long steps;
    private final long begin = System.nanoTime();
    private final ProgressBar bar; // null without a terminal
    private long done;
    private long tokens;
    private double loss = Double.NaN;
    private double lastLine;

    StageProgress(Progress progress, String name, long steps) {
        this.progress = progress;
        this.name = name;
        this.steps = steps;
        this.bar = progress.style() == Progress.Style.BAR ? bar(name, steps) : null;
    }

    private static ProgressBar bar(String name, long steps) {
        return new ProgressBarBuilder()
                .setTaskName("%-18s".formatted(name))
                .setInitialMax(steps)
                .setStyle(ProgressBarStyle.COLORFUL_UNICODE_BLOCK)
                .setUpdateIntervalMillis(200)
                .setConsumer(new ConsoleProgressBarConsumer(System.err))
                .build();
    }

    @Override
    public synchronized void onStep(StepReport report) {
        done++;
        tokens += report.tokens();
        loss = report.loss();
        if (bar != null) {
            bar.setExtraMessage(figures());
            bar.step();
        } else if (progress.style() == Progress.Style.LINES) {
            double seconds = seconds();
            if (done < steps && seconds - lastLine >= SECONDS_BETWEEN_LINES) {
                lastLine = seconds;
                note(
                        "step %d of %d, %s, %.0f s left",
                        done, steps, figures(), seconds / done * (steps - done));
            }
        }
    }

    private double seconds() {
        return (System.nanoTime() - begin) * 1e-9;
    }

    private String figures() {
        return String.format(Locale.ROOT, "loss %.4f, %,.0f tokens/s", loss, tokens / seconds());
    }

    private void note(String format, Object... values) {
        progress.notes().accept(name + ": " + String.format(Locale.ROOT, format, values));
    }

    @Override
    public synchronized void close() {
        if (bar != null) {
            bar.close();
        } else if (progress.style() == Progress.Style.LINES && done > 0) {
            note("%d steps in %.1f s, %s", done, seconds(), figures());
        }
    }
}

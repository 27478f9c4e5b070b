package dev.lethe.model.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// `metrics.jsonl`: one JSON object a step or check, flushed line by line so that a killed run keeps
/// what it had.
public final class MetricsLog implements TrainingObserver, AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final BufferedWriter writer;

    public MetricsLog(Path file) {
        try {
            writer = Files.newBufferedWriter(file);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "metrics: cannot write " + file + "; expected a writable directory", e);
        }
    }

    @Override
    public void onStep(StepReport report) {
        ObjectNode line = JSON.createObjectNode();
        line.put("step", report.step());
        line.put("loss", report.loss());
        report.terms().forEach(line::put);
        line.put("learning_rate", report.learningRate());
        line.put("gradient_norm", report.gradientNorm());
        line.put("tokens", report.tokens());
        line.put("seconds", report.seconds());
        write(line);
    }

    @Override
    public void onCheck(long step, Check.Outcome outcome) {
        ObjectNode line = JSON.createObjectNode();
        line.put("step", step);
        outcome.metrics().forEach(line::put);
        write(line);
    }

    private void write(ObjectNode line) {
        try {
            writer.write(line.toString());
            writer.newLine();
            writer.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("metrics: cannot write; is the disk full?", e);
        }
    }

    @Override
    public void close() {
        try {
            writer.close();
        } catch (IOException e) {
            throw new UncheckedIOException("metrics: cannot write; is the disk full?", e);
        }
    }
}

package dev.lethe.tools.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lethe.model.checkpoint.AtomicFile;
import dev.lethe.model.pipeline.StageSpec;
import dev.lethe.model.pipeline.StageStore;
import dev.lethe.tools.command.FailedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/// The micro-batches with which an experiment began, beside its stages: `plan-<name>.json`, by place
/// in the file. A run that goes on keeps them, on whatever machine, or its stages would be others. The
/// name stands for all that the experiment's file, its text, device and precision decide.
///
/// @param place of the file
/// @param always whether it is written too where the experiment's own numbers were taken: a run at the
///     paper's size may go on on a smaller card
record StagePlan(Path place, boolean always) {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int NAME_BYTES = 8;

    /// @param asked the first seed's stages as the file has them
    StagePlan(StageStore store, Graph asked) {
        this(
                place(store, new Graph(asked.experiment(), asked.corpus(), 0)),
                asked.corpus().isPresent());
    }

    private static Path place(StageStore store, Graph graph) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            StageSpec any = null;
            for (StageSpec stage : graph.stages().keySet()) {
                digest.update(store.name(stage).getBytes(StandardCharsets.UTF_8));
                any = stage;
            }
            String name = HexFormat.of().formatHex(digest.digest(), 0, NAME_BYTES);
            return store.directory(any).resolveSibling("plan-" + name + ".json");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has it
        }
    }

    /// What an earlier run of the experiment chose; empty where there was none.
    Map<String, Integer> kept() {
        if (!Files.exists(place)) {
            return Map.of();
        }
        try {
            Map<String, Integer> kept = new LinkedHashMap<>();
            for (var field : JSON.readTree(place.toFile()).properties()) {
                JsonNode count = field.getValue();
                if (!count.isInt() || count.intValue() < 1) {
                    throw unreadable(count.toString(), null);
                }
                kept.put(field.getKey(), count.intValue());
            }
            return kept;
        } catch (IOException e) {
            throw unreadable(AtomicFile.reason(e), e);
        }
    }

    private FailedException unreadable(String got, Exception cause) {
        return new FailedException(
                "%s: expected micro-batches by training, got %s; remove the file to choose again"
                        .formatted(place, got),
                cause);
    }

    /// Notes the choice of a run that begins.
    void keep(MicroBatches parts) {
        if (Files.exists(place) || parts.areAsAsked() && !always) {
            return;
        }
        Map<String, Integer> taken = new TreeMap<>();
        parts.chosen().forEach((where, choice) -> taken.put(where, choice.taken()));
        try {
            Files.createDirectories(place.getParent());
            AtomicFile.write(place, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(taken));
        } catch (IOException e) {
            throw new FailedException(
                    "%s: expected a place that can be written, got %s; check the directory"
                            .formatted(place, AtomicFile.reason(e)),
                    e);
        }
    }
}

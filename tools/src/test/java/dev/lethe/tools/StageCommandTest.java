package dev.lethe.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The commands for one stage, one after another on each other's results.
class StageCommandTest {
    private static final int FAILED = 1;
    private static final int REFUSED = 2;
    private static final String TRAINING =
            "training: {steps: %d, rows: 8, microBatches: 2, schedule: constant, rate: 1e-3,"
                    + " lastRate: 1e-3, warmUp: 0, weightDecay: 0}\n";

    @TempDir private Path folder;

    private Invocation stage(String command, String yaml, String... more) throws IOException {
        Path config = folder.resolve(command + ".yaml");
        Files.writeString(config, "task: arithmetic\n" + yaml);
        List<String> arguments =
                new ArrayList<>(
                        List.of(command, "--config", config.toString(), "--quiet", "--runs"));
        arguments.add(folder.resolve("runs").toString());
        for (String argument : more) {
            arguments.add(
                    argument.startsWith("-") || argument.contains("=")
                            ? argument
                            : folder.resolve(argument).toString());
        }
        return Invocation.of(arguments);
    }

    private void pretrained() throws IOException {
        stage(
                        "pretrain",
                        "model: {layers: 2, hiddenSize: 16, intermediateSize: 32, heads: 2,"
                                + " kvHeads: 1, headDim: 8, maxPositions: 64}\ndata: mixed\n"
                                + TRAINING.formatted(5),
                        "--out",
                        "base")
                .assertDone();
    }

    @Test
    void eachTakesTheModelsOfTheOneBefore() throws IOException {
        pretrained();
        stage(
                        "unlearn",
                        "maxent: {alpha: 4}\nsam: {rho: 0.05}\n" + TRAINING.formatted(3),
                        "--from",
                        "base",
                        "--out",
                        "unlearned")
                .assertDone();
        stage("perturb", "alpha: 0.5\nbeta: 0.1\n", "--from", "unlearned", "--out", "noisy")
                .assertDone();
        Invocation distilled =
                stage(
                        "distill",
                        "data: mixed\nstop: {margin: -1, interval: 2}\n" + TRAINING.formatted(4),
                        "--from",
                        "noisy",
                        "--teacher",
                        "unlearned",
                        "--out",
                        "student",
                        "--json");
        JsonNode student = new JsonMapper().readTree(distilled.assertDone().out());
        assertEquals("cap", student.path("stopped").textValue());
        assertEquals(4, student.path("steps").intValue());
        assertTrue(student.path("metrics").path("kl").doubleValue() > 0);
        assertTrue(student.path("arena").path("peak_bytes").longValue() > 0);
        assertTrue(student.path("arena").path("blocks").intValue() > 0);
        Invocation attacked =
                stage(
                                "relearn",
                                "data: forget-half\nrate: 1e-3\nrows: 8\nmicroBatches: 1\n"
                                        + "lookAt: [0, 2]\n"
                                        + "questions: {prompts: [\"7*8=\"], maxTokens: 2}\n",
                                "--from",
                                "student",
                                "--out",
                                "attack")
                        .assertDone();
        assertTrue(
                attacked.out().contains("step 2: forget_heldout_accuracy 0."), attacked.out());
        assertTrue(attacked.out().contains("step 2: 7*8="), attacked.out());
        Invocation evaluated =
                stage("evaluate", "", "--from", "student", "--out", "abilities").assertDone();
        assertTrue(evaluated.out().contains("retain_accuracy 0."), evaluated.out());
        Invocation.of(
                        "generate",
                        "--checkpoint",
                        folder.resolve("student").toString(),
                        "--prompt",
                        "7*8=",
                        "--max-tokens",
                        "2")
                .assertDone();
    }

    @Test
    void whatIsMissingOrTooMuchIsOneLine() throws IOException {
        pretrained();
        String unlearn = "maxent: {alpha: 4}\n" + TRAINING.formatted(3);
        stage("unlearn", unlearn, "--out", "out")
                .assertOneLine(REFUSED, "--from: expected a model's directory, got none");
        stage("unlearn", unlearn, "--from", "base", "--teacher", "base", "--out", "out")
                .assertOneLine(REFUSED, "--teacher: expected no such option");
        stage("unlearn", unlearn, "--from", "nowhere", "--out", "out")
                .assertOneLine(FAILED, "--from: expected a directory", "not there");
        stage("unlearn", TRAINING.formatted(3), "--from", "base", "--out", "out")
                .assertOneLine(REFUSED, "expected one of graddiff, maxent, rmu");
        stage("unlearn", unlearn, "--from", "base", "--out", "base")
                .assertOneLine(FAILED, "--out: expected a new or empty directory");
        stage(
                        "unlearn",
                        unlearn
                                + "mixtures:\n  mixed: {add: 1}\n  retain: {add: 1}\n"
                                + "  forget: {mul: 0.5, div: 0.4}\n",
                        "--from",
                        "base",
                        "--out",
                        "out")
                .assertOneLine(
                        REFUSED,
                        "unlearn.yaml: mixtures: forget: expected shares that sum to 1, got mul 0.5,"
                                + " div 0.4, which sum to 0.9; correct them");
        stage("perturb", "alpha: 1.5\nbeta: 0.1\n", "--from", "base", "--out", "out")
                .assertOneLine(REFUSED, "alpha: expected 0 to 1, got 1.5");
        stage("perturb", "alpha: 0.5\nbata: 0.1\n", "--from", "base", "--out", "out")
                .assertOneLine(REFUSED, "unknown key bata; did you mean beta?");
        stage("perturb", "alpha: 0.5\nbeta: 0.1\n", "--from", "base", "--out", "out", "--set", "aplha=1")
                .assertOneLine(REFUSED, "unknown key aplha; did you mean alpha?");
        assertFalse(Files.exists(folder.resolve("out")));
    }
}

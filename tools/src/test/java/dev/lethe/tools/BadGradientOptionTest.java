package dev.lethe.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// Whatever is wrong with where gradients go, and with what is asked for.
class BadGradientOptionTest extends GradientsOfBadInput {
    @Test
    void outputIntoNoDirectory() {
        Path out = folder.resolve("missing").resolve("out.safetensors");
        outputTo(out)
                .assertOneLine(FAILED, "--out", out.toString(), "expected a writable directory");
    }

    @Test
    void outputOverADirectory() {
        outputTo(results).assertOneLine(FAILED, "--out", "got the directory");
    }

    @Test
    void outputOverTheWeights() throws IOException {
        Path weights = checkpoint.resolve("model.safetensors");
        outputTo(weights).assertOneLine(REFUSED, "--out", "expected a file of its own");
        assertEquals(-1, Files.mismatch(weights, GoldenCase.A_tiny.file("model.safetensors")));
    }

    @Test
    void outputOverTheConfiguration() throws IOException {
        Path config = checkpoint.resolve("config.json");
        outputTo(config).assertOneLine(REFUSED, "--out", "expected a file of its own");
        assertEquals(-1, Files.mismatch(config, GoldenCase.A_tiny.file("config.json")));
    }

    @Test
    void outputOverTheTeachersWeights() throws IOException {
        Path teacher = SampleFiles.checkpoint(GoldenCase.A_tiny, folder.resolve("teacher"));
        Path weights = teacher.resolve("model.safetensors");
        Invocation.of(
                        "gradients",
                        "--checkpoint",
                        checkpoint.toString(),
                        "--batch",
                        batch.toString(),
                        "--loss",
                        "kl",
                        "--teacher",
                        teacher.toString(),
                        "--out",
                        weights.toString())
                .assertOneLine(REFUSED, "--out", "expected a file of its own");
        assertEquals(-1, Files.mismatch(weights, GoldenCase.A_tiny.file("model.safetensors")));
    }

    @Test
    void outputOverWhatIsNoFile() throws IOException {
        Path socket = folder.resolve("socket");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            outputTo(socket).assertOneLine(FAILED, "--out", "regular file");
        }
    }

    private Invocation outputTo(Path out) {
        return Invocation.of(
                "gradients",
                "--checkpoint",
                checkpoint.toString(),
                "--batch",
                batch.toString(),
                "--loss",
                "ce",
                "--out",
                out.toString());
    }

    @Test
    void patternThatIsNone() {
        gradients("--loss", "ce", "--parameters", "model.(norm")
                .assertOneLine(
                        REFUSED, "--parameters", "expected a regular expression", "model.(norm");
    }

    @Test
    void patternOfNoWholeName() {
        gradients("--loss", "ce", "--parameters", "norm")
                .assertOneLine(REFUSED, "--parameters", "whole name", "matches none");
    }

    @Test
    void rmuWithoutLayer() {
        gradients("--loss", "rmu").assertOneLine(REFUSED, "--loss rmu", "expected --layer K");
    }

    @Test
    void rmuBeyondTheLayers() {
        gradients("--loss", "rmu", "--layer", "2")
                .assertOneLine(REFUSED, "--layer", "expected 0 to 1", "got 2");
    }

    @Test
    void frozenFileWithoutFrozenWeights() {
        gradients("--loss", "rmu", "--layer", "1", "--frozen", weights())
                .assertOneLine(FAILED, "--frozen", "rmu.frozen.", "got none");
    }

    @Test
    void klWithoutTeacher() {
        gradients("--loss", "kl").assertOneLine(REFUSED, "--loss kl", "expected --teacher");
    }

    @Test
    void teacherOfAnotherVocabulary() {
        gradients("--loss", "kl", "--teacher", GoldenCase.B_wide.folder().toString())
                .assertOneLine(FAILED, "--teacher", "vocabulary of 97", "got 260");
    }

    @Test
    void directionWithoutASelectedParameter() {
        gradients("--loss", "ce", "--hvp", weights())
                .assertOneLine(FAILED, "model.safetensors", "v.model.embed_tokens.weight");
    }

    private String weights() {
        return GoldenCase.A_tiny.file("model.safetensors").toString();
    }
}

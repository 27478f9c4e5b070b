package dev.lethe.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The command line itself: what every command takes, and how it refuses.
class CommandLineTest {
    private static final int FAILED = 1;
    private static final int REFUSED = 2;

    @ParameterizedTest
    @ValueSource(strings = {"gradients", "generate", "doctor"})
    void everyCommandHasTheCommonOptions(String command) {
        Invocation help = Invocation.of(command, "--help").assertDone();
        for (String option :
                new String[] {
                    "--device",
                    "--dtype",
                    "--seed",
                    "--threads",
                    "--runs",
                    "--set",
                    "--quiet",
                    "--json",
                    "--debug",
                    "--help",
                    "--version"
                }) {
            assertTrue(help.out().contains(option), option);
        }
        assertEquals("", help.err());
        assertTrue(Invocation.of(command, "--version").assertDone().out().startsWith("lethe "));
    }

    @Test
    void bareCommandShowsTheCommands() {
        Invocation bare = Invocation.of().assertDone();
        for (String command : new String[] {"gradients", "generate", "data", "doctor"}) {
            assertTrue(bare.out().contains(command), command);
        }
    }

    /// A command that is asked for is made alone; the others are made to be listed.
    @Test
    void everyCommandIsFoundByItsName() {
        Invocation bare = Invocation.of().assertDone();
        for (String command : Lethe.COMMANDS) {
            Invocation help = Invocation.of(command, "--help").assertDone();
            assertTrue(help.out().startsWith("Usage: lethe " + command + " "), help.out());
            assertTrue(bare.out().contains("\n  " + command + " "), bare.out());
        }
    }

    /// A disk that is full must not look like success.
    @ParameterizedTest
    @ValueSource(strings = {"doctor", "gradients --help"})
    void resultThatCannotBeWrittenFails(String arguments) {
        OutputStream full =
                new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        throw new IOException("No space left on device");
                    }
                };
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code =
                Lethe.run(
                        arguments.split(" "),
                        new PrintStream(full, false, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8));
        new Invocation(code, "", err.toString(StandardCharsets.UTF_8))
                .assertOneLine(FAILED, "standard output", "free space");
    }

    @Test
    void unknownOptionNamesTheNearest() {
        Invocation.of("gradients", "--chekpoint", "x")
                .assertOneLine(REFUSED, "unknown option --chekpoint", "did you mean --checkpoint?");
        Invocation.of("doctor", "--jsn").assertOneLine(REFUSED, "did you mean --json?");
        Invocation.of("doctor", "--jsn=1").assertOneLine(REFUSED, "unknown option --jsn; did");
        Invocation.of("gradients", "--checkpoint", "c", "--batchs=b", "--loss", "ce")
                .assertOneLine(REFUSED, "unknown option --batchs", "did you mean --batch?");
    }

    @Test
    void unknownOptionWithoutANeighbour() {
        Invocation.of("doctor", "--frobnicate")
                .assertOneLine(REFUSED, "unknown option --frobnicate", "lethe doctor --help");
    }

    @Test
    void unknownCommandNamesTheNearest() {
        Invocation.of("gradient")
                .assertOneLine(REFUSED, "unknown command gradient", "did you mean gradients?");
        Invocation.of("dance")
                .assertOneLine(REFUSED, "unknown command dance", "expected demo or");
    }

    @Test
    void unknownLoss() {
        Invocation.of(
                        "gradients",
                        "--checkpoint",
                        "c",
                        "--batch",
                        "b",
                        "--out",
                        "o",
                        "--loss",
                        "grad-diff")
                .assertOneLine(
                        REFUSED,
                        "--loss: expected ce or kl or maxent or graddiff or rmu, got grad-diff",
                        "did you mean graddiff?");
    }

    @Test
    void unknownWordWithoutAnOption() {
        Invocation bogus = Invocation.of("demo", "bogus");
        bogus.assertOneLine(REFUSED);
        assertEquals(
                "lethe: demo: expected arithmetic or language, got bogus; see lethe demo --help\n",
                bogus.err());
        Invocation.of("demo", "langauge")
                .assertOneLine(
                        REFUSED, "demo: expected arithmetic or language, got langauge; did you mean");
    }

    @Test
    void emptyPath() {
        Invocation.of("gradients", "--checkpoint", "c", "--batch", "", "--loss", "ce", "--out", "o")
                .assertOneLine(
                        REFUSED,
                        "gradients: --batch: expected a path, got an empty one; name one",
                        "see lethe gradients --help");
        Invocation.of("doctor", "--runs=")
                .assertOneLine(REFUSED, "--runs: expected a path, got an empty one; name one");
    }

    @Test
    void missingOptions() {
        Invocation.of("gradients", "--checkpoint", "c", "--loss", "ce", "--out", "o")
                .assertOneLine(REFUSED, "gradients: expected --batch FILE, got none");
    }

    @Test
    void optionWithoutItsValue() {
        Invocation.of("gradients", "--checkpoint")
                .assertOneLine(REFUSED, "--checkpoint", "lethe gradients --help");
        Invocation.of("gradients", "--checkpoint", "--loss", "ce")
                .assertOneLine(REFUSED, "--checkpoint' but found '--loss'");
    }

    @Test
    void optionTwice() {
        Invocation.of("doctor", "--seed", "1", "--seed", "2")
                .assertOneLine(REFUSED, "--seed", "once");
    }

    @Test
    void strayArgument() {
        Invocation.of("doctor", "now").assertOneLine(REFUSED, "expected options only, got now");
    }

    @Test
    void numberThatIsNone() {
        Invocation.of("doctor", "--seed", "1.5")
                .assertOneLine(REFUSED, "--seed: expected a whole number, got 1.5");
    }

    @Test
    void noThreads() {
        Invocation.of("doctor", "--threads", "0")
                .assertOneLine(REFUSED, "--threads: expected at least 1, got 0");
    }

    @Test
    void typeThatTheDeviceLacks() {
        String golden = GoldenCase.B_wide.folder().toString();
        for (String dtype : List.of("bf16", "bf16-pure")) {
            Invocation.of(
                            "generate",
                            "--checkpoint",
                            golden,
                            "--prompt",
                            "1",
                            "--device",
                            "cpu",
                            "--dtype",
                            dtype)
                    .assertOneLine(
                            REFUSED,
                            "--dtype: expected f32 or f64 on device cpu, got " + dtype + "; use",
                            "--device reference");
        }
    }

    @Test
    void unknownType() {
        Invocation.of("doctor", "--dtype", "bf16pure")
                .assertOneLine(
                        REFUSED,
                        "--dtype",
                        "expected f32 or f64 or bf16 or bf16-pure, got bf16pure",
                        "bf16-pure");
    }

    @Test
    void unknownDevice() {
        Invocation.of("doctor", "--device", "gpu")
                .assertOneLine(
                        REFUSED, "--device: expected auto or cpu or cuda or reference, got gpu");
    }

    @Test
    void deviceThatIsNotThereYet() {
        String golden = GoldenCase.B_wide.folder().toString();
        Invocation.of("generate", "--checkpoint", golden, "--prompt", "1", "--device", "cuda")
                .assertOneLine(REFUSED, "--device", "cuda", "cpu");
    }

    @Test
    void settingWhereThereIsNothingToSet() {
        Invocation.of("doctor", "--set", "a.b=c")
                .assertOneLine(REFUSED, "--set: doctor has no configuration, got a.b=c");
    }

    @Test
    void debugShowsTheStack() {
        Invocation debugged = Invocation.of("doctor", "--threads", "0", "--debug");
        assertEquals(REFUSED, debugged.exitCode());
        assertTrue(debugged.err().startsWith("lethe: --threads"), debugged.err());
        assertTrue(debugged.err().contains("\tat dev.lethe.tools"), debugged.err());
    }
}

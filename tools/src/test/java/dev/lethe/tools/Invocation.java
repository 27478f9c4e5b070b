package dev.lethe.tools;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// One run of the command and what it left on its streams.
record Invocation(int exitCode, String out, String err) {
    /// Within this JVM. What the libraries log goes to the JVM's own standard error.
    static Invocation of(List<String> arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code =
                Lethe.run(
                        arguments.toArray(String[]::new),
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Invocation(
                code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    static Invocation of(String... arguments) {
        return of(List.of(arguments));
    }

    /// The command line that starts the command in a JVM of its own.
    static List<String> childCommand(List<String> flags, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--add-modules=jdk.incubator.vector");
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(Lethe.class.getName());
        command.addAll(arguments);
        return command;
    }

    /// In a JVM of its own.
    ///
    /// @param environment added to this JVM's, less OpenBLAS's variables
    static Invocation inChild(
            Map<String, String> environment, List<String> flags, String... arguments)
            throws IOException, InterruptedException {
        Path err = Files.createTempFile("lethe", ".err");
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(childCommand(flags, List.of(arguments)))
                            .redirectError(err.toFile());
            builder.environment().keySet().removeIf(name -> name.startsWith("OPENBLAS_"));
            builder.environment().putAll(environment);
            Process process = builder.start();
            String out =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Invocation(process.waitFor(), out, Files.readString(err));
        } finally {
            Files.delete(err);
        }
    }

    /// That it ended with the code, said nothing on standard output and one line on standard error,
    /// which has all the parts.
    void assertOneLine(int code, String... parts) {
        assertEquals(code, exitCode, err);
        assertEquals("", out);
        assertEquals(1, err.lines().count(), err);
        assertTrue(err.startsWith("lethe: "), err);
        assertAll(
                List.of(parts).stream()
                        .map(part -> () -> assertTrue(err.contains(part), part + " in " + err)));
    }

    Invocation assertDone() {
        assertEquals(0, exitCode, err);
        return this;
    }
}

package dev.lethe.tools;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/// A user's JAR: source compiled against this project and packed, as a user would.
final class CompiledJar {
    private CompiledJar() {}

    /// The objective of the README.
    static Path npo(Path folder) throws IOException {
        try (InputStream in = CompiledJar.class.getResourceAsStream("/dev/lethe/examples/Npo.java")) {
            return of(folder, "Npo", new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    /// @param name of the class, which is in no package
    static Path of(Path folder, String name, String source) throws IOException {
        Path classes = Files.createDirectories(folder.resolve(name + "-classes"));
        Path file = Files.writeString(folder.resolve(name + ".java"), source);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter errors = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            List<String> options =
                    List.of("-cp", System.getProperty("java.class.path"), "-d", classes.toString());
            assertTrue(
                    compiler.getTask(
                                    errors,
                                    files,
                                    null,
                                    options,
                                    null,
                                    files.getJavaFileObjects(file))
                            .call(),
                    errors::toString);
        }
        Path jar = folder.resolve(name + ".jar");
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream archive = new JarOutputStream(out);
                Stream<Path> compiled = Files.list(classes)) {
            for (Path one : compiled.sorted().toList()) {
                archive.putNextEntry(new JarEntry(one.getFileName().toString()));
                Files.copy(one, archive);
                archive.closeEntry();
            }
        }
        return jar;
    }
}

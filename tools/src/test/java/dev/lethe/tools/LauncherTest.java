package dev.lethe.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// `tools/lethe` where all is built, in a folder with a space: its archive of classes.
@EnabledOnOs(value = OS.LINUX, disabledReason = "the launcher's folder is laid out by Linux tools")
final class LauncherTest {
    private static final String PREPARING = "lethe: preparing faster starts";

    @TempDir static Path folder;

    private static Path root;
    private static Path build;
    private static List<Started> first;

    private record Started(int exitCode, String out, String err) {
        static Started wait(Process process) throws Exception {
            return new Started(
                    process.waitFor(), // its few lines fit the pipes
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8),
                    new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
        }

        void assertVersion() {
            assertEquals(0, exitCode, err);
            assertEquals("lethe 0.1-test\n", out);
        }
    }

    /// Two at once begin with what the build left.
    @BeforeAll
    static void startTwice() throws Exception {
        root = folder.resolve("a checkout");
        build = root.resolve("tools/target/builds/one");
        Files.createDirectories(build.resolve("lib"));
        for (String module : List.of("engine", "kernels", "model", "tools")) {
            Files.createDirectories(root.resolve(module).resolve("src"));
            Files.writeString(root.resolve(module).resolve("pom.xml"), "");
        }
        Files.writeString(root.resolve("pom.xml"), "");
        for (String script : List.of("tools/lethe", "tools/jdk.sh")) {
            Files.copy(repository().resolve(script), root.resolve(script));
        }
        assertTrue(root.resolve("tools/lethe").toFile().setExecutable(true));
        writeJars();
        Path current = Files.writeString(build.resolveSibling("current"), "one\n");
        Files.setLastModifiedTime(current, FileTime.from(Instant.now().plusSeconds(3600)));
        Process one = start();
        Process other = start();
        first = List.of(Started.wait(one), Started.wait(other));
    }

    private static Path repository() {
        Path here = Path.of("").toAbsolutePath();
        return here.endsWith("tools") ? here.getParent() : here;
    }

    /// An archive takes no folders of classes, so each becomes a JAR.
    private static void writeJars() throws IOException {
        List<String> names = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path place = Path.of(entry);
            if (!Files.exists(place)) {
                continue;
            }
            String name = names.size() + ".jar";
            if (Files.isDirectory(place)) {
                writeJar(place, build.resolve("lib").resolve(name), new Manifest());
            } else {
                Files.copy(place, build.resolve("lib").resolve(name));
            }
            names.add("lib/" + name);
        }
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.CLASS_PATH, String.join(" ", names));
        attributes.put(Attributes.Name.IMPLEMENTATION_VERSION, "0.1-test");
        Path classes =
                Path.of(Lethe.class.getProtectionDomain().getCodeSource().getLocation().getPath());
        writeJar(classes, build.resolve("lethe.jar"), manifest);
    }

    private static void writeJar(Path classes, Path jar, Manifest manifest) throws IOException {
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file, manifest);
                Stream<Path> all = Files.walk(classes)) {
            for (Path each : all.filter(Files::isRegularFile).sorted().toList()) {
                String name = classes.relativize(each).toString();
                if (!name.equals("META-INF/MANIFEST.MF")) {
                    out.putNextEntry(new ZipEntry(name));
                    Files.copy(each, out);
                    out.closeEntry();
                }
            }
        }
    }

    private static Process start() throws IOException {
        return start(folder.resolve("none.log"));
    }

    private static Process start(Path loaded) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(root.resolve("tools/lethe").toString(), "--version");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        builder.environment()
                .put("JDK_JAVA_OPTIONS", "-Xlog:class+load:file=\"%s\"".formatted(loaded));
        return builder.start();
    }

    private static Path archive() throws IOException {
        try (Stream<Path> all = Files.list(build)) {
            List<Path> found =
                    all.filter(file -> file.getFileName().toString().startsWith("classes-"))
                            .toList();
            assertEquals(1, found.size(), found::toString);
            return found.getFirst();
        }
    }

    @Test
    void twoStartsAtOnceMakeOneArchive() throws Exception {
        first.forEach(Started::assertVersion);
        assertEquals(1, first.stream().filter(one -> one.err().contains(PREPARING)).count());
        assertTrue(Files.size(archive()) > 1 << 20);
    }

    @Test
    void laterStartsTakeTheirClassesFromIt() throws Exception {
        Path loaded = folder.resolve("loaded.log");
        Started started = Started.wait(start(loaded));
        started.assertVersion();
        assertFalse(started.err().contains(PREPARING), started.err());
        List<String> lines = Files.readAllLines(loaded);
        String line =
                lines.stream()
                        .filter(one -> one.contains(" dev.lethe.tools.Lethe "))
                        .findFirst()
                        .orElse("");
        assertTrue(line.contains("shared objects file"), line);
    }

    @Test
    void anArchiveThatDoesNotFitIsPassedOver() throws Exception {
        Path archive = archive();
        byte[] whole = Files.readAllBytes(archive);
        try {
            for (String spoiled : List.of("no archive", "")) {
                Files.writeString(archive, spoiled);
                Started started = Started.wait(start());
                started.assertVersion();
                assertFalse(started.err().contains(PREPARING), started.err());
                assertEquals(spoiled.length(), Files.size(archive));
            }
            byte[] foreign = whole.clone();
            Arrays.fill(foreign, 64, 512, (byte) 'x'); // the name of the JVM is in it
            Files.write(archive, foreign);
            Started.wait(start()).assertVersion();
        } finally {
            Files.write(archive, whole);
        }
    }

    /// A JAR that is newer than its archive has other classes.
    @Test
    void aStaleArchiveIsPassedOver() throws Exception {
        Path jar = build.resolve("lethe.jar");
        FileTime then = Files.getLastModifiedTime(jar);
        Files.setLastModifiedTime(jar, FileTime.from(then.toInstant().plusSeconds(10)));
        try {
            Started.wait(start()).assertVersion();
        } finally {
            Files.setLastModifiedTime(jar, then);
        }
    }
}

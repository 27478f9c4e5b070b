package dev.lethe.tools;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Every package says what comes in, what goes out, where to read on and how to add one of its
/// kind; and every module with sources is among the classes that the architecture rules see.
final class PackageDocumentationTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final String DOCUMENTATION = "package-info.java";
    private static final List<String> LINES = List.of("In", "Out", "Next", "To add one");

    @ParameterizedTest
    @ValueSource(strings = {"engine", "kernels", "model", "tools", "bench"})
    void everyPackageIsDocumented(String module) throws IOException {
        var packages = sources(module);
        assertFalse(packages.isEmpty(), () -> module + ": no sources found under " + ROOT);
        assertAll(packages.keySet().stream().map(folder -> () -> assertDocumented(folder)));
    }

    @Test
    void everyModuleIsSeenByTheArchitectureRules() throws IOException {
        JavaClasses classes = new ClassFileImporter().importPackages("dev.lethe");
        for (String module : List.of("engine", "kernels", "model", "tools")) {
            boolean written =
                    sources(module).values().stream()
                            .flatMap(List::stream)
                            .anyMatch(file -> !file.equals(DOCUMENTATION));
            boolean seen =
                    classes.stream()
                            .anyMatch(
                                    type ->
                                            (type.getPackageName() + ".")
                                                    .startsWith("dev.lethe." + module + "."));
            assertTrue(seen || !written, () -> module + ": has sources, but no class was seen");
        }
    }

    private static void assertDocumented(Path folder) throws IOException {
        Path file = folder.resolve(DOCUMENTATION);
        assertTrue(Files.exists(file), () -> ROOT.relativize(file) + " is missing");
        String text = Files.readString(file);
        int from = 0;
        for (String line : LINES) {
            var matcher = Pattern.compile("(?m)^///[\\s*_-]*" + line + "\\b").matcher(text);
            assertTrue(
                    matcher.find(from),
                    () ->
                            "%s: expected a line that starts with '%s', in the order %s"
                                    .formatted(ROOT.relativize(file), line, LINES));
            from = matcher.end();
        }
    }

    /// The Java files of a module's main sources by folder.
    private static SortedMap<Path, List<String>> sources(String module) throws IOException {
        try (Stream<Path> files = Files.walk(ROOT.resolve(module, "src", "main", "java"))) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .collect(
                            groupingBy(
                                    Path::getParent,
                                    TreeMap::new,
                                    mapping(file -> file.getFileName().toString(), toList())));
        }
    }
}

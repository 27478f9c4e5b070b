package dev.lethe.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The prototypes in Java and in the `.cu` sources are the same ones, in both directions.
class KernelSourceTest {
    private static final Path SOURCES = Path.of("src/main/resources/dev/lethe/kernels/cuda");
    private static final Path CLASSES = Path.of("src/main/java/dev/lethe/kernels/cuda");
    private static final Pattern KERNEL =
            Pattern.compile(
                    "extern\\s+\"C\"\\s+__global__\\s+void\\s+"
                            + "(?:__launch_bounds__\\s*\\((?:[^()]|\\([^()]*\\))*\\)\\s*)?"
                            + "(\\w+\\s*\\([^)]*\\))");

    /// Each `KernelSource` that a class of the column declares, by family.
    static Map<String, KernelSource> declared() throws IOException, ReflectiveOperationException {
        Map<String, KernelSource> declared = new TreeMap<>();
        for (Path file : files(CLASSES, ".java")) {
            String name = file.getFileName().toString().replace(".java", "");
            if (name.equals("package-info")) {
                continue;
            }
            Class<?> type = Class.forName(KernelSource.class.getPackageName() + "." + name);
            for (var field : type.getDeclaredFields()) {
                if (field.getType() == KernelSource.class) {
                    field.setAccessible(true);
                    KernelSource source = (KernelSource) field.get(null);
                    assertEquals(null, declared.put(source.family(), source), source.fileName());
                }
            }
        }
        return declared;
    }

    private static List<Path> files(Path folder, String ending) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(ending)).sorted().toList();
        }
    }

    static String withoutComments(String source) {
        return source.replaceAll("(?s)/\\*.*?\\*/", " ").replaceAll("//[^\n]*", " ");
    }

    private static List<String> prototypes(String source) {
        List<String> found = new ArrayList<>();
        Matcher kernels = KERNEL.matcher(withoutComments(source));
        while (kernels.find()) {
            found.add(KernelSignature.parse(kernels.group(1)).toString());
        }
        return found.stream().sorted().toList();
    }

    @Test
    void everySourceIsDeclaredByOneClass() throws Exception {
        List<String> sources =
                files(SOURCES, ".cu").stream().map(file -> file.getFileName().toString()).toList();
        List<String> declared =
                declared().values().stream().map(KernelSource::fileName).sorted().toList();
        assertFalse(sources.isEmpty());
        assertEquals(sources, declared);
    }

    @Test
    void prototypesAgreeBothWays() throws Exception {
        for (KernelSource source : declared().values()) {
            List<String> java =
                    source.signatures().stream().map(Object::toString).sorted().toList();
            assertEquals(prototypes(source.text()), java, source.fileName());
        }
    }

    @Test
    void kernelsAreNamedAfterTheirFamily() throws Exception {
        for (KernelSource source : declared().values()) {
            for (KernelSignature signature : source.signatures()) {
                assertTrue(
                        signature.name().startsWith(source.family() + "_"), signature.toString());
            }
            // A kernel without extern "C" would have a name that no one can look up.
            int all = withoutComments(source.text()).split("__global__", -1).length - 1;
            assertEquals(source.signatures().size(), all, source.fileName());
        }
    }

    @Test
    void sourcesIncludeNothingOfCudas() throws Exception {
        for (KernelSource source : declared().values()) {
            List<String> includes =
                    source.text().lines().filter(line -> line.startsWith("#include")).toList();
            List<String> ours =
                    KernelSource.HEADERS.stream()
                            .map("#include \"%s\""::formatted)
                            .filter(includes::contains)
                            .toList();
            assertEquals(ours, includes, source.fileName());
            assertEquals("#include \"element.cuh\"", includes.getFirst(), source.fileName());
        }
    }
}

package dev.lethe.kernels.cpu;

import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import jdk.incubator.vector.Vector;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class CompilerDirectivesTest {
    @Test
    void theMachineKnowsEveryLoopAndHelper() throws Exception {
        CompilerDirectives.install();
        String printed = CompilerDirectives.command("compilerDirectivesPrint");
        for (List<Class<?>> classes :
                List.of(CompilerDirectives.LOOPS, CompilerDirectives.HELPERS)) {
            for (Class<?> type : classes) {
                String name = type.getName().replace('.', '/') + ".*";
                Assertions.assertTrue(printed.contains(name), () -> name + " not in " + printed);
            }
        }
    }

    @Test
    void theLauncherNamesEveryHelper() throws Exception {
        String launcher = Files.readString(Path.of("../tools/lethe"));
        for (Class<?> helper : CompilerDirectives.HELPERS) {
            String option = "'-XX:CompileCommand=inline,%s::*'".formatted(helper.getName());
            Assertions.assertTrue(launcher.contains(option), () -> option + " not in tools/lethe");
        }
    }

    /// Whoever passes vectors on is a helper, or it would be an object at every call.
    @Test
    void whatPassesVectorsIsAHelper() throws Exception {
        for (Class<?> type : classesOfThisPackage()) {
            if (Arrays.stream(type.getDeclaredMethods())
                    .anyMatch(CompilerDirectivesTest::passesVectors)) {
                Assertions.assertTrue(CompilerDirectives.HELPERS.contains(type), type::toString);
            }
        }
    }

    private static List<Class<?>> classesOfThisPackage() throws Exception {
        Path folder =
                Path.of(CompilerDirectives.class.getResource("CompilerDirectives.class").toURI())
                        .getParent();
        List<Class<?>> classes = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(one -> one.toString().endsWith(".class")).toList()) {
                String name = file.getFileName().toString().replace(".class", "");
                if (!name.equals("package-info")) {
                    classes.add(
                            Class.forName(CompilerDirectives.class.getPackageName() + "." + name));
                }
            }
        }
        return classes;
    }

    private static boolean passesVectors(Method method) {
        return Arrays.stream(method.getParameterTypes()).anyMatch(Vector.class::isAssignableFrom)
                || Vector.class.isAssignableFrom(method.getReturnType());
    }

    /// By their names `tools/lethe` tells the compiler the same, before it has started.
    @Test
    void everyLoopIsKnownByItsName() {
        for (Class<?> loops : CompilerDirectives.LOOPS) {
            Assertions.assertTrue(loops.getSimpleName().endsWith("Loops"), loops::toString);
        }
    }

    /// A vector that enters or leaves a loop's method would be an object at every call.
    @Test
    void noLoopPassesVectors() {
        for (Class<?> loops : CompilerDirectives.LOOPS) {
            for (Method method : loops.getDeclaredMethods()) {
                Assertions.assertFalse(passesVectors(method), method::toString);
            }
        }
    }
}

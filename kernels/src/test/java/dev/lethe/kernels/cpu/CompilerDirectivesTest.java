package dev.lethe.kernels.cpu;

import java.lang.reflect.Method;
import java.util.Arrays;
import jdk.incubator.vector.Vector;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class CompilerDirectivesTest {
    @Test
    void theMachineKnowsEveryLoop() throws Exception {
        CompilerDirectives.install();
        String printed = CompilerDirectives.command("compilerDirectivesPrint");
        for (Class<?> loops : CompilerDirectives.LOOPS) {
            String name = loops.getName().replace('.', '/') + ".*";
            Assertions.assertTrue(printed.contains(name), () -> name + " not in " + printed);
        }
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
                boolean vectors =
                        Arrays.stream(method.getParameterTypes())
                                        .anyMatch(Vector.class::isAssignableFrom)
                                || Vector.class.isAssignableFrom(method.getReturnType());
                Assertions.assertFalse(vectors, method::toString);
            }
        }
    }
}

package dev.lethe.kernels.cpu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.ObjectName;

/// Tells the just-in-time compiler to compile each vector loop on its own, and whole.
///
/// C2 stops inlining when the graph of a method has grown to 18,000 nodes, which is some forty
/// vector operations, and a vector that crosses a call is an object on the heap. A loop alone stays
/// below that. A caller into which C2 inlines several loops does not: in the last of them the
/// helpers are calls, and a training run becomes slower after some seconds when its callers get
/// hot.
///
/// Nor does C2 inline a helper at a place that its profile calls cold once the helper has been
/// compiled by itself: a loop that first met rows of whole vectors alone would make objects in the
/// tail of every later row. So helpers are named too, to be inlined wherever they are called.
final class CompilerDirectives {
    /// The classes of loops; what they call is meant to be inlined into them.
    static final List<Class<?>> LOOPS =
            List.of(
                    AttentionLoops.class,
                    ElementwiseLoops.class,
                    FewKeysLoops.class,
                    GegluLoops.class,
                    LogitLoops.class,
                    OptimizerLoops.class,
                    ReduceLoops.class,
                    RmsNormLoops.class,
                    RopeLoops.class,
                    RowLoops.class,
                    TransposeLoops.class);

    /// The classes of what loops call; vectors enter and leave their methods.
    static final List<Class<?>> HELPERS =
            List.of(
                    F32.class,
                    F64.class,
                    Gelu.class,
                    LaneExchange.class,
                    LaneSum.class,
                    VectorMath.class);

    /// `-Dlethe.directives=given` says that the JVM was started with an equal
    /// `-XX:CompileCommand=dontinline,*Loops::*` and an `inline` a helper, which take no time.
    static final String PROPERTY = "lethe.directives";

    private CompilerDirectives() {}

    /// Adds the directive, as `jcmd <process> Compiler.directives_add` would.
    ///
    /// @return what the machine answered
    static String install() throws JMException {
        Path file = null;
        try {
            file = Files.createTempFile("lethe", ".json");
            Files.writeString(file, text());
            return command("compilerDirectivesAdd", file.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            if (file != null) {
                file.toFile().delete();
            }
        }
    }

    private static String text() {
        return Stream.concat(HELPERS.stream().map(rule("+")), LOOPS.stream().map(rule("-")))
                .collect(Collectors.joining(", ", "[{match: \"*.*\", c2: {inline: [", "]}}]"));
    }

    private static Function<Class<?>, String> rule(String sign) {
        return type -> "\"%s%s.*\"".formatted(sign, type.getName().replace('.', '/'));
    }

    /// A diagnostic command of this virtual machine.
    static String command(String name, String... arguments) throws JMException {
        return (String)
                ManagementFactory.getPlatformMBeanServer()
                        .invoke(
                                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                                name,
                                arguments.length == 0 ? null : new Object[] {arguments},
                                arguments.length == 0
                                        ? null
                                        : new String[] {String[].class.getName()});
    }
}

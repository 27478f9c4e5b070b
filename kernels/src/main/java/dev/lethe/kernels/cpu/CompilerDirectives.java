package dev.lethe.kernels.cpu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import javax.management.JMException;
import javax.management.ObjectName;

/// Tells the just-in-time compiler to compile each vector loop on its own.
///
/// C2 stops inlining when the graph of a method has grown to 18,000 nodes, which is some forty
/// vector operations, and a vector that crosses a call is an object on the heap. A loop alone stays
/// below that. A caller into which C2 inlines several loops does not: in the last of them the
/// helpers are calls, and a training run becomes slower after some seconds when its callers get
/// hot.
final class CompilerDirectives {
    /// The classes of loops; what they call is meant to be inlined into them.
    static final List<Class<?>> LOOPS =
            List.of(
                    AttentionLoops.class,
                    ElementwiseLoops.class,
                    GegluLoops.class,
                    LogitLoops.class,
                    OptimizerLoops.class,
                    ReduceLoops.class,
                    RmsNormLoops.class,
                    RopeLoops.class,
                    RowLoops.class,
                    TransposeLoops.class);

    /// `-Dlethe.directives=given` says that the JVM was started with an equal
    /// `-XX:CompileCommand=dontinline,*Loops::*`, which takes no time.
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
        return LOOPS.stream()
                .map(loops -> "\"-" + loops.getName().replace('.', '/') + ".*\"")
                .collect(Collectors.joining(", ", "[{match: \"*.*\", c2: {inline: [", "]}}]"));
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

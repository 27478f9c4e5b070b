package dev.lethe.engine.contract;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.backend.TensorArena;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Constructor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/// Poison is decided when the virtual machine starts, so it is looked at from another one.
final class PoisonProbe {
    private static final int SIZE = 67;

    private PoisonProbe() {}

    /// What a new virtual machine prints that opens the backend of this contract's subclass.
    static String run(Class<? extends MemoryContract> contract, boolean poison) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> !argument.startsWith("-javaagent")) // its files are in use
                .filter(argument -> !argument.startsWith("-agentlib"))
                .forEach(command::add);
        command.add("-Dlethe.poison=" + poison);
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(PoisonProbe.class.getName());
        command.add(contract.getName());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        byte[] printed = process.getInputStream().readAllBytes();
        process.waitFor();
        // The machine's own warnings come before: of incubating modules, of a missing logger.
        return new String(printed, StandardCharsets.UTF_8).lines().reduce("", (_, line) -> line);
    }

    public static void main(String[] args) throws ReflectiveOperationException {
        Constructor<?> constructor = Class.forName(args[0]).getDeclaredConstructor();
        constructor.setAccessible(true);
        MemoryContract contract = (MemoryContract) constructor.newInstance();
        int unwritten = 0;
        try (Backend backend = contract.openForProbe()) {
            step(backend, true);
            unwritten = step(backend, false);
        }
        System.out.println("unwritten: " + unwritten + " of " + 4 * SIZE);
    }

    /// Counts elements that are not NaN, among four buffers where an earlier step wrote ones.
    private static int step(Backend backend, boolean write) {
        long finite = 0;
        try (TensorArena step = backend.openStep()) {
            for (DType dtype : new DType[] {DType.F32, DType.F64, DType.F32, DType.F64}) {
                Buffer buffer = step.allocate(dtype, SIZE);
                if (write) {
                    Workbench.write(backend, Numbers.filled(1, SIZE), buffer);
                }
                finite +=
                        DoubleStream.of(Workbench.read(backend, buffer))
                                .filter(Double::isFinite)
                                .count();
            }
        }
        return (int) finite;
    }
}

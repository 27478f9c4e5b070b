package dev.lethe.kernels.cpu;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.lethe.engine.memory.BlockSource;
import dev.lethe.engine.memory.HostBlocks;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Off-heap memory in transparent huge pages where Linux gives them, so that a step that streams
/// through a hundred megabytes does not spend its time on page tables.
///
/// What is smaller than a huge page, or refused, comes from [HostBlocks].
final class HugePageBlocks implements BlockSource {
    private static final long HUGE = 2L << 20; // bytes, on x86-64
    private static final int READ_WRITE = 3;
    private static final int PRIVATE_ANONYMOUS = 0x22;
    private static final int ADVISE_HUGE_PAGE = 14;

    private final HostBlocks ordinary = new HostBlocks();
    private final Map<Long, Mapping> mappings = new ConcurrentHashMap<>();

    private record Mapping(long start, long bytes) {}

    @Override
    public Block allocate(long bytes) {
        if (bytes < HUGE || !Calls.PRESENT) {
            return ordinary.allocate(bytes);
        }
        long usable = (bytes + HUGE - 1) & -HUGE;
        long start = Calls.map(usable + HUGE);
        if (start < 0) {
            return ordinary.allocate(bytes); // which says what was refused
        }
        long address = (start + HUGE - 1) & -HUGE;
        Calls.advise(address, usable);
        mappings.put(address, new Mapping(start, usable + HUGE));
        return new Block(address, usable);
    }

    @Override
    public void free(Block block) {
        Mapping mapping = mappings.remove(block.address());
        if (mapping == null) {
            ordinary.free(block);
        } else {
            Calls.unmap(mapping.start(), mapping.bytes());
        }
    }

    @Override
    public void close() {
        mappings.values().forEach(mapping -> Calls.unmap(mapping.start(), mapping.bytes()));
        mappings.clear();
        ordinary.close();
    }

    /// The C library's calls, where the machine is a Linux.
    private static final class Calls {
        static final boolean PRESENT = System.getProperty("os.name").equals("Linux");
        private static final MethodHandle MAP =
                handle(
                        "mmap", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT,
                        JAVA_LONG);
        private static final MethodHandle ADVISE =
                handle("madvise", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
        private static final MethodHandle UNMAP =
                handle("munmap", JAVA_INT, JAVA_LONG, JAVA_LONG);

        private Calls() {}

        @SuppressWarnings("restricted") // calling native code is what this class is for
        private static MethodHandle handle(
                String name, MemoryLayout result, MemoryLayout... arguments) {
            Linker linker = Linker.nativeLinker();
            return PRESENT
                    ? linker.downcallHandle(
                            linker.defaultLookup().findOrThrow(name),
                            FunctionDescriptor.of(result, arguments))
                    : null;
        }

        /// The start of a new mapping, or -1.
        static long map(long bytes) {
            try {
                return (long) MAP.invokeExact(0L, bytes, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0L);
            } catch (Throwable e) {
                throw new IllegalStateException("the call of mmap failed", e);
            }
        }

        /// A refusal is no harm: the pages stay small.
        static void advise(long address, long bytes) {
            try {
                int _ = (int) ADVISE.invokeExact(address, bytes, ADVISE_HUGE_PAGE);
            } catch (Throwable e) {
                throw new IllegalStateException("the call of madvise failed", e);
            }
        }

        static void unmap(long start, long bytes) {
            int status;
            try {
                status = (int) UNMAP.invokeExact(start, bytes);
            } catch (Throwable e) {
                throw new IllegalStateException("the call of munmap failed", e);
            }
            if (status != 0) {
                throw new IllegalStateException(
                        "munmap refused %d bytes at %d".formatted(bytes, start));
            }
        }
    }
}

package dev.lethe.tools.study;

import dev.lethe.engine.memory.DType;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.tools.command.RefusedException;
import dev.lethe.tools.experiment.PhysicalMemory;

/// What a study takes at most, told before it begins.
final class PartMemory {
    private static final int PART_TOKENS = 256; // into which batches are cut, rows staying whole
    private static final int WHOLE_PASSES = 3;
    private static final double COPIES = 4; // of a graph: forward, backward and both once more

    private PartMemory() {}

    /// Bytes that all workers' graphs take at once: residuals, projections, attention and logits of
    /// a part, differentiated twice. A rough guess, on the safe side.
    static double bytes(Gemma2Config config, int tokens, int rows, int threads, DType dtype) {
        double positions =
                tokens * Math.max(1.0, Math.min(rows, PART_TOKENS / Math.max(1, tokens)));
        int workers = Math.min(threads, Math.max(1, (int) (rows * (double) tokens / positions)));
        return workers * COPIES * graph(config, positions, tokens) * dtype.bytes();
    }

    /// Bytes of a loss that compares rows (RepNoise) and so has all of them in one graph: those to
    /// forget twice, and those to keep.
    static double wholeBytes(Gemma2Config config, int tokens, int rows, DType dtype) {
        double positions = WHOLE_PASSES * (double) rows * tokens;
        return COPIES * graph(config, positions, tokens) * dtype.bytes();
    }

    private static double graph(Gemma2Config config, double positions, int tokens) {
        double layer =
                12.0 * config.hiddenSize()
                        + 4.0 * config.intermediateSize()
                        + 4.0 * config.heads() * (config.headDim() + (double) tokens);
        return positions * (config.layers() * layer + 8.0 * config.vocabSize());
    }

    /// @throws RefusedException for rows that do not fit
    static void require(Gemma2Config config, Rows rows, int threads, DType dtype) {
        require(config, rows, threads, dtype, PhysicalMemory.usable());
    }

    /// @throws RefusedException for rows that do not fit into one graph
    static void requireWhole(Gemma2Config config, Rows rows, DType dtype, double usable) {
        int tokens = Math.max(rows.forget().tokens(), rows.retain().tokens());
        int count = Math.max(rows.forget().rows(), rows.retain().rows());
        double needed = wholeBytes(config, tokens, count, dtype);
        if (needed > usable) {
            throw new RefusedException(
                    "batch: repnoise has %d rows of %d tokens in one graph, which needs about %.0f MiB, expected at most %.0f MiB here; lower tokens (--set tokens=N) or use --dtype f32"
                            .formatted(count, tokens, needed / 0x1p20, usable / 0x1p20));
        }
    }

    static void require(
            Gemma2Config config, Rows rows, int threads, DType dtype, double usable) {
        int tokens = Math.max(rows.forget().tokens(), rows.retain().tokens());
        int count = Math.max(rows.forget().rows(), rows.retain().rows());
        double needed = bytes(config, tokens, count, threads, dtype);
        if (needed > usable) {
            throw new RefusedException(
                    "batch: %d threads with rows of %d tokens need about %.0f MiB, expected at most %.0f MiB here; use shorter rows, --threads 1 or --dtype f32"
                            .formatted(threads, tokens, needed / 0x1p20, usable / 0x1p20));
        }
        requireHeap(count, tokens);
    }

    /// For the rows themselves, before they are made.
    ///
    /// @param count rows of each of three roles
    /// @throws RefusedException for rows that the heap does not hold
    static void requireHeap(int count, int tokens) {
        long heap = 40L * count * tokens * 3;
        long most = Runtime.getRuntime().maxMemory() / 2;
        if (heap > most) {
            throw new RefusedException(
                    "batch: %d rows of %d tokens of each role need %d MiB, expected at most %d MiB (half the heap); lower tokens (--set tokens=N) or raise -Xmx"
                            .formatted(count, tokens, heap >> 20, most >> 20));
        }
    }
}

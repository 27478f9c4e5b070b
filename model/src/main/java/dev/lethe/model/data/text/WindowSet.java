package dev.lethe.model.data.text;

import dev.lethe.model.checkpoint.ElementType;
import dev.lethe.model.checkpoint.Entry;
import dev.lethe.model.checkpoint.SafeTensors;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.DataException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;

/// Windows of one width from any number of blocks, numbered through. Those of shards are mapped and
/// never read whole, so a text may be larger than memory.
///
/// @param width ids a window, T + 1
/// @param blocks in order
public record WindowSet(int width, List<Block> blocks) {
    private static final String SHARDS = "tokens-*.safetensors";
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /// @param first number of the first window
    /// @param ids I32, window after window
    /// @param lengths real ids of each window
    public record Block(int first, MemorySegment ids, int[] lengths) {}

    /// Windows that lie in memory.
    public static WindowSet of(int width, List<Windows> windows) {
        List<Block> blocks = new ArrayList<>();
        int count = 0;
        for (Windows one : windows) {
            if (one.width() != width) {
                throw new IllegalArgumentException(
                        "windows: expected %d ids each, got %d".formatted(width, one.width()));
            }
            blocks.add(new Block(count, bytes(one.ids()), one.lengths()));
            count += one.count();
        }
        return new WindowSet(width, blocks);
    }

    private static MemorySegment bytes(int[] ids) {
        MemorySegment own = MemorySegment.ofArray(new byte[Math.multiplyExact(4, ids.length)]);
        MemorySegment.copy(ids, 0, own, INT, 0, ids.length);
        return own;
    }

    /// The shards of a directory that `lethe data text` wrote, mapped as long as the process runs.
    ///
    /// @param width ids a window must have
    /// @throws DataException where there are none, or they have another width
    public static WindowSet open(Path directory, int width) {
        List<Block> blocks = new ArrayList<>();
        int count = 0;
        for (Path file : shards(directory)) {
            SafeTensors tensors = SafeTensors.open(file);
            Entry ids = tensors.entry(TokenShard.IDS);
            int[] lengths = tensors.entry(TokenShard.LENGTHS).toInts();
            List<Long> expected = List.of((long) lengths.length, (long) width);
            if (ids.dtype() != ElementType.I32 || !ids.shape().equals(expected)) {
                throw new DataException(
                        "%s: expected windows of %d I32 ids, got %s of shape %s; make the shards again with --length %d"
                                .formatted(file, width, ids.dtype(), ids.shape(), width - 1));
            }
            blocks.add(new Block(count, ids.bytes(), lengths));
            count = Math.addExact(count, lengths.length);
        }
        return new WindowSet(width, blocks);
    }

    /// SHA-256 of a directory's shards, one after the other.
    public static String sha256(Path directory) {
        byte[] chunk = new byte[1 << 20];
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Path file : shards(directory)) {
                try (InputStream in = Files.newInputStream(file)) {
                    for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                        digest.update(chunk, 0, read);
                    }
                }
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw unreadable(directory, e.getMessage(), e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has it
        }
    }

    private static List<Path> shards(Path directory) {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, SHARDS)) {
            found.forEach(files::add);
        } catch (IOException e) {
            throw unreadable(directory, "no directory that can be read", e);
        }
        if (files.isEmpty()) {
            throw unreadable(directory, "a directory without any", null);
        }
        files.sort(null);
        return files;
    }

    private static DataException unreadable(Path directory, String got, Exception cause) {
        return new DataException(
                "%s: expected token shards %s, got %s; make them with lethe data text"
                        .formatted(directory, SHARDS, got),
                cause);
    }

    /// W.
    public int count() {
        Block last = blocks.getLast();
        return last.first + last.lengths.length;
    }

    /// Some windows as rows of T inputs, every real id but a window's first a target.
    ///
    /// @param which numbers of windows, in the order of the rows
    public Batch batch(int... which) {
        int[] rows = new int[which.length * width];
        int[] lengths = new int[which.length];
        for (int r = 0; r < which.length; r++) {
            lengths[r] = copyTo(which[r], rows, r);
        }
        return Batch.shifted(which.length, width, rows, lengths).withoutLastColumn();
    }

    /// The windows from one (inclusive) to another (exclusive), as [#batch(int...)].
    public Batch range(int from, int to) {
        return batch(IntStream.range(from, to).toArray());
    }

    /// @return its real ids
    int copyTo(int window, int[] rows, int row) {
        Block block = blockOf(window);
        int at = window - block.first;
        MemorySegment.copy(block.ids, INT, 4L * at * width, rows, row * width, width);
        return block.lengths[at];
    }

    private Block blockOf(int window) {
        int low = 0;
        int high = blocks.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) / 2;
            if (blocks.get(middle).first <= window) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return blocks.get(low);
    }
}

package dev.lethe.model.data.text;

import dev.lethe.model.data.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/// Joins documents to windows and drops nothing: every id lies in exactly one window, documents run
/// on across windows, and only the last window is padded.
///
/// Windows do not overlap, so a window's first id is never a target. The reference code instead
/// drops what is left of a document when a window is full (PAPER 1.9).
public final class Packer {
    /// About 64 MiB of ids a block.
    private static final int IDS_A_BLOCK = 1 << 24;

    /// What went in and came out: `tokens + padding = windows (T+1)`.
    ///
    /// @param tokens ids with the marks
    /// @param padding ids that fill the last window
    public record Counts(long documents, long tokens, long windows, long padding) {}

    /// All windows of texts that fit into memory.
    public record Packed(Windows windows, Counts counts) {}

    private final Tokenizer tokenizer;
    private final int width;
    private final boolean ends;
    private final int windowsABlock;
    private final Consumer<Windows> blocks;

    private int[] ids;
    private int length;
    private long documents;
    private long tokens;
    private long windows;

    /// @param inputs T, input positions a window
    /// @param ends whether a document ends with its mark; it always begins with one
    /// @param blocks takes the windows, a bounded number at a time, in order
    public Packer(Tokenizer tokenizer, int inputs, boolean ends, Consumer<Windows> blocks) {
        this(tokenizer, inputs, ends, Math.max(1, IDS_A_BLOCK / (inputs + 1)), blocks);
    }

    Packer(
            Tokenizer tokenizer,
            int inputs,
            boolean ends,
            int windowsABlock,
            Consumer<Windows> blocks) {
        if (inputs < 1 || inputs >= IDS_A_BLOCK) {
            throw new IllegalArgumentException(
                    "packing: expected a length from 1 to %d, got %d; correct it"
                            .formatted(IDS_A_BLOCK - 1, inputs));
        }
        this.tokenizer = tokenizer;
        this.width = inputs + 1;
        this.ends = ends;
        this.windowsABlock = windowsABlock;
        this.blocks = blocks;
        this.ids = new int[width];
    }

    /// Packs texts that fit into memory.
    ///
    /// @throws IllegalArgumentException for no text at all
    public static Packed pack(List<String> texts, Tokenizer tokenizer, int inputs, boolean ends) {
        List<Windows> all = new ArrayList<>(1);
        int most = (int) ((Integer.MAX_VALUE - 8) / Math.max(1, inputs + 1L));
        Packer packer = new Packer(tokenizer, inputs, ends, most, all::add);
        texts.forEach(packer::add);
        Counts counts = packer.finish();
        if (all.size() != 1) {
            throw new IllegalArgumentException(
                    "packing: expected at least one text that fits into an array, got %d texts"
                            .formatted(texts.size()));
        }
        return new Packed(all.getFirst(), counts);
    }

    /// Adds a document, which may be empty: its mark counts all the same.
    public void add(String text) {
        documents++;
        append(tokenizer.bosId());
        for (int id : tokenizer.encode(text)) {
            append(id);
        }
        if (ends) {
            append(tokenizer.eosId());
        }
    }

    private void append(int id) {
        if (length == ids.length) {
            long most = (long) windowsABlock * width;
            ids = Arrays.copyOf(ids, (int) Math.min(most, 2L * ids.length));
        }
        ids[length++] = id;
        tokens++;
        if (length == (long) windowsABlock * width) {
            handOver();
        }
    }

    private void handOver() {
        int count = (length + width - 1) / width;
        int[] lengths = new int[count];
        Arrays.fill(lengths, width);
        lengths[count - 1] = length - (count - 1) * width;
        int[] block = Arrays.copyOf(ids, count * width);
        Arrays.fill(block, length, block.length, tokenizer.padId());
        length = 0;
        windows += count;
        blocks.accept(new Windows(width, block, lengths));
    }

    /// Hands over what is left, the last window padded.
    public Counts finish() {
        if (length > 0) {
            handOver();
        }
        return new Counts(documents, tokens, windows, windows * width - tokens);
    }
}

package dev.lethe.engine.random;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/// An endless array of random numbers, addressed by index and without state: element i is the same
/// whoever asks for it, in whatever order, and any range is filled by any thread.
///
/// The Philox4x32-10 key is the seed. The counter's four words, first to last, are the block index
/// (lower, upper half), the purpose's code and the stream number. Block b holds words 4b .. 4b+3;
/// element i takes the 64 bits of words 2i (lower half) and 2i+1 (upper half). Words and elements
/// therefore overlap: draw one stream either by word or by element, and by element for one kind of
/// draw. Indices and streams are unsigned.
///
/// @param seed the run's seed, all 64 bits of which count
/// @param purpose what the numbers are for
/// @param stream tells apart what one purpose draws for: which parameter, which epoch, which row
public record PhiloxStream(long seed, Purpose purpose, int stream) {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final ValueLayout.OfShort BF16 = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE_UNALIGNED;

    public PhiloxStream {
        Objects.requireNonNull(purpose, "random: purpose is null; name what the numbers are for");
    }

    /// The stream of that number with the same seed and purpose.
    public PhiloxStream withStream(int stream) {
        return new PhiloxStream(seed, purpose, stream);
    }

    /// 32 random bits: word `index & 3` of block `index >>> 2`.
    public int word(long index) {
        return block(index >>> 2).word((int) index & 3);
    }

    /// The 64 random bits of an element.
    public long bits(long index) {
        return block(index >>> 1).pair((int) index & 1);
    }

    /// Uniform in [0, 1), a multiple of 2^-53: the upper 53 of the element's bits.
    public double uniform(long index) {
        return Distribution.Uniform.UNIT.f64(bits(index));
    }

    /// Uniform in [low, high), as [Distribution.Uniform] says.
    public double uniform(long index, double low, double high) {
        return new Distribution.Uniform(low, high).f64(bits(index));
    }

    /// Standard normal, as [Distribution.Normal] says.
    public double normal(long index) {
        return Distribution.Normal.STANDARD.f64(bits(index));
    }

    /// Uniform in 0 .. bound-1: the upper 64 bits of the 128-bit product of the element's bits and
    /// the bound (Lemire 2019, without rejection, so that a draw costs one element whatever its
    /// value). No value's probability is off by more than 2^-64.
    public long below(long index, long bound) {
        if (bound < 1) {
            throw new IllegalArgumentException(
                    "random: bound must be at least 1, got "
                            + bound
                            + "; give the number of choices");
        }
        return Math.unsignedMultiplyHigh(bits(index), bound);
    }

    /// [#below(long, long)] for an int.
    public int below(long index, int bound) {
        return (int) below(index, (long) bound);
    }

    /// The numbers 0 .. n-1 in an order drawn from this stream's elements 1 .. n-1 (Fisher and
    /// Yates, from the last place down: place i swaps with `below(i, i + 1)`). Take one stream per
    /// permutation.
    public int[] permutation(int n) {
        if (n < 0) {
            throw new IllegalArgumentException(
                    "permutation: length must be at least 0, got "
                            + n
                            + "; give how many to order");
        }
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            order[i] = i;
        }
        for (int i = n - 1; i > 0; i--) {
            int j = below(i, i + 1);
            int moved = order[i];
            order[i] = order[j];
            order[j] = moved;
        }
        return order;
    }

    /// Writes the F32 draws of elements firstIndex .. firstIndex+count-1 one after the other from
    /// `byteOffset` of the segment on, in native byte order.
    public void fillF32(
            MemorySegment segment, long byteOffset, long firstIndex, long count, Distribution law) {
        requireRoom(segment, byteOffset, count, Float.BYTES);
        fill(
                firstIndex,
                count,
                (k, bits) -> segment.set(F32, byteOffset + k * Float.BYTES, law.f32(bits)));
    }

    /// [#fillF32] in F64.
    public void fillF64(
            MemorySegment segment, long byteOffset, long firstIndex, long count, Distribution law) {
        requireRoom(segment, byteOffset, count, Double.BYTES);
        fill(
                firstIndex,
                count,
                (k, bits) -> segment.set(F64, byteOffset + k * Double.BYTES, law.f64(bits)));
    }

    /// [#fillF32] in BF16.
    public void fillBf16(
            MemorySegment segment, long byteOffset, long firstIndex, long count, Distribution law) {
        requireRoom(segment, byteOffset, count, Short.BYTES);
        fill(
                firstIndex,
                count,
                (k, bits) -> segment.set(BF16, byteOffset + k * Short.BYTES, law.bf16(bits)));
    }

    /// Takes the bits of the k-th element of a range.
    private interface Draw {
        void take(long k, long bits);
    }

    /// Each block serves two neighbours, so it is computed once for both.
    private void fill(long firstIndex, long count, Draw draw) {
        long k = 0;
        if (count > 0 && (firstIndex & 1) == 1) {
            draw.take(k, bits(firstIndex));
            k++;
        }
        for (; k + 1 < count; k += 2) {
            Philox.Block block = block((firstIndex + k) >>> 1);
            draw.take(k, block.low());
            draw.take(k + 1, block.high());
        }
        if (k < count) {
            draw.take(k, bits(firstIndex + k));
        }
    }

    private Philox.Block block(long blockIndex) {
        long address = Philox.joined(purpose.code(), stream);
        return Philox.block(new Philox.Block(blockIndex, address), seed);
    }

    private static void requireRoom(MemorySegment segment, long byteOffset, long count, int size) {
        long bytes = segment.byteSize();
        boolean fits =
                byteOffset >= 0
                        && byteOffset <= bytes
                        && count >= 0
                        && count <= (bytes - byteOffset) / size;
        if (!fits) {
            throw new IndexOutOfBoundsException(
                    "random fill: "
                            + count
                            + " elements of "
                            + size
                            + " bytes at offset "
                            + byteOffset
                            + " must lie within the segment of "
                            + bytes
                            + " bytes; correct the offset or the count");
        }
    }
}

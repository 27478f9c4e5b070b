package dev.lethe.engine.memory;

/// Element type of a [Buffer]. F32, F64 and BF16 carry numbers, I32 carries ids (tokens, rows,
/// masks).
///
/// BF16 ([BFloat16]) is a type of storage: every operation on it computes in F32 or wider and
/// rounds its result once. Not every backend has it.
public enum DType {
    F32(4),
    F64(8),
    BF16(2),
    I32(4);

    private final int bytes;

    DType(int bytes) {
        this.bytes = bytes;
    }

    /// Bytes of one element.
    public int bytes() {
        return bytes;
    }

    public boolean isFloating() {
        return this != I32;
    }

    /// Distance between 1 and the next larger number of this type; the unit of every tolerance.
    public double epsilon() {
        return switch (this) {
            case F32 -> 0x1p-23;
            case F64 -> 0x1p-52;
            case BF16 -> 0x1p-7;
            case I32 ->
                    throw new IllegalStateException(
                            "I32 has no epsilon; expected F32, F64 or BF16");
        };
    }

    /// The type of what is summed up over values of this one: losses, norms' statistics, logits,
    /// log-sum-exps, gradients of several micro-batches. F32 for BF16, else the type itself.
    public DType accumulator() {
        return this == BF16 ? F32 : this;
    }
}

package dev.lethe.engine.memory;

/// Element type of a [Buffer]. F32 and F64 carry numbers, I32 carries ids (tokens, rows, masks).
public enum DType {
    F32(4),
    F64(8),
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
            case I32 -> throw new IllegalStateException("I32 has no epsilon; expected F32 or F64");
        };
    }
}

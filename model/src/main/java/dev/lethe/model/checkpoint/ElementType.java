package dev.lethe.model.checkpoint;

/// How one element of a stored tensor is encoded, little-endian; the constants are safetensors' own
/// names.
public enum ElementType {
    F64(8),
    F32(4),
    /// The upper half of an F32.
    BF16(2),
    /// IEEE 754 binary16.
    F16(2),
    I64(8),
    I32(4);

    private final int bytes;

    ElementType(int bytes) {
        this.bytes = bytes;
    }

    /// Size of one element in bytes.
    public int bytes() {
        return bytes;
    }

    /// Whether elements are integers; all others are floating-point.
    public boolean isInteger() {
        return this == I64 || this == I32;
    }
}

package dev.lethe.bench.results;

/// What one operation has to do at least, by count.
///
/// @param flops F32 operations, a fused multiply-add being two
/// @param flops64 F64 operations
/// @param bytes read and written if each operand crosses the memory bus once
public record Work(double flops, double flops64, double bytes) {
    /// Operations of an exponential and of a hyperbolic tangent, as the CPU backend's polynomials
    /// have them.
    public static final int EXP = 22;

    public static final int TANH = 27;

    /// F32 arithmetic on F32 data.
    public static Work of(double flops, double bytes) {
        return new Work(flops, 0, bytes);
    }

    public Work plus(Work other) {
        return new Work(flops + other.flops, flops64 + other.flops64, bytes + other.bytes);
    }
}

package dev.lethe.tools.command;

import dev.lethe.engine.memory.DType;

/// The words of `--dtype`.
public enum Precision {
    F32,
    F64,
    BF16;

    /// @throws RefusedException for what no device of this version computes in
    DType dtype() {
        return switch (this) {
            case F32 -> DType.F32;
            case F64 -> DType.F64;
            case BF16 ->
                    throw new RefusedException(
                            "--dtype: expected f32 or f64, got bf16, which only the CUDA backend will"
                                    + " have; use f32");
        };
    }
}

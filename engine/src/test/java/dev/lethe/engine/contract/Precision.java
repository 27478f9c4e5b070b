package dev.lethe.engine.contract;

import dev.lethe.engine.memory.DType;

/// The number type in which a formula is evaluated: every step is rounded to it.
///
/// A formula at [#DOUBLE] is the truth; at [#SINGLE] it shows how far F32 loops stray from it. What
/// is stored in BF16 is computed at [#SINGLE].
enum Precision {
    SINGLE,
    DOUBLE;

    static Precision of(DType dtype) {
        return switch (dtype) {
            case F32, BF16 -> SINGLE;
            case F64 -> DOUBLE;
            case I32 -> throw new IllegalArgumentException("I32 has no arithmetic here");
        };
    }

    double round(double value) {
        return this == SINGLE ? (float) value : value;
    }

    /// `sum + a b`, both steps rounded.
    double add(double sum, double a, double b) {
        return round(sum + round(a * b));
    }
}

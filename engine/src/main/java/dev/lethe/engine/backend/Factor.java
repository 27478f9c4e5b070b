package dev.lethe.engine.backend;

import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;

/// A number that a kernel multiplies by: given with the call, or read where it lies when the call
/// runs, so that a device may keep the call and repeat it with another number.
///
/// Who runs the call at once may take either: they are the same then.
///
/// @param value what it is now
/// @param place of the number, one element of F64; null where it is given with the call
public record Factor(double value, Buffer place) {
    public Factor {
        if (place != null && (place.dtype() != DType.F64 || place.length() != 1)) {
            throw new IllegalArgumentException(
                    "factor: expected a place of 1 F64, got %d %s; slice the one element"
                            .formatted(place.length(), place.dtype()));
        }
    }

    /// Given with the call.
    public static Factor of(double value) {
        return new Factor(value, null);
    }
}

package dev.lethe.model.gemma2;

import java.util.List;

/// One trainable tensor under Hugging Face's name; matrices are `[out, in]`.
///
/// @param dimensions outermost first; two for a matrix, one for a norm's weight
public record ParameterShape(String name, List<Integer> dimensions) {
    public ParameterShape {
        dimensions = List.copyOf(dimensions);
    }

    /// The number of elements.
    public long elements() {
        return dimensions.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
    }

    /// The dimensions as a checkpoint file states them.
    public List<Long> storedShape() {
        return dimensions.stream().map(Integer::longValue).toList();
    }
}

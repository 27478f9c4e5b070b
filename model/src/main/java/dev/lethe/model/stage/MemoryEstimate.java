package dev.lethe.model.stage;

/// Bytes that a training holds at its peak, in parts. On a GPU all of it is device memory.
///
/// @param weights that forward and backward read
/// @param masters F32 weights beside BF16 ones; 0 otherwise
/// @param gradients the sum over micro-batches and what is added to it
/// @param moments of AdamW
/// @param others fixed models and copies of weights: teacher, model before unlearning, SAM's home
/// @param values of micro-batches under way, from their forward pass to the end of their backward
/// @param workspace of the loss heads' chunks and of libraries
/// @param snapshot copies of the moments while a checkpoint is written
public record MemoryEstimate(
        long weights,
        long masters,
        long gradients,
        long moments,
        long others,
        long values,
        long workspace,
        long snapshot) {
    /// All parts.
    public long total() {
        return tensors() + workspace + snapshot;
    }

    /// What lies in arenas during steps.
    public long tensors() {
        return weights + masters + gradients + moments + others + values;
    }
}

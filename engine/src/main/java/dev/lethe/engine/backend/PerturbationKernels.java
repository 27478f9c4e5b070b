package dev.lethe.engine.backend;

import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.random.PhiloxStream;

/// UNDO's shrink and perturb of one parameter in one pass (Lee et al. 2025, arXiv 2506.06278; PAPER
/// 1.6).
public interface PerturbationKernels {
    /// `w = keep w + strength n` in place, n being draw i of the stream from [-1, 1) for element i.
    ///
    /// Both factors, both products and their sum are rounded once each to the type of sums, in
    /// which n is drawn; BF16 weights are rounded once more when stored. So every backend has the
    /// bits of the same in primitives. Where `strength` is 0 nothing is drawn.
    void perturb(PhiloxStream stream, double keep, double strength, Buffer weights);
}

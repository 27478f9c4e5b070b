// UNDO's shrink and perturb (Lee et al. 2025), w = keep w + strength n. Compiled with --fmad=false:
// each product and the sum are rounded by themselves, as in plain kernels one after the other.
//
// Layout: w [n] in place; n is draw i of the stream from [-1, 1) for element i, in the type of sums.
// Launch: one dimension of blocks; each thread takes every itemStep()-th element.
#include "element.cuh"
#include "philox.cuh"

// Adding 0 makes a negative zero positive, as affine with shift 0 does.
extern "C" __global__ void perturbation_apply(element* w, long long n, long long seed, int purpose, int stream, accumulator keep, accumulator strength) {
    for (long long i = firstItem(); i < n; i += itemStep()) {
        accumulator kept = keep * widen(w[i]) + 0;
        if (strength != 0) {
            accumulator noise = uniformOf(philox(seed, purpose, stream, (bits64)i), -1, 1, 2, accumulator());
            kept = kept + (strength * noise + 0);
        }
        w[i] = narrow(kept);
    }
}

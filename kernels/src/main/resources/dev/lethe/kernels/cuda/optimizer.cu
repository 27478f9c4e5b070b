// AdamW over the flat parameters (Loshchilov and Hutter 2019, algorithm 2), and the global gradient
// norm that clips it, from gradients to parameters without the host.
//
// Layout: parameters, gradients, m, v and x flat, of n elements; parameters, m and v are updated in
// place. step [6] holds what changes from step to step (OptimizerKernels.StepValue), in F64, and is
// read here rather than given at launch, so that a recorded launch serves every step.
// Sums of squares and the norm are F64, in an order fixed by n.
#include "element.cuh"
#include "block.cuh"
#include "pack.cuh"

#define KEEP 0
#define RATE 1
#define CORRECTION 2
#define NORM 3
#define CLIP 4
#define REFUSED 5

// partials[b] = sum of x^2 over block b's packs. Launch: one dimension of blocks fixed by n.
extern "C" __global__ void optimizer_squares(const element* x, long long n, double* partials) {
    bool whole = aligned(x);
    double sum = 0;
    for (long long i = firstItem(); i < packs(n); i += itemStep()) {
        Pack pack = loadPack(x + i * PACK, n - i * PACK, whole);
#pragma unroll
        for (int k = 0; k < PACK; k++) {
            double value = widen(pack.at[k]);
            sum += value * value;
        }
    }
    sum = blockSumF64(sum);
    if (threadIdx.x == 0) partials[blockIdx.x] = sum;
}

static __device__ double sumOf(const double* values, int count) {
    double sum = 0;
    for (int i = threadIdx.x; i < count; i += blockDim.x) sum += values[i];
    return blockSumF64(sum);
}

// sum[0] = sum of the partials. Launch: one block.
extern "C" __global__ void optimizer_sum(const double* partials, int count, double* sum) {
    double all = sumOf(partials, count);
    if (threadIdx.x == 0) sum[0] = all;
}

// Norm, clip and refused of the step, from the squares of all ranges. A norm that is not finite
// refuses its update and the next ones: clip is NaN until the host clears the count. Launch: one block.
extern "C" __global__ void optimizer_clip(const double* squares, int count, double clipNorm, double* step) {
    double norm = squareRoot(sumOf(squares, count));
    if (threadIdx.x != 0) return;
    bool before = step[REFUSED] > 0;
    if (before || !(norm <= 1.7976931348623157e308)) {
        if (!before) step[NORM] = norm;
        step[CLIP] = notANumber();
        step[REFUSED] += 1;
    } else {
        step[NORM] = norm;
        step[CLIP] = fmin(1.0, clipNorm / (norm + 1e-6));  // torch's constant
    }
}

// Parameters as BF16, as many as a pack holds.
struct __align__(2 * PACK) Rounded { bfloat16 at[PACK]; };
static __device__ __forceinline__ void storeRounded(bfloat16* to, const Pack& p, long long left) {
    Rounded values;
#pragma unroll
    for (int k = 0; k < PACK; k++) values.at[k] = nearestBf16(widen(p.at[k]));
    if (((unsigned long long)to & (sizeof(Rounded) - 1)) == 0 && left >= PACK) {
        *reinterpret_cast<Rounded*>(to) = values;
        return;
    }
#pragma unroll
    for (int k = 0; k < PACK; k++) if (k < left) to[k] = values.at[k];
}

// The update, and the new parameters rounded to `rounded` where that is not null. Factors are rounded once from F64; m, v and parameters once each, when stored.
// Launch: one dimension of blocks over packs(n).
extern "C" __global__ void optimizer_adamw(const double* step, element* parameters, const element* gradients, element* m, element* v, bfloat16* rounded, long long n, accumulator beta1, accumulator rest1, accumulator beta2, accumulator rest2, accumulator epsilon) {
    accumulator clip = step[CLIP], keep = step[KEEP], rate = step[RATE], correction = step[CORRECTION];
    if (clip != clip) return;
    bool whole = aligned(parameters) && aligned(gradients) && aligned(m) && aligned(v);
    for (long long i = firstItem(); i < packs(n); i += itemStep()) {
        long long at = i * PACK, left = n - at;
        Pack p = loadPack(parameters + at, left, whole), g = loadPack(gradients + at, left, whole);
        Pack first = loadPack(m + at, left, whole), second = loadPack(v + at, left, whole);
#pragma unroll
        for (int k = 0; k < PACK; k++) {
            accumulator gradient = clip * widen(g.at[k]);
            accumulator mean = beta1 * widen(first.at[k]) + rest1 * gradient;
            accumulator square = beta2 * widen(second.at[k]) + rest2 * (gradient * gradient);
            accumulator move = mean / (squareRoot(square * correction) + epsilon);
            p.at[k] = narrow(keep * widen(p.at[k]) - rate * move);
            first.at[k] = narrow(mean);
            second.at[k] = narrow(square);
        }
        storePack(parameters + at, p, left, whole);
        if (rounded) storeRounded(rounded + at, p, left);
        storePack(m + at, first, left, whole);
        storePack(v + at, second, left, whole);
    }
}

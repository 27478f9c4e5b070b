// The gated linear unit of Gemma with the tanh form of GELU (Shazeer 2020; Hendrycks and Gimpel
// 2016), by the sigmoid: (1 + tanh u) / 2 = 1 / (1 + e^(-2u)), so gelu(g) = g s(z) with
// z = 2 sqrt(2/pi) (g + 0.044715 g^3), and gelu'(g) = s + g s (1 - s) z'.
//
// Layout: flat arrays of n elements; outputs are overwritten, each element rounded once.
// Launch: one dimension of blocks over packs(n).
#include "element.cuh"
#include "pack.cuh"

#define SLOPE ((accumulator)1.5957691216057308)  // 2 sqrt(2/pi)
#define CUBIC ((accumulator)(1.5957691216057308 * 0.044715))

static __device__ __forceinline__ accumulator sigmoid(accumulator g) {
    return 1 / (1 + exponential(-(SLOPE + CUBIC * (g * g)) * g));
}

// y = gelu(gate) up
extern "C" __global__ void geglu_forward(const element* gate, const element* up, element* y, long long n) {
    bool whole = aligned(gate) && aligned(up) && aligned(y);
    for (long long i = firstItem(); i < packs(n); i += itemStep()) {
        long long at = i * PACK, left = n - at;
        Pack g = loadPack(gate + at, left, whole), u = loadPack(up + at, left, whole);
#pragma unroll
        for (int k = 0; k < PACK; k++) {
            accumulator x = widen(g.at[k]);
            g.at[k] = narrow(x * sigmoid(x) * widen(u.at[k]));
        }
        storePack(y + at, g, left, whole);
    }
}

// dGate = dy up gelu'(gate), dUp = dy gelu(gate)
extern "C" __global__ void geglu_backward(const element* gate, const element* up, const element* dy, element* dGate, element* dUp, long long n) {
    bool whole = aligned(gate) && aligned(up) && aligned(dy) && aligned(dGate) && aligned(dUp);
    for (long long i = firstItem(); i < packs(n); i += itemStep()) {
        long long at = i * PACK, left = n - at;
        Pack g = loadPack(gate + at, left, whole), u = loadPack(up + at, left, whole);
        Pack d = loadPack(dy + at, left, whole);
#pragma unroll
        for (int k = 0; k < PACK; k++) {
            accumulator x = widen(g.at[k]), s = sigmoid(x), gradient = widen(d.at[k]);
            accumulator derivative = s + x * s * (1 - s) * (SLOPE + 3 * CUBIC * (x * x));
            g.at[k] = narrow(gradient * widen(u.at[k]) * derivative);
            u.at[k] = narrow(gradient * (x * s));
        }
        storePack(dGate + at, g, left, whole);
        storePack(dUp + at, u, left, whole);
    }
}

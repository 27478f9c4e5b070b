// The simulated twins of tensorcore.cuh: each lane's part of an instruction, by the layouts of the
// PTX ISA, from what the warp's lanes exchange. Products add up in F32 in the order of k.
#pragma once
#include "simt.h"

struct bfloat16;

namespace simt {
// What all 32 lanes put in; copied, as a third exchange overwrites the first.
struct Lanes {
    uint64_t of[32];
    Lanes(const char* instruction, uint64_t value) {
        uint32_t present;
        const uint64_t* values = exchange(~0u, value, &present);
        if (present != ~0u) fault(instruction);
        memcpy(of, values, sizeof of);
    }
    uint64_t operator[](int lane) const { return of[lane]; }
};

inline float bf16At(uint64_t pairs, int index) { return simtBits<float>(uint32_t(pairs >> 16 * index & 0xffff) << 16); }
inline uint64_t joined(unsigned low, unsigned high) { return uint64_t(high) << 32 | low; }

template <int COUNT, bool TRANSPOSED> inline void ldmatrix(unsigned (&registers)[COUNT], const bfloat16* row) {
    int lane = current->lane;
    if (lane < 8 * COUNT && (!inShared(row, 16) || uintptr_t(row) % 16)) fault("ldmatrix of a row that is not 16 aligned bytes of shared memory");
    Lanes rows("ldmatrix by less than a whole warp", uint64_t(uintptr_t(row)));
    int g = lane / 4, t = lane % 4;
    for (int m = 0; m < COUNT; m++) {
        auto at = [&](int r, int c) { return reinterpret_cast<const uint16_t*>(rows[8 * m + r])[c]; };
        registers[m] = TRANSPOSED ? at(2 * t, g) | at(2 * t + 1, g) << 16 : at(g, 2 * t) | at(g, 2 * t + 1) << 16;
    }
    __syncwarp();  // no lane goes on, and perhaps writes there, before all have read
}
}  // namespace simt

static inline void mmaM16N8K16(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
    const char* partial = "mma.sync by less than a whole warp";
    // rows g (low half: k 0 to 7, high: 8 to 15), rows g + 8, columns of B
    simt::Lanes upper(partial, simt::joined(a[0], a[2])), lower(partial, simt::joined(a[1], a[3])), right(partial, simt::joined(b[0], b[1]));
    int g = simt::current->lane / 4, t = simt::current->lane % 4;
    for (int i = 0; i < 4; i++) {
        const simt::Lanes& left = i < 2 ? upper : lower;
        int column = 2 * t + i % 2;
        for (int k = 0; k < 16; k++) {
            int holder = k % 8 / 2, place = k / 8 * 2 + k % 2;  // of A[., k] in its row's four lanes, of B[k, .] in its column's
            d[i] += simt::bf16At(left[4 * g + holder], place) * simt::bf16At(right[4 * column + holder], place);
        }
    }
}

static inline void ldmatrixX4(unsigned (&r)[4], const bfloat16* row) { simt::ldmatrix<4, false>(r, row); }
static inline void ldmatrixX2(unsigned (&r)[2], const bfloat16* row) { simt::ldmatrix<2, false>(r, row); }
static inline void ldmatrixX4Trans(unsigned (&r)[4], const bfloat16* row) { simt::ldmatrix<4, true>(r, row); }
static inline void ldmatrixX2Trans(unsigned (&r)[2], const bfloat16* row) { simt::ldmatrix<2, true>(r, row); }

static inline void cpAsync16(void* shared, const void* global, bool present) { simt::copyLater(shared, global, present); }
static inline void cpAsyncCommit() { simt::commitCopies(); }
template <int PENDING> static inline void cpAsyncWait() { simt::awaitCopies(PENDING); }

static inline unsigned cvtBf16x2(float low, float high) {
    auto narrow = [](float x) -> unsigned {
        uint32_t bits = simtBits<uint32_t>(x);
        return x != x ? 0x7fff : (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
    };
    return narrow(low) | narrow(high) << 16;
}

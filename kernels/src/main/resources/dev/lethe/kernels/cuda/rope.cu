// Rotary position embedding, rotate-half layout (Su et al. 2021, section 3.4.2): with the halves
// a = x[j] and b = x[j + half] of a head, y has a cos - b sin and b cos + a sin.
//
// Layout: x and y [rows / heads, heads, 2 half] row-major, a row being one head of one token; y is
// overwritten. table [positions, 2, half]: a position's cosines, then its sines, from the host,
// whose angles are F64.
#include "element.cuh"
#include "pack.cuh"

// Rotates by position firstPosition + t; turn -1 goes the other way. Launch: one dimension of blocks
// over `items`, the packs of all rows' halves.
extern "C" __global__ void rope_rotate(const accumulator* table, const element* x, element* y, int items, int tokens, int heads, int half, int firstPosition, accumulator turn) {
    bool whole = half % PACK == 0 && aligned(x) && aligned(y);
    int packsOfHalf = (int)packs(half);
    for (long long item = firstItem(); item < items; item += itemStep()) {
        int row = (int)item / packsOfHalf, j = (int)item % packsOfHalf * PACK, left = half - j;
        long long position = firstPosition + row / heads % tokens;
        const accumulator *cosines = table + position * 2 * half + j, *sines = cosines + half;
        long long first = (long long)row * 2 * half + j, second = first + half;
        Pack a = loadPack(x + first, left, whole), b = loadPack(x + second, left, whole);
#pragma unroll
        for (int k = 0; k < PACK; k++) {
            if (k < left) {
                accumulator c = cosines[k], s = turn * sines[k], p = widen(a.at[k]), q = widen(b.at[k]);
                a.at[k] = narrow(p * c - q * s);
                b.at[k] = narrow(q * c + p * s);
            }
        }
        storePack(y + first, a, left, whole);
        storePack(y + second, b, left, whole);
    }
}

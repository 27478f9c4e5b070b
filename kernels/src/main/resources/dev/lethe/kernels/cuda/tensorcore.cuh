// The instructions of tensor-core tile code, one device function each, as the PTX ISA has them. They
// need compute capability 8.0, as BF16 does: call them in BF16 modules. The simulated device brings
// its own definitions, which follow the same layouts lane by lane.
//
// Those named after .sync instructions are called by all 32 lanes of a warp together. With
// g = lane / 4 and t = lane % 4, and two BF16 numbers a register, the lower index in its low half:
//
//   A [16,16]  a[0] = A[g, 2t..2t+1]    a[1] = A[g+8, 2t..2t+1]
//              a[2] = A[g, 2t+8..2t+9]  a[3] = A[g+8, 2t+8..2t+9]
//   B [16,8]   b[0] = B[2t..2t+1, g]    b[1] = B[2t+8..2t+9, g]
//   D [16,8]   d[0], d[1] = D[g, 2t..2t+1]    d[2], d[3] = D[g+8, 2t..2t+1]
//
// So the D of one product, rounded and packed, is half of the A of the next.
#pragma once
#include "element.cuh"

// D += A B: mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32
static __device__ __forceinline__ void mmaM16N8K16(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]);

// Matrices of 8 x 8 from shared memory: ldmatrix.sync.aligned.m8n8.x4 and .x2. Lane l gives the
// address of row l % 8 of matrix l / 8 (lanes 16 to 31 of x2 give none that counts): 16 bytes,
// aligned to 16. Of matrix m it gets registers[m] = M[g, 2t..2t+1].
static __device__ __forceinline__ void ldmatrixX4(unsigned (&registers)[4], const bfloat16* row);
static __device__ __forceinline__ void ldmatrixX2(unsigned (&registers)[2], const bfloat16* row);
// The same with .trans: registers[m] = M[2t..2t+1, g].
static __device__ __forceinline__ void ldmatrixX4Trans(unsigned (&registers)[4], const bfloat16* row);
static __device__ __forceinline__ void ldmatrixX2Trans(unsigned (&registers)[2], const bfloat16* row);

// 16 bytes from global to shared memory, both aligned to 16, by this thread alone: cp.async.cg. Where
// they are not `present`, zeros, and nothing is read. Undefined until waited for; other threads see
// them after a barrier that follows the wait.
static __device__ __forceinline__ void cpAsync16(void* shared, const void* global, bool present);
// Closes a group of this thread's copies, which may be empty: cp.async.commit_group
static __device__ __forceinline__ void cpAsyncCommit();
// Waits for all of this thread's groups but the last PENDING: cp.async.wait_group
template <int PENDING> static __device__ __forceinline__ void cpAsyncWait();

// Two numbers rounded to nearest even into a register; NaN becomes 0x7fff: cvt.rn.bf16x2.f32
static __device__ __forceinline__ unsigned cvtBf16x2(float low, float high);

#if !defined(SIMULATED_CUDA)
static __device__ __forceinline__ unsigned sharedAddress(const void* p) { return (unsigned)__cvta_generic_to_shared(p); }

static __device__ __forceinline__ void mmaM16N8K16(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                 : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

static __device__ __forceinline__ void ldmatrixX4(unsigned (&r)[4], const bfloat16* row) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(sharedAddress(row)) : "memory");
}
static __device__ __forceinline__ void ldmatrixX2(unsigned (&r)[2], const bfloat16* row) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%0,%1}, [%2];"
                 : "=r"(r[0]), "=r"(r[1]) : "r"(sharedAddress(row)) : "memory");
}
static __device__ __forceinline__ void ldmatrixX4Trans(unsigned (&r)[4], const bfloat16* row) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(sharedAddress(row)) : "memory");
}
static __device__ __forceinline__ void ldmatrixX2Trans(unsigned (&r)[2], const bfloat16* row) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0,%1}, [%2];"
                 : "=r"(r[0]), "=r"(r[1]) : "r"(sharedAddress(row)) : "memory");
}

static __device__ __forceinline__ void cpAsync16(void* shared, const void* global, bool present) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;"
                 : : "r"(sharedAddress(shared)), "l"(__cvta_generic_to_global(global)), "r"(present ? 16 : 0) : "memory");
}
static __device__ __forceinline__ void cpAsyncCommit() { asm volatile("cp.async.commit_group;" : : : "memory"); }
template <int PENDING> static __device__ __forceinline__ void cpAsyncWait() {
    asm volatile("cp.async.wait_group %0;" : : "n"(PENDING) : "memory");
}

static __device__ __forceinline__ unsigned cvtBf16x2(float low, float high) {
    unsigned pair;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
    return pair;
}
#endif

// The CUDA execution model on the CPU: what a .cu file sees when g++ compiles it with this header
// forced in. Threads of a block run on one operating-system thread, in an order that SIMT_ORDER
// turns round; blocks run one after the other. runtime.cpp holds the scheduler.
//
// Shared memory is static, in a section of its own that the scheduler fills with NaN before each
// block. For that reason a __shared__ array belongs in a plain function or kernel, not in a
// template: g++ cannot place a template's statics in a section.
#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "kernel.h"

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))
#define __constant__
#define __shared__ static __attribute__((section("simt_shared")))
#define DYNAMIC_SHARED(type, name) type* name = reinterpret_cast<type*>(simt::dynamicShared())
#define SIMULATED_CUDA 1

struct uint3 { unsigned x, y, z; };
struct dim3 { unsigned x, y, z; };
#define SIMT_VECTORS(T, name) \
    struct alignas(2 * sizeof(T)) name##2 { T x, y; }; \
    struct name##3 { T x, y, z; }; \
    struct alignas(sizeof(T) == 8 ? 16 : 4 * sizeof(T)) name##4 { T x, y, z, w; }; \
    static inline name##2 make_##name##2(T a, T b) { return {a, b}; } \
    static inline name##3 make_##name##3(T a, T b, T c) { return {a, b, c}; } \
    static inline name##4 make_##name##4(T a, T b, T c, T d) { return {a, b, c, d}; }
SIMT_VECTORS(float, float)
SIMT_VECTORS(double, double)
SIMT_VECTORS(int, int)
struct alignas(8) uint2 { unsigned x, y; };
struct alignas(16) uint4 { unsigned x, y, z, w; };
static inline uint2 make_uint2(unsigned a, unsigned b) { return {a, b}; }
static inline uint4 make_uint4(unsigned a, unsigned b, unsigned c, unsigned d) { return {a, b, c, d}; }

#define SIMT_HIDDEN __attribute__((visibility("hidden")))

namespace simt {
// One meeting point of a warp: lanes of `mask` put in a value each and take any of the others'.
struct Slot { uint32_t mask, arrived, generation; uint64_t values[2][32]; };
struct Warp { uint32_t alive, pending; Slot slots[32]; };  // pending: slots some lane waits in
enum State : uint8_t { NEW, PARKED, DONE };
struct Thread { uint3 index; uint32_t lane; Warp* warp; State state; void* stackPointer; const uint32_t* awaited; uint32_t seen; };

extern SIMT_HIDDEN Thread* current;
extern SIMT_HIDDEN uint3 block;
extern SIMT_HIDDEN dim3 blockSize, gridSize;
extern SIMT_HIDDEN Kernel* kernels;
SIMT_HIDDEN void synchronize(int place);
SIMT_HIDDEN const uint64_t* exchange(uint32_t mask, uint64_t value, uint32_t* present);
SIMT_HIDDEN char* dynamicShared();
SIMT_HIDDEN bool inShared(const void* address, size_t bytes);
// Asynchronous copies of this thread, 16 bytes each: delivered when their group is awaited, and
// poison until then.
SIMT_HIDDEN void copyLater(void* shared, const void* global, bool present);
SIMT_HIDDEN void commitCopies();
SIMT_HIDDEN void awaitCopies(unsigned pending);
[[noreturn]] SIMT_HIDDEN void fault(const char* message);

template <class T> inline T shuffle(uint32_t mask, T value, int source, bool inRange) {
    static_assert(sizeof(T) <= 8, "a shuffle moves at most 8 bytes");
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof value);
    uint32_t present;
    const uint64_t* values = exchange(mask, bits, &present);
    if (!inRange) return value;
    if (!(present >> source & 1)) fault("a shuffle reads a lane that takes no part");
    T result;
    memcpy(&result, &values[source], sizeof result);
    return result;
}

// Parameter sizes of a kernel, by deduction, and the call that unpacks them.
template <auto F> struct Registration;
template <class... A, void (*F)(A...)> struct Registration<F> {
    static constexpr unsigned char sizes[sizeof...(A) + 1] = {sizeof(A)..., 0};
    static constexpr bool pointers[sizeof...(A) + 1] = {std::is_pointer_v<A>..., false};
    template <size_t... I> static void unpack(void** p, std::index_sequence<I...>) { F(*static_cast<std::remove_cv_t<A>*>(p[I])...); }
    static void call(void** p) { unpack(p, std::index_sequence_for<A...>{}); }
    Kernel kernel;
    explicit Registration(const char* name) : kernel{name, &call, int(sizeof...(A)), sizes, pointers, kernels} { kernels = &kernel; }
};
}  // namespace simt
#define SIMT_KERNEL(name) static simt::Registration<&name> simtRegistered_##name(#name);

#define threadIdx (simt::current->index)
#define blockIdx (simt::block)
#define blockDim (simt::blockSize)
#define gridDim (simt::gridSize)
#define warpSize 32
#define __syncthreads() simt::synchronize(__COUNTER__ + 1)

static inline void __syncwarp(unsigned mask = 0xffffffffu) { uint32_t present; simt::exchange(mask, 0, &present); }
static inline void __threadfence() {}
static inline void __threadfence_block() {}
template <class T> inline T __shfl_sync(unsigned mask, T v, int source, int width = 32) {
    int lane = simt::current->lane;
    return simt::shuffle(mask, v, (lane & ~(width - 1)) | (source & (width - 1)), true);
}
template <class T> inline T __shfl_down_sync(unsigned mask, T v, unsigned by, int width = 32) {
    int lane = simt::current->lane;
    return simt::shuffle(mask, v, lane + by, int((lane & (width - 1)) + by) < width);
}
template <class T> inline T __shfl_up_sync(unsigned mask, T v, unsigned by, int width = 32) {
    int lane = simt::current->lane;
    return simt::shuffle(mask, v, lane - int(by), (lane & (width - 1)) >= int(by));
}
template <class T> inline T __shfl_xor_sync(unsigned mask, T v, int bits, int width = 32) {
    int lane = simt::current->lane, source = lane ^ bits;
    return simt::shuffle(mask, v, source, (source & ~(width - 1)) <= (lane & ~(width - 1)));
}
static inline unsigned __ballot_sync(unsigned mask, int predicate) {
    uint32_t present;
    const uint64_t* values = simt::exchange(mask, predicate != 0, &present);
    unsigned result = 0;
    for (int i = 0; i < 32; i++) if ((present >> i & 1) && values[i]) result |= 1u << i;
    return result;
}
static inline int __any_sync(unsigned mask, int predicate) { return __ballot_sync(mask, predicate) != 0; }
static inline int __all_sync(unsigned mask, int predicate) { return __ballot_sync(mask, !predicate) == 0; }

// One thread runs at a time, so an atomic is a plain operation that answers with the old value.
template <class T, class U> inline T atomicAdd(T* p, U v) { T old = *p; *p = old + T(v); return old; }
template <class T, class U> inline T atomicMax(T* p, U v) { T old = *p; if (T(v) > old) *p = T(v); return old; }
template <class T, class U> inline T atomicMin(T* p, U v) { T old = *p; if (T(v) < old) *p = T(v); return old; }
template <class T, class U> inline T atomicExch(T* p, U v) { T old = *p; *p = T(v); return old; }
template <class T, class U> inline T atomicOr(T* p, U v) { T old = *p; *p = old | T(v); return old; }
template <class T, class U> inline T atomicCAS(T* p, T expected, U v) { T old = *p; if (old == expected) *p = T(v); return old; }

template <class To, class From> inline To simtBits(From from) { To to; static_assert(sizeof to == sizeof from); memcpy(&to, &from, sizeof to); return to; }
static inline unsigned __float_as_uint(float x) { return simtBits<unsigned>(x); }
static inline int __float_as_int(float x) { return simtBits<int>(x); }
static inline float __uint_as_float(unsigned x) { return simtBits<float>(x); }
static inline float __int_as_float(int x) { return simtBits<float>(x); }
static inline long long __double_as_longlong(double x) { return simtBits<long long>(x); }
static inline double __longlong_as_double(long long x) { return simtBits<double>(x); }
static inline unsigned __umulhi(unsigned a, unsigned b) { return (unsigned)((unsigned long long)a * b >> 32); }
static inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) { return (unsigned long long)((unsigned __int128)a * b >> 64); }
static inline int __popc(unsigned x) { return __builtin_popcount(x); }
static inline int __clz(int x) { return x ? __builtin_clz(x) : 32; }
static inline int __ffs(int x) { return __builtin_ffs(x); }

template <class T> inline T __ldg(const T* p) { return *p; }
static inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
static inline double rsqrt(double x) { return 1.0 / std::sqrt(x); }
#define __expf(x) expf(x)
#define __logf(x) logf(x)
static inline float __fdividef(float a, float b) { return a / b; }
static inline float __fmaf_rn(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
static inline double __fma_rn(double a, double b, double c) { return __builtin_fma(a, b, c); }
static inline float __fmul_rn(float a, float b) { return a * b; }
static inline float __fadd_rn(float a, float b) { return a + b; }
static inline double __dmul_rn(double a, double b) { return a * b; }
static inline double __dadd_rn(double a, double b) { return a + b; }

// As CUDA's: the floating-point ones prefer a number to NaN.
#define SIMT_MIN_MAX(T) \
    static inline T min(T a, T b) { return b < a ? b : a; } \
    static inline T max(T a, T b) { return a < b ? b : a; }
SIMT_MIN_MAX(int)
SIMT_MIN_MAX(unsigned)
SIMT_MIN_MAX(long)
SIMT_MIN_MAX(unsigned long)
SIMT_MIN_MAX(long long)
SIMT_MIN_MAX(unsigned long long)
static inline float min(float a, float b) { return fminf(a, b); }
static inline float max(float a, float b) { return fmaxf(a, b); }
static inline double min(double a, double b) { return std::fmin(a, b); }
static inline double max(double a, double b) { return std::fmax(a, b); }

#include "tensorcore.h"

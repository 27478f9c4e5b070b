// The simulated cuBLAS: GemmEx and GemmStridedBatchedEx on column-major matrices.
//
// F32 products add up in F32, F64 in F64, BF16 inputs in F32, each in the order of k. Every matrix
// must lie in device memory whole, by its leading dimension.
#include "device.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

namespace {
enum : int { OK = 0, NOT_INITIALIZED_BLAS = 1, INVALID = 7, EXECUTION_FAILED = 13, UNSUPPORTED = 15 };
enum : int { F32 = 0, F64 = 1, BF16 = 14 };                    // cudaDataType
enum : int { COMPUTE_32F = 68, COMPUTE_32F_PEDANTIC = 69, COMPUTE_32F_TF32 = 77, COMPUTE_64F = 70, COMPUTE_64F_PEDANTIC = 71 };

struct Handle { void* stream = nullptr; int pointerMode = 0, mathMode = 0, atomics = 0; void* workspace = nullptr; size_t workspaceBytes = 0; };

struct Matrix {
    const char* data; int type, rows, columns; long ld, stride; bool transposed;
    size_t bytes() const { return (type == F64 ? 8 : type == F32 ? 4 : 2) * (columns ? size_t(ld) * (columns - 1) + rows : 0); }
    const char* at(long batch) const { return data + batch * stride * (type == F64 ? 8 : type == F32 ? 4 : 2); }
};

float widen(uint16_t h) { uint32_t u = uint32_t(h) << 16; float f; memcpy(&f, &u, 4); return f; }
uint16_t narrow(float f) {
    uint32_t u;
    memcpy(&u, &f, 4);
    if ((u & 0x7fffffff) > 0x7f800000) return uint16_t(u >> 16 | 0x40);
    return uint16_t((u + 0x7fff + (u >> 16 & 1)) >> 16);
}
template <class A> A load(const char* p, int type, size_t i) {
    return type == F64 ? A(((const double*)p)[i]) : type == F32 ? A(((const float*)p)[i]) : A(widen(((const uint16_t*)p)[i]));
}
template <class A> void store(char* p, int type, size_t i, A v) {
    if (type == F64) ((double*)p)[i] = double(v);
    else if (type == F32) ((float*)p)[i] = float(v);
    else ((uint16_t*)p)[i] = narrow(float(v));
}

struct Product {
    int m, n, k, batch;
    Matrix a, b, c;
    double alpha, beta;
    const void *alphaPointer, *betaPointer;  // read when it runs, in the device pointer mode
    bool f64;

    template <class A> void multiply(long which) const {
        std::vector<A> left(size_t(m) * k), row(m);
        const char *pa = a.at(which), *pb = b.at(which);
        char* pc = const_cast<char*>(c.at(which));
        for (int l = 0; l < k; l++) for (int i = 0; i < m; i++) left[size_t(l) * m + i] = load<A>(pa, a.type, a.transposed ? size_t(i) * a.ld + l : size_t(l) * a.ld + i);
        for (int j = 0; j < n; j++) {
            std::fill(row.begin(), row.end(), A(0));
            for (int l = 0; l < k; l++) {
                A x = load<A>(pb, b.type, b.transposed ? size_t(l) * b.ld + j : size_t(j) * b.ld + l);
                const A* column = &left[size_t(l) * m];
                for (int i = 0; i < m; i++) row[i] += column[i] * x;
            }
            for (int i = 0; i < m; i++) {
                size_t at = size_t(j) * c.ld + i;
                A old = beta == 0 ? A(0) : A(beta) * load<A>(pc, c.type, at);
                store<A>(pc, c.type, at, A(alpha) * row[i] + old);
            }
        }
    }
    void run() {
        if (alphaPointer) {
            alpha = f64 ? *(const double*)alphaPointer : *(const float*)alphaPointer;
            beta = f64 ? *(const double*)betaPointer : *(const float*)betaPointer;
        }
        for (int i = 0; i < batch; i++) {
            for (const Matrix* x : {&a, &b}) if (alpha != 0 && simulated_region("a matrix product", x->at(i), x->bytes(), 0)) return;
            if (simulated_region("a matrix product", c.at(i), c.bytes(), 1)) return;
            f64 ? multiply<double>(i) : multiply<float>(i);
        }
    }
};

bool supported(int at, int bt, int ct, int compute) {
    if (compute == COMPUTE_64F || compute == COMPUTE_64F_PEDANTIC) return at == F64 && bt == F64 && ct == F64;
    if (compute != COMPUTE_32F && compute != COMPUTE_32F_PEDANTIC && compute != COMPUTE_32F_TF32) return false;
    return at == bt && ((at == F32 && ct == F32) || (at == BF16 && (ct == BF16 || ct == F32)));
}

int multiply(void* handle, int ta, int tb, int m, int n, int k, const void* alpha, Matrix a, Matrix b, const void* beta, Matrix c, int batch, int compute) {
    Handle* h = (Handle*)handle;
    if (!h) return NOT_INITIALIZED_BLAS;
    if (m < 0 || n < 0 || k < 0 || batch < 0 || ta < 0 || ta > 2 || tb < 0 || tb > 2 || !alpha || !beta) return INVALID;
    a.transposed = ta != 0;
    b.transposed = tb != 0;
    a.rows = ta ? k : m, a.columns = ta ? m : k;
    b.rows = tb ? n : k, b.columns = tb ? k : n;
    c.rows = m, c.columns = n;
    for (const Matrix* x : {&a, &b, &c}) if (x->ld < std::max(1, x->rows)) return INVALID;
    if (!supported(a.type, b.type, c.type, compute)) return UNSUPPORTED;
    if (!m || !n || !batch) return OK;
    bool f64 = compute == COMPUTE_64F || compute == COMPUTE_64F_PEDANTIC;
    auto* p = new Product{m, n, k, batch, a, b, c, 0, 0, h->pointerMode ? alpha : nullptr, beta, f64};
    if (!h->pointerMode) {
        p->alpha = f64 ? *(const double*)alpha : *(const float*)alpha;
        p->beta = f64 ? *(const double*)beta : *(const float*)beta;
    }
    return simulated_submit(h->stream, [](void* w) { ((Product*)w)->run(); }, [](void* w) { delete (Product*)w; }, p) ? EXECUTION_FAILED : OK;
}
}  // namespace

extern "C" {
int cublasCreate_v2(void** h) { *h = new Handle; return OK; }
int cublasDestroy_v2(void* h) { delete (Handle*)h; return OK; }
int cublasGetVersion_v2(void*, int* v) { *v = 120600; return OK; }
int cublasSetStream_v2(void* h, void* s) { ((Handle*)h)->stream = s; ((Handle*)h)->workspace = nullptr; return OK; }
int cublasSetWorkspace_v2(void* handle, void* p, size_t bytes) {
    Handle* h = (Handle*)handle;
    if ((uintptr_t)p % 256 || simulated_region("cublasSetWorkspace", p, bytes, 1)) return INVALID;
    h->workspace = p;
    h->workspaceBytes = bytes;
    return OK;
}
int cublasSetMathMode(void* h, int mode) { ((Handle*)h)->mathMode = mode; return OK; }
int cublasGetMathMode(void* h, int* mode) { *mode = ((Handle*)h)->mathMode; return OK; }
int cublasSetPointerMode_v2(void* h, int mode) { ((Handle*)h)->pointerMode = mode; return OK; }
int cublasGetPointerMode_v2(void* h, int* mode) { *mode = ((Handle*)h)->pointerMode; return OK; }
int cublasSetAtomicsMode(void* h, int mode) { ((Handle*)h)->atomics = mode; return OK; }
int cublasGetAtomicsMode(void* h, int* mode) { *mode = ((Handle*)h)->atomics; return OK; }

int cublasGemmEx(void* h, int ta, int tb, int m, int n, int k, const void* alpha, const void* a, int at, int lda, const void* b, int bt, int ldb, const void* beta, void* c, int ct, int ldc, int compute, int) {
    return multiply(h, ta, tb, m, n, k, alpha, {(const char*)a, at, 0, 0, lda, 0, false}, {(const char*)b, bt, 0, 0, ldb, 0, false}, beta, {(const char*)c, ct, 0, 0, ldc, 0, false}, 1, compute);
}
int cublasGemmStridedBatchedEx(void* h, int ta, int tb, int m, int n, int k, const void* alpha, const void* a, int at, int lda, long long sa, const void* b, int bt, int ldb, long long sb, const void* beta, void* c, int ct, int ldc, long long sc, int batch, int compute, int) {
    return multiply(h, ta, tb, m, n, k, alpha, {(const char*)a, at, 0, 0, lda, sa, false}, {(const char*)b, bt, 0, 0, ldb, sb, false}, beta, {(const char*)c, ct, 0, 0, ldc, sc, false}, batch, compute);
}
}

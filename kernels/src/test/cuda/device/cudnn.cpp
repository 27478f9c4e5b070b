// The simulated cuDNN: softmax, tanh, op-tensor and reduce-tensor, with strides. BF16 is taken by
// op-tensor alone, as NVIDIA's documentation has it.
//
// F32 and BF16 are computed in double and rounded once where the function is elementwise; sums add
// up in F32 (F64 for F64), in row-major order. alpha and beta are host numbers of the type float,
// or double for F64 tensors, as everywhere in cuDNN.
#include "device.h"
#include "tensor.h"

#include <cmath>
#include <limits>
#include <map>

using namespace cudnn;

namespace {
enum : int { OK = 0, BAD_PARAM = 3, EXECUTION_FAILED = 8, UNSUPPORTED = 9 };
enum : int { OP_ADD = 0, OP_MUL = 1, OP_MIN = 2, OP_MAX = 3, OP_SQRT = 4, OP_NOT = 5 };
enum : int { REDUCE_ADD = 0, REDUCE_MUL = 1, REDUCE_MIN = 2, REDUCE_MAX = 3 };
enum : int { ACTIVATION_TANH = 2 };
enum : int { SOFTMAX_LOG = 2, MODE_INSTANCE = 0 };

struct Handle { void* stream = nullptr; };
struct Activation { int mode, nan; double coefficient; };
struct Op { int op, type, nan; };
struct Reduce { int op, type, nan, indices, indexType; };

double scalar(const void* p, const Tensor& t) { return t.type == DOUBLE ? *(const double*)p : *(const float*)p; }
double rounded(const Tensor& t, double v) { return t.type == DOUBLE ? v : double(float(v)); }

// `y = alpha value + beta y`, y not read where beta is 0.
void put(const Tensor& t, void* y, size_t at, double alpha, double value, double beta) {
    double scaled = rounded(t, alpha * value);
    t.set(y, at, beta == 0 ? scaled : rounded(t, scaled + rounded(t, beta * t.get(y, at))));
}

template <class F> int submit(void* handle, F run) {
    auto* work = new F(run);
    Status s = simulated_submit(((Handle*)handle)->stream, [](void* w) { (*(F*)w)(); }, [](void* w) { delete (F*)w; }, work);
    return s ? EXECUTION_FAILED : OK;
}
bool reads(const Tensor& t, const void* p) { return !simulated_region("cuDNN", p, t.bytes(), 0); }
bool writes(const Tensor& t, const void* p) { return !simulated_region("cuDNN", p, t.bytes(), 1); }

double combine(int op, double a, double b, bool propagateNan) {
    if (propagateNan && (op == OP_MIN || op == OP_MAX) && (std::isnan(a) || std::isnan(b))) return std::numeric_limits<double>::quiet_NaN();
    switch (op) {
        case OP_ADD: return a + b;
        case OP_MUL: return a * b;
        case OP_MIN: return std::fmin(a, b);
        default: return std::fmax(a, b);
    }
}

// The rows over which a softmax runs: axis 1 alone, or all axes but the first.
struct Rows { Tensor outer, inner; };
Rows softmaxRows(const Tensor& t, int mode) {
    Rows r{t, t};
    for (int i = 0; i < t.rank; i++) {
        bool within = i == 1 || (mode == MODE_INSTANCE && i > 1);
        (within ? r.outer : r.inner).dims[i] = 1;
    }
    return r;
}
}  // namespace

extern "C" {
size_t cudnnGetVersion() { return 8907; }
int cudnnCreate(void** h) { *h = new Handle; return OK; }
int cudnnDestroy(void* h) { delete (Handle*)h; return OK; }
int cudnnSetStream(void* h, void* s) { ((Handle*)h)->stream = s; return OK; }
int cudnnGetStream(void* h, void** s) { *s = ((Handle*)h)->stream; return OK; }
const char* cudnnGetErrorString(int status) {
    static const std::map<int, const char*> names = {{OK, "CUDNN_STATUS_SUCCESS"}, {BAD_PARAM, "CUDNN_STATUS_BAD_PARAM"}, {EXECUTION_FAILED, "CUDNN_STATUS_EXECUTION_FAILED"}, {UNSUPPORTED, "CUDNN_STATUS_NOT_SUPPORTED"}};
    auto it = names.find(status);
    return it == names.end() ? "CUDNN_STATUS_UNKNOWN" : it->second;
}

int cudnnCreateTensorDescriptor(void** d) { *d = new Tensor; return OK; }
int cudnnDestroyTensorDescriptor(void* d) { delete (Tensor*)d; return OK; }
int cudnnSetTensorNdDescriptor(void* d, int type, int rank, const int* dims, const int* strides) {
    Tensor t;
    t.type = type;
    t.rank = rank;
    if (rank < 3 || rank > MOST_DIMS) return rank < 3 ? BAD_PARAM : UNSUPPORTED;
    size_t total = 1;
    for (int i = 0; i < rank; i++) {
        if (dims[i] < 1 || strides[i] < 1) return BAD_PARAM;
        t.dims[i] = dims[i];
        t.strides[i] = strides[i];
        total *= dims[i];
    }
    if (!t.valid()) return UNSUPPORTED;
    if (total > 2147483647u) return UNSUPPORTED;
    *(Tensor*)d = t;
    return OK;
}
int cudnnSetTensor4dDescriptorEx(void* d, int type, int n, int c, int h, int w, int sn, int sc, int sh, int sw) {
    int dims[] = {n, c, h, w}, strides[] = {sn, sc, sh, sw};
    return cudnnSetTensorNdDescriptor(d, type, 4, dims, strides);
}
int cudnnSetTensor4dDescriptor(void* d, int format, int type, int n, int c, int h, int w) {
    if (format == 0) return cudnnSetTensor4dDescriptorEx(d, type, n, c, h, w, c * h * w, h * w, w, 1);
    if (format == 1) return cudnnSetTensor4dDescriptorEx(d, type, n, c, h, w, h * w * c, 1, w * c, c);
    return UNSUPPORTED;
}

int cudnnCreateActivationDescriptor(void** d) { *d = new Activation{-1, 0, 0}; return OK; }
int cudnnDestroyActivationDescriptor(void* d) { delete (Activation*)d; return OK; }
int cudnnSetActivationDescriptor(void* d, int mode, int nan, double coefficient) { *(Activation*)d = {mode, nan, coefficient}; return OK; }
int cudnnActivationForward(void* h, void* ad, const void* alpha, const void* xd, const void* x, const void* beta, const void* yd, void* y) {
    const Activation a = *(Activation*)ad;
    const Tensor tx = *(const Tensor*)xd, ty = *(const Tensor*)yd;
    if (!tx.valid() || !tx.sameDims(ty) || tx.type != ty.type) return BAD_PARAM;
    if (a.mode != ACTIVATION_TANH || tx.type == BF16) return UNSUPPORTED;
    double al = scalar(alpha, tx), be = scalar(beta, tx);
    return submit(h, [=] {
        if (!reads(tx, x) || !writes(ty, y)) return;
        forEach(tx, [&](const int* i) { put(ty, y, offset(ty, i), al, rounded(ty, std::tanh(tx.get(x, offset(tx, i)))), be); });
    });
}
int cudnnActivationBackward(void* h, void* ad, const void* alpha, const void* yd, const void* y, const void* dyd, const void* dy, const void* xd, const void*, const void* beta, const void* dxd, void* dx) {
    const Activation a = *(Activation*)ad;
    const Tensor ty = *(const Tensor*)yd, tdy = *(const Tensor*)dyd, tdx = *(const Tensor*)dxd;
    if (!ty.valid() || !ty.sameDims(tdy) || !ty.sameDims(tdx) || !ty.sameDims(*(const Tensor*)xd)) return BAD_PARAM;
    if (a.mode != ACTIVATION_TANH || ty.type == BF16) return UNSUPPORTED;
    double al = scalar(alpha, ty), be = scalar(beta, ty);
    return submit(h, [=] {
        if (!reads(ty, y) || !reads(tdy, dy) || !writes(tdx, dx)) return;
        forEach(ty, [&](const int* i) {
            double v = ty.get(y, offset(ty, i));
            put(tdx, dx, offset(tdx, i), al, rounded(tdx, tdy.get(dy, offset(tdy, i)) * (1 - v * v)), be);
        });
    });
}

int cudnnSoftmaxForward(void* h, int algorithm, int mode, const void* alpha, const void* xd, const void* x, const void* beta, const void* yd, void* y) {
    const Tensor tx = *(const Tensor*)xd, ty = *(const Tensor*)yd;
    if (!tx.valid() || !tx.sameDims(ty) || tx.type != ty.type) return BAD_PARAM;
    if (tx.type == BF16) return UNSUPPORTED;
    double al = scalar(alpha, tx), be = scalar(beta, tx);
    return submit(h, [=] {
        if (!reads(tx, x) || !writes(ty, y)) return;
        Rows rows = softmaxRows(tx, mode), to = softmaxRows(ty, mode);
        forEach(rows.outer, [&](const int* o) {
            size_t fx = offset(rows.outer, o), fy = offset(to.outer, o);
            double largest = -INFINITY, sum = 0;
            forEach(rows.inner, [&](const int* i) { double v = tx.get(x, fx + offset(rows.inner, i)); if (v > largest || std::isnan(v)) largest = v; });
            forEach(rows.inner, [&](const int* i) { sum = rounded(tx, sum + rounded(tx, std::exp(rounded(tx, tx.get(x, fx + offset(rows.inner, i)) - largest)))); });
            double logSum = rounded(tx, std::log(sum));
            forEach(rows.inner, [&](const int* i) {
                double v = rounded(tx, tx.get(x, fx + offset(rows.inner, i)) - largest);
                double result = algorithm == SOFTMAX_LOG ? v - logSum : rounded(tx, std::exp(v)) / sum;
                put(ty, y, fy + offset(to.inner, i), al, rounded(ty, result), be);
            });
        });
    });
}
int cudnnSoftmaxBackward(void* h, int algorithm, int mode, const void* alpha, const void* yd, const void* y, const void* dyd, const void* dy, const void* beta, const void* dxd, void* dx) {
    const Tensor ty = *(const Tensor*)yd, tdy = *(const Tensor*)dyd, tdx = *(const Tensor*)dxd;
    if (!ty.valid() || !ty.sameDims(tdy) || !ty.sameDims(tdx)) return BAD_PARAM;
    if (ty.type == BF16) return UNSUPPORTED;
    for (const Tensor* t : {&tdy, &tdx}) if (!std::equal(t->strides, t->strides + t->rank, ty.strides)) return UNSUPPORTED;
    double al = scalar(alpha, ty), be = scalar(beta, ty);
    return submit(h, [=] {
        if (!reads(ty, y) || !reads(tdy, dy) || !writes(tdx, dx)) return;
        Rows rows = softmaxRows(ty, mode);
        forEach(rows.outer, [&](const int* o) {
            size_t from = offset(rows.outer, o);
            double sum = 0;
            forEach(rows.inner, [&](const int* i) {
                size_t at = from + offset(rows.inner, i);
                double d = tdy.get(dy, at);
                sum = rounded(ty, sum + rounded(ty, algorithm == SOFTMAX_LOG ? d : d * ty.get(y, at)));
            });
            forEach(rows.inner, [&](const int* i) {
                size_t at = from + offset(rows.inner, i);
                double d = tdy.get(dy, at), v = ty.get(y, at);
                put(tdx, dx, at, al, rounded(tdx, algorithm == SOFTMAX_LOG ? d - std::exp(v) * sum : v * (d - sum)), be);
            });
        });
    });
}

int cudnnCreateOpTensorDescriptor(void** d) { *d = new Op{-1, 0, 0}; return OK; }
int cudnnDestroyOpTensorDescriptor(void* d) { delete (Op*)d; return OK; }
int cudnnSetOpTensorDescriptor(void* d, int op, int type, int nan) { *(Op*)d = {op, type, nan}; return OK; }
int cudnnOpTensor(void* h, void* od, const void* alpha1, const void* ad, const void* a, const void* alpha2, const void* bd, const void* b, const void* beta, const void* cd, void* c) {
    const Op op = *(Op*)od;
    const Tensor ta = *(const Tensor*)ad, tb = *(const Tensor*)bd, tc = *(const Tensor*)cd;
    if (!ta.valid() || !ta.sameDims(tc) || !tb.fitsInto(tc) || tc.rank > 5) return BAD_PARAM;
    if (op.op > OP_MAX || op.type != (tc.type == DOUBLE ? DOUBLE : FLOAT) || ta.type != tc.type || tb.type != tc.type) return UNSUPPORTED;
    if (b == c && a != c) return BAD_PARAM;
    double a1 = scalar(alpha1, tc), a2 = scalar(alpha2, tc), be = scalar(beta, tc);
    return submit(h, [=] {
        if (!reads(ta, a) || !reads(tb, b) || !writes(tc, c)) return;
        forEach(tc, [&](const int* i) {
            double left = rounded(tc, a1 * ta.get(a, offset(ta, i))), right = rounded(tc, a2 * tb.get(b, offset(tb, i)));
            put(tc, c, offset(tc, i), 1, rounded(tc, combine(op.op, left, right, op.nan)), be);
        });
    });
}
int cudnnCreateReduceTensorDescriptor(void** d) { *d = new Reduce{-1, 0, 0, 0, 0}; return OK; }
int cudnnDestroyReduceTensorDescriptor(void* d) { delete (Reduce*)d; return OK; }
int cudnnSetReduceTensorDescriptor(void* d, int op, int type, int nan, int indices, int indexType) { *(Reduce*)d = {op, type, nan, indices, indexType}; return OK; }
// As if partial results were kept, so that a caller who passes too little is found.
int cudnnGetReductionWorkspaceSize(void*, void*, const void* ad, const void*, size_t* bytes) { *bytes = 64 + ((const Tensor*)ad)->count() / 16 * 8; return OK; }
int cudnnGetReductionIndicesSize(void*, void*, const void*, const void*, size_t* bytes) { *bytes = 0; return OK; }
int cudnnReduceTensor(void* h, void* rd, void*, size_t, void* workspace, size_t workspaceBytes, const void* alpha, const void* ad, const void* a, const void* beta, const void* cd, void* c) {
    const Reduce r = *(Reduce*)rd;
    const Tensor ta = *(const Tensor*)ad, tc = *(const Tensor*)cd;
    if (!ta.valid() || !tc.fitsInto(ta) || ta.type != tc.type) return BAD_PARAM;
    if (r.op > REDUCE_MAX || r.indices || r.type != tc.type || tc.type == BF16) return UNSUPPORTED;
    size_t needed;
    cudnnGetReductionWorkspaceSize(h, rd, ad, cd, &needed);
    if (workspaceBytes < needed) return BAD_PARAM;
    double al = scalar(alpha, tc), be = scalar(beta, tc);
    return submit(h, [=] {
        if (!reads(ta, a) || !writes(tc, c) || simulated_region("cudnnReduceTensor's workspace", workspace, workspaceBytes, 1)) return;
        Tensor along = ta;  // the axes that are summed
        for (int i = 0; i < ta.rank; i++) if (tc.dims[i] != 1) along.dims[i] = 1;
        forEach(tc, [&](const int* o) {
            size_t from = 0;
            for (int i = 0; i < ta.rank; i++) from += size_t(o[i]) * ta.strides[i];
            double value = r.op == REDUCE_ADD ? 0 : r.op == REDUCE_MUL ? 1 : r.op == REDUCE_MIN ? INFINITY : -INFINITY;
            forEach(along, [&](const int* i) { value = rounded(tc, combine(r.op, value, ta.get(a, from + offset(along, i)), r.nan)); });
            put(tc, c, offset(tc, o), al, value, be);
        });
    });
}
}

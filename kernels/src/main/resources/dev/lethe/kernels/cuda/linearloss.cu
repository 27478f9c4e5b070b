// Row losses of the heads, between the product that makes a chunk of logits and the two that take
// their gradient back: soft-cap, log-sum-exp, loss and gradient in one pass over a row and one more.
//
// Layout: logits and teacher [rows, pitch] of sums, row-major, of which the first `vocabulary`
// columns count; targets, mask and losses [rows]. y = cap tanh(z / cap) of a raw logit z, or z
// where the cap is 0.
// Each kernel overwrites losses[row] with the row's unscaled loss, and, where `gradient` is 1, the
// row of logits with `scale dLoss/dy (1 - (y/cap)^2)` as elements, which then begin at the same
// addresses: a row of BF16 gradients takes the first half of its F32 logits' place.
// The scale is the number at scalePlace, read when the kernel runs, or where that is null `scale`.
// Launch: a block a row, of whole warps and at most ROW_THREADS threads. Sums are added in an order
// that the number of threads alone decides.
#include "element.cuh"
#include "block.cuh"

#define ROW_THREADS 512
#define VALUES 4  // logits that a thread takes at once

static __device__ __forceinline__ float least(float) { return -0x1.fffffep127f; }
static __device__ __forceinline__ double least(double) { return -0x1.fffffffffffffp1023; }

// A sum of exponentials, as e^max sum.
struct LogSum {
    accumulator max, sum;
};

// The soft-cap of logits.
struct Cap {
    accumulator cap, inverse;
    __device__ __forceinline__ explicit Cap(accumulator cap) : cap(cap), inverse(cap > 0 ? 1 / cap : 0) {}
    __device__ __forceinline__ accumulator of(accumulator z) const { return cap > 0 ? cap * hyperbolicTangent(z * inverse) : z; }
    // dy/dz
    __device__ __forceinline__ accumulator slope(accumulator y) const {
        accumulator t = y * inverse;
        return 1 - t * t;
    }
};

// Of a row's capped logits, known to every thread. A thread that has seen none begins at the least
// number: -infinity less itself would be NaN.
static __device__ LogSum logSum(const accumulator* z, int vocabulary, Cap cap) {
    LogSum mine = {least(accumulator()), 0};
    for (int first = threadIdx.x; first < vocabulary; first += VALUES * blockDim.x) {
        accumulator y[VALUES];
        accumulator top = mine.max;
        for (int k = 0; k < VALUES; k++) {
            int v = first + k * blockDim.x;
            y[k] = v < vocabulary ? cap.of(z[v]) : -infinity();
            top = larger(top, y[k]);
        }
        mine.sum *= exponential(mine.max - top);
        mine.max = top;
        for (int k = 0; k < VALUES; k++) mine.sum += exponential(y[k] - top);
    }
    accumulator top = blockMaximum(mine.max);
    LogSum all = {top, blockSum(mine.sum * exponential(mine.max - top))};
    return all;
}

// Asks `row` for the gradient of each logit v, by its capped value, and puts it in the logit's
// place where `write` is set.
template <class Row> static __device__ void replaceRow(accumulator* z, int vocabulary, Cap cap, bool write, Row row) {
    element* d = reinterpret_cast<element*>(z);
    for (int tile = 0; tile < vocabulary; tile += VALUES * blockDim.x) {
        accumulator values[VALUES] = {};
        for (int k = 0; k < VALUES; k++) {
            int v = tile + k * blockDim.x + threadIdx.x;
            if (v < vocabulary) {
                accumulator y = cap.of(z[v]);
                values[k] = row(v, y) * cap.slope(y);
            }
        }
        if (!write) continue;
        // A tile of narrower elements falls on logits of this tile or of one before.
        if (sizeof(element) < sizeof(accumulator)) __syncthreads();
        for (int k = 0; k < VALUES; k++) {
            int v = tile + k * blockDim.x + threadIdx.x;
            if (v < vocabulary) d[v] = narrow(values[k]);
        }
    }
}

// A row that counts nothing, or nothing but NaN.
static __device__ void settleRow(accumulator* z, int vocabulary, accumulator* loss, accumulator value, int gradient) {
    element* d = reinterpret_cast<element*>(z);
    for (int v = threadIdx.x; gradient && v < vocabulary; v += blockDim.x) d[v] = narrow(value);
    if (threadIdx.x == 0) *loss = value;
}

// -log p(target); gradient p - onehot. A negative target does not count; one outside the vocabulary
// gives NaN.
extern "C" __global__ void __launch_bounds__(ROW_THREADS) linearloss_cross_entropy(accumulator* logits, const int* targets, accumulator* losses, int vocabulary, int pitch, accumulator softCap, double scale, const double* scalePlace, int gradient) {
    accumulator* z = logits + (long long)blockIdx.x * pitch;
    int target = targets[blockIdx.x];
    if (target < 0 || target >= vocabulary) {
        settleRow(z, vocabulary, losses + blockIdx.x, target < 0 ? 0 : notANumber(), gradient);
        return;
    }
    accumulator factor = given(scale, scalePlace);
    Cap cap(softCap);
    accumulator atTarget = cap.of(z[target]);  // before the row is replaced: logSum has barriers
    LogSum p = logSum(z, vocabulary, cap);
    if (threadIdx.x == 0) losses[blockIdx.x] = logarithm(p.sum) - (atTarget - p.max);
    if (!gradient) return;
    accumulator share = 1 / p.sum;
    replaceRow(z, vocabulary, cap, true, [&](int v, accumulator y) {
        return factor * (exponential(y - p.max) * share - (v == target ? 1 : 0));
    });
}

// sum_v q (log q - log p), q being the teacher's; gradient p - q. Rows whose mask is 0 do not count.
extern "C" __global__ void __launch_bounds__(ROW_THREADS) linearloss_kl(accumulator* logits, const accumulator* teacher, const int* mask, accumulator* losses, int vocabulary, int pitch, accumulator softCap, accumulator teacherSoftCap, double scale, const double* scalePlace, int gradient) {
    accumulator* z = logits + (long long)blockIdx.x * pitch;
    const accumulator* teacherZ = teacher + (long long)blockIdx.x * pitch;
    if (mask[blockIdx.x] == 0) {
        settleRow(z, vocabulary, losses + blockIdx.x, 0, gradient);
        return;
    }
    accumulator factor = given(scale, scalePlace);
    Cap cap(softCap), teacherCap(teacherSoftCap);
    LogSum p = logSum(z, vocabulary, cap), q = logSum(teacherZ, vocabulary, teacherCap);
    accumulator logP = logarithm(p.sum), logQ = logarithm(q.sum), loss = 0;
    replaceRow(z, vocabulary, cap, gradient, [&](int v, accumulator y) {
        accumulator logOfP = y - p.max - logP, logOfQ = teacherCap.of(teacherZ[v]) - q.max - logQ;
        accumulator ofQ = exponential(logOfQ);
        loss += ofQ * (logOfQ - logOfP);
        return factor * (exponential(logOfP) - ofQ);
    });
    loss = blockSum(loss);
    if (threadIdx.x == 0) losses[blockIdx.x] = loss;
}

// -log V - (1/V) sum_v log p; gradient p - 1/V. Rows whose mask is 0 do not count.
extern "C" __global__ void __launch_bounds__(ROW_THREADS) linearloss_uniform_kl(accumulator* logits, const int* mask, accumulator* losses, int vocabulary, int pitch, accumulator softCap, double scale, const double* scalePlace, int gradient) {
    accumulator* z = logits + (long long)blockIdx.x * pitch;
    if (mask[blockIdx.x] == 0) {
        settleRow(z, vocabulary, losses + blockIdx.x, 0, gradient);
        return;
    }
    accumulator factor = given(scale, scalePlace);
    Cap cap(softCap);
    LogSum p = logSum(z, vocabulary, cap);
    accumulator logP = logarithm(p.sum), uniform = accumulator(1) / vocabulary, sum = 0;
    replaceRow(z, vocabulary, cap, gradient, [&](int, accumulator y) {
        accumulator logOfP = y - p.max - logP;
        sum += logOfP;
        return factor * (exponential(logOfP) - uniform);
    });
    sum = blockSum(sum);
    if (threadIdx.x == 0) losses[blockIdx.x] = -logarithm(accumulator(vocabulary)) - sum / vocabulary;
}

// loss[0] = scale times the sum of the rows' losses. Launch: one block.
extern "C" __global__ void __launch_bounds__(ROW_THREADS) linearloss_sum(const accumulator* losses, accumulator* loss, int rows, double scale, const double* scalePlace) {
    accumulator sum = 0;
    for (int row = threadIdx.x; row < rows; row += blockDim.x) sum += losses[row];
    sum = blockSum(sum);
    if (threadIdx.x == 0) *loss = (accumulator)given(scale, scalePlace) * sum;
}

// Gradients summed over all chunks, rounded. Launch: one dimension of blocks over n.
extern "C" __global__ void linearloss_narrow(const accumulator* sums, element* y, long long n) {
    for (long long i = firstItem(); i < n; i += itemStep()) y[i] = narrow(sums[i]);
}

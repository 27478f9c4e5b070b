// Causal grouped-query attention with a soft-cap and a sliding window, in tiles: scores live in
// registers, never in global memory, and backward computes probabilities again from the saved
// logarithms (Milakov and Gimelshein 2018; Dao et al. 2022).
//
// Layout: q, output [B,Tq,H,D]; k, v [B,Tk,Hkv,D]; logSumExp, delta [B,H,Tq], row-major. Query i is at
// position Tk - Tq + i and sees the last `window` keys up to there. s = cap tanh(scale q.k / cap).
// Everything is overwritten. No atomics: a block owns the rows that it writes, and adds in a fixed
// order. Tiles in which no query sees a key are not visited.
//
// Launch: THREADS threads a block, along x a block for each tile of rows and each line (a batch and a
// head), those with most to do first; shared memory for the matrices that a kernel reserves. The
// number in a kernel's name is the largest D that it serves.
#include "element.cuh"
#include "block.cuh"
#include "tiles.cuh"

struct Heads {
    int queries, keys, heads, kvHeads, headDim, window;
    accumulator scale, softCap;
};

// Where a tensor of queries or keys has the row of a batch, head and place, and up to `most` from it.
static __device__ __forceinline__ long long queryAt(const Heads& at, int b, int h, int i) {
    return (((long long)b * at.queries + i) * at.heads + h) * at.headDim;
}
static __device__ __forceinline__ long long keyAt(const Heads& at, int b, int kvHead, int j) {
    return (((long long)b * at.keys + j) * at.kvHeads + kvHead) * at.headDim;
}
static __device__ __forceinline__ Rows queryRows(const Heads& at, const element* x, int b, int h, int i, int most) {
    return {x + queryAt(at, b, h, i), (long long)at.heads * at.headDim, min(most, at.queries - i), at.headDim};
}
static __device__ __forceinline__ Rows keyRows(const Heads& at, const element* x, int b, int kvHead, int j, int most) {
    return {x + keyAt(at, b, kvHead, j), (long long)at.kvHeads * at.headDim, min(most, at.keys - j), at.headDim};
}
static __device__ __forceinline__ long long logAt(const Heads& at, int b, int h, int i) {
    return ((long long)b * at.heads + h) * at.queries + i;
}

// The tile of queries of this block: from query `from` of head h, whose keys are those of kvHead.
struct QueryTile { int from, b, h, kvHead; };
static __device__ __forceinline__ QueryTile queryTile(const Heads& at) {
    int tiles = (at.queries + TILE_ROWS - 1) / TILE_ROWS, lines = gridDim.x / tiles;
    int line = blockIdx.x % lines, h = line % at.heads;
    return {(tiles - 1 - (int)blockIdx.x / lines) * TILE_ROWS, line / at.heads, h, h / (at.heads / at.kvHeads)};
}

static __device__ __forceinline__ bool visible(const Heads& at, int i, int j) {
    int position = at.keys - at.queries + i;
    return i < at.queries && j <= position && position - j < at.window;
}
// Whether all of some queries see all of some keys.
static __device__ __forceinline__ bool allVisible(const Heads& at, int i, int iCount, int j, int jCount) {
    return visible(at, i, j + jCount - 1) && visible(at, i + iCount - 1, j);
}

struct Range { int from, to; };
// The keys that a tile of queries from i sees.
static __device__ __forceinline__ Range keysOf(const Heads& at, int i) {
    int first = at.keys - at.queries + i;
    return {max(0, first - at.window + 1), min(first + TILE_ROWS, at.keys)};
}
// The queries that see any of a tile of keys from j.
static __device__ __forceinline__ Range queriesOf(const Heads& at, int j) {
    int before = at.keys - at.queries, last = min(j + TILE_ROWS, at.keys) - 1;
    return {max(0, j - before), (int)min((long long)at.queries, (long long)last + at.window - before)};
}

// BF16 takes the device's own exponential and quotient, which are off by some units in the last
// place of F32: without them, the cap would cost more than the products.
#if defined(ELEMENT_BF16)
static __device__ __forceinline__ accumulator power(accumulator x) { return __expf(x); }
static __device__ __forceinline__ accumulator bounded(accumulator x) { return 1 - __fdividef(2, __expf(2 * x) + 1); }
#else
static __device__ __forceinline__ accumulator power(accumulator x) { return exponential(x); }
static __device__ __forceinline__ accumulator bounded(accumulator x) { return hyperbolicTangent(x); }
#endif

// The score of a product of query and key, and its derivative by the product. A cap of 0 is none.
struct Score { accumulator value, slope; };
static __device__ __forceinline__ Score score(const Heads& at, accumulator product) {
    if (at.softCap == 0) return {at.scale * product, at.scale};
    accumulator share = bounded(at.scale / at.softCap * product);
    return {at.softCap * share, at.scale * (1 - share * share)};
}

// The largest score of each row so far, and this thread's part of the sum of exponentials below it.
struct RowSums { accumulator top[OWN_ROWS], sum[OWN_ROWS]; };

// Products become exponentials below the largest score; what was added up below the one before is
// scaled down. `whole` where all is visible.
template <int COLUMNS, int WIDTH> static __device__ __forceinline__ void exponentials(
        const Heads& at, int i0, int j0, bool whole, Scores<COLUMNS>& s, RowSums& rows, Result<WIDTH>& y) {
#pragma unroll
    for (int i = 0; i < OWN_ROWS; i++) {
        accumulator top = rows.top[i];
#pragma unroll
        for (int j = 0; j < Scores<COLUMNS>::OWN; j++) {
            bool sees = whole || visible(at, i0 + tileRow(i), j0 + Scores<COLUMNS>::column(j));
            s.at(i, j) = sees ? score(at, s.at(i, j)).value : -infinity();
            top = max(top, s.at(i, j));
        }
        top = rowMax(top);
        accumulator shift = top == -infinity() ? 0 : top;  // nothing seen yet
        accumulator decay = power(rows.top[i] - shift);
        rows.top[i] = top;
        rows.sum[i] *= decay;
        scaleRow(y, i, decay);
#pragma unroll
        for (int j = 0; j < Scores<COLUMNS>::OWN; j++) {
            s.at(i, j) = power(s.at(i, j) - shift);
            rows.sum[i] += s.at(i, j);
        }
    }
}

// Launch: tiles of queries, lines of heads. Reserves a tile of rows and two of FORWARD_COLUMNS.
template <int WIDTH> static __device__ __forceinline__ void forward(
        const Heads& at, const element* q, const element* k, const element* v, element* output, accumulator* logSumExp) {
    constexpr int COLUMNS = FORWARD_COLUMNS;
    Space space = openSpace(at.headDim);
    Operand query = reserve<TILE_ROWS>(space), key = reserve<COLUMNS>(space), value = reserve<COLUMNS>(space);
    QueryTile tile = queryTile(at);
    Rows queries = queryRows(at, q, tile.b, tile.h, tile.from, TILE_ROWS);
    Range seen = keysOf(at, tile.from);
    if (seen.from < seen.to) {
        stage<TILE_ROWS>(query, queries);
        stage<COLUMNS>(key, keyRows(at, k, tile.b, tile.kvHead, seen.from, COLUMNS));
    }
    Scores<COLUMNS> s;
    Result<WIDTH> y;
    RowSums rows;
    clear(y);
#pragma unroll
    for (int i = 0; i < OWN_ROWS; i++) {
        rows.top[i] = -infinity();
        rows.sum[i] = 0;
    }
    for (int j0 = seen.from; j0 < seen.to; j0 += COLUMNS) {
        await();
        stage<COLUMNS>(value, keyRows(at, v, tile.b, tile.kvHead, j0, COLUMNS));
        dotProducts(space, query, key, s);
        exponentials(at, tile.from, j0, allVisible(at, tile.from, TILE_ROWS, j0, COLUMNS), s, rows, y);
        await();
        if (j0 + COLUMNS < seen.to) stage<COLUMNS>(key, keyRows(at, k, tile.b, tile.kvHead, j0 + COLUMNS, COLUMNS));
        addProducts(space, s, value, y);
    }
#pragma unroll
    for (int i = 0; i < OWN_ROWS; i++) {
        accumulator total = rowSum(rows.sum[i]);
        scaleRow(y, i, total == 0 ? 0 : 1 / total);
        int row = tileRow(i);
        if (threadIdx.x % ROW_LANES == 0 && row < queries.count) {
            logSumExp[logAt(at, tile.b, tile.h, tile.from + row)] = rows.top[i] + logarithm(total);
        }
    }
    store(y, queries, output + queryAt(at, tile.b, tile.h, tile.from));
}

struct Saved {
    const element *q, *k, *v;
    const accumulator* logSumExp;
    const element* dOutput;
    const accumulator* delta;
};

// From a product of query and key, and one of the output's gradient and the value, to the
// probability and the gradient of the first product.
static __device__ __forceinline__ void gradient(const Heads& at, bool sees, accumulator log, accumulator delta, accumulator& p, accumulator& d) {
    Score s = score(at, p);
    p = sees ? power(s.value - log) : 0;
    d = sees ? p * (d - delta) * s.slope : 0;
}

// Launch: as forward. Reserves two tiles of rows and two of BACKWARD_COLUMNS.
template <int WIDTH> static __device__ __forceinline__ void backwardQuery(const Heads& at, const Saved& saved, element* dq) {
    constexpr int COLUMNS = BACKWARD_COLUMNS;
    Space space = openSpace(at.headDim);
    Operand query = reserve<TILE_ROWS>(space), dOutput = reserve<TILE_ROWS>(space);
    Operand key = reserve<COLUMNS>(space), value = reserve<COLUMNS>(space);
    QueryTile tile = queryTile(at);
    Rows queries = queryRows(at, saved.q, tile.b, tile.h, tile.from, TILE_ROWS);
    Range seen = keysOf(at, tile.from);
    if (seen.from < seen.to) {
        stage<TILE_ROWS>(query, queries);
        stage<TILE_ROWS>(dOutput, queryRows(at, saved.dOutput, tile.b, tile.h, tile.from, TILE_ROWS));
        stage<COLUMNS>(key, keyRows(at, saved.k, tile.b, tile.kvHead, seen.from, COLUMNS));
        stage<COLUMNS>(value, keyRows(at, saved.v, tile.b, tile.kvHead, seen.from, COLUMNS));
    }
    Scores<COLUMNS> p, d;
    Result<WIDTH> y;
    accumulator logs[OWN_ROWS], deltas[OWN_ROWS];
    clear(y);
#pragma unroll
    for (int i = 0; i < OWN_ROWS; i++) {
        bool exists = tileRow(i) < queries.count;
        long long number = logAt(at, tile.b, tile.h, tile.from + tileRow(i));
        logs[i] = exists ? saved.logSumExp[number] : 0;
        deltas[i] = exists ? saved.delta[number] : 0;
    }
    for (int j0 = seen.from; j0 < seen.to; j0 += COLUMNS) {
        int next = j0 + COLUMNS;
        await();
        dotProducts(space, query, key, p);
        dotProducts(space, dOutput, value, d);
        release();
        if (next < seen.to) stage<COLUMNS>(value, keyRows(at, saved.v, tile.b, tile.kvHead, next, COLUMNS));
        bool whole = allVisible(at, tile.from, TILE_ROWS, j0, COLUMNS);
#pragma unroll
        for (int i = 0; i < OWN_ROWS; i++)
#pragma unroll
            for (int j = 0; j < Scores<COLUMNS>::OWN; j++) {
                bool sees = whole || visible(at, tile.from + tileRow(i), j0 + Scores<COLUMNS>::column(j));
                gradient(at, sees, logs[i], deltas[i], p.at(i, j), d.at(i, j));
            }
        addProducts(space, d, key, y);
        release();
        if (next < seen.to) stage<COLUMNS>(key, keyRows(at, saved.k, tile.b, tile.kvHead, next, COLUMNS));
    }
    store(y, queries, dq + queryAt(at, tile.b, tile.h, tile.from));
}

template <class T> static __device__ __forceinline__ void swap(T& a, T& b) {
    T before = a;
    a = b;
    b = before;
}

// Launch: tiles of keys, lines of key heads, and along y a block for each WIDTH columns of dk and dv.
// Scores are transposed, a row a key. Reserves two tiles of rows and two of BACKWARD_COLUMNS, or four
// to copy AHEAD while it computes.
template <int WIDTH, bool AHEAD> static __device__ __forceinline__ void backwardKey(const Heads& at, const Saved& saved, element* dk, element* dv) {
    constexpr int COLUMNS = BACKWARD_COLUMNS;
    Space space = openSpace(at.headDim);
    Operand key = reserve<TILE_ROWS>(space), value = reserve<TILE_ROWS>(space);
    Operand query = reserve<COLUMNS>(space), dOutput = reserve<COLUMNS>(space), queryAhead, dOutputAhead;
    if constexpr (AHEAD) {
        queryAhead = reserve<COLUMNS>(space);
        dOutputAhead = reserve<COLUMNS>(space);
    }
    int tiles = (at.keys + TILE_ROWS - 1) / TILE_ROWS, lines = gridDim.x / tiles, group = at.heads / at.kvHeads;
    int from = (int)blockIdx.x / lines * TILE_ROWS, column = blockIdx.y * WIDTH;
    int kvHead = blockIdx.x % lines % at.kvHeads, b = blockIdx.x % lines / at.kvHeads;
    Rows keys = keyRows(at, saved.k, b, kvHead, from, TILE_ROWS);
    Range seeing = queriesOf(at, from);
    int h = kvHead * group, i0 = seeing.from;
    bool more = seeing.from < seeing.to;
    if (more) {
        stage<TILE_ROWS>(key, keys);
        stage<TILE_ROWS>(value, keyRows(at, saved.v, b, kvHead, from, TILE_ROWS));
        stage<COLUMNS>(query, queryRows(at, saved.q, b, h, i0, COLUMNS));
        stage<COLUMNS>(dOutput, queryRows(at, saved.dOutput, b, h, i0, COLUMNS));
    }
    Scores<COLUMNS> p, d;
    Result<WIDTH> yk, yv;
    clear(yk);
    clear(yv);
    while (more) {
        bool headDone = i0 + COLUMNS >= seeing.to;
        int nextH = headDone ? h + 1 : h, nextI = headDone ? seeing.from : i0 + COLUMNS;
        more = nextH < (kvHead + 1) * group;
        await();
        if constexpr (AHEAD) {
            if (more) {
                stage<COLUMNS>(queryAhead, queryRows(at, saved.q, b, nextH, nextI, COLUMNS));
                stage<COLUMNS>(dOutputAhead, queryRows(at, saved.dOutput, b, nextH, nextI, COLUMNS));
            }
        }
        dotProducts(space, key, query, p);
        dotProducts(space, value, dOutput, d);
        bool whole = allVisible(at, i0, COLUMNS, from, TILE_ROWS);
#pragma unroll
        for (int j = 0; j < Scores<COLUMNS>::OWN; j++) {
            int i = i0 + Scores<COLUMNS>::column(j);
            long long number = logAt(at, b, h, i);
            accumulator log = i < at.queries ? saved.logSumExp[number] : 0;
            accumulator delta = i < at.queries ? saved.delta[number] : 0;
#pragma unroll
            for (int row = 0; row < OWN_ROWS; row++) {
                bool sees = whole || visible(at, i, from + tileRow(row));
                gradient(at, sees, log, delta, p.at(row, j), d.at(row, j));
            }
        }
        addProducts(space, p, columnsFrom(dOutput, column), yv);
        addProducts(space, d, columnsFrom(query, column), yk);
        if constexpr (AHEAD) {
            swap(query, queryAhead);
            swap(dOutput, dOutputAhead);
        } else if (more) {
            release();
            stage<COLUMNS>(query, queryRows(at, saved.q, b, nextH, nextI, COLUMNS));
            stage<COLUMNS>(dOutput, queryRows(at, saved.dOutput, b, nextH, nextI, COLUMNS));
        }
        h = nextH;
        i0 = nextI;
    }
    Rows part = {nullptr, keys.stride, keys.count, at.headDim - column};
    store(yk, part, dk + keyAt(at, b, kvHead, from) + column);
    store(yv, part, dv + keyAt(at, b, kvHead, from) + column);
}

extern "C" __global__ void __launch_bounds__(THREADS) attention_forward_128(const element* q, const element* k, const element* v,
        element* output, accumulator* logSumExp,
        int queries, int keys, int heads, int kvHeads, int headDim, int window, accumulator scale, accumulator softCap) {
    forward<128>({queries, keys, heads, kvHeads, headDim, window, scale, softCap}, q, k, v, output, logSumExp);
}
extern "C" __global__ void __launch_bounds__(THREADS) attention_forward_256(const element* q, const element* k, const element* v,
        element* output, accumulator* logSumExp,
        int queries, int keys, int heads, int kvHeads, int headDim, int window, accumulator scale, accumulator softCap) {
    forward<256>({queries, keys, heads, kvHeads, headDim, window, scale, softCap}, q, k, v, output, logSumExp);
}

// delta = sum over D of output dOutput, which is the sum over keys of p dp. Launch: one dimension of
// blocks; a warp takes a row of the B Tq H, and then the row itemStep() / 32 further.
extern "C" __global__ void attention_delta(const element* output, const element* dOutput, accumulator* delta, int queries, int heads, int headDim, long long rows) {
    for (long long row = firstItem() / 32; row < rows; row += itemStep() / 32) {
        accumulator sum = 0;
        for (int d = threadIdx.x % 32; d < headDim; d += 32) sum += widen(output[row * headDim + d]) * widen(dOutput[row * headDim + d]);
        sum = warpSum(sum);
        long long b = row / heads / queries, i = row / heads % queries, h = row % heads;
        if (threadIdx.x % 32 == 0) delta[(b * heads + h) * queries + i] = sum;
    }
}

extern "C" __global__ void __launch_bounds__(THREADS) attention_backward_query_128(const element* q, const element* k, const element* v,
        const accumulator* logSumExp, const element* dOutput, const accumulator* delta, element* dq,
        int queries, int keys, int heads, int kvHeads, int headDim, int window, accumulator scale, accumulator softCap) {
    backwardQuery<128>({queries, keys, heads, kvHeads, headDim, window, scale, softCap}, {q, k, v, logSumExp, dOutput, delta}, dq);
}
extern "C" __global__ void __launch_bounds__(THREADS) attention_backward_query_256(const element* q, const element* k, const element* v,
        const accumulator* logSumExp, const element* dOutput, const accumulator* delta, element* dq,
        int queries, int keys, int heads, int kvHeads, int headDim, int window, accumulator scale, accumulator softCap) {
    backwardQuery<256>({queries, keys, heads, kvHeads, headDim, window, scale, softCap}, {q, k, v, logSumExp, dOutput, delta}, dq);
}

extern "C" __global__ void __launch_bounds__(THREADS) attention_backward_key_128(const element* q, const element* k, const element* v,
        const accumulator* logSumExp, const element* dOutput, const accumulator* delta, element* dk, element* dv,
        int queries, int keys, int heads, int kvHeads, int headDim, int window, accumulator scale, accumulator softCap) {
    backwardKey<128, true>({queries, keys, heads, kvHeads, headDim, window, scale, softCap}, {q, k, v, logSumExp, dOutput, delta}, dk, dv);
}
// Twice the columns leave no shared memory to copy ahead to where there are only 99 KiB.
extern "C" __global__ void __launch_bounds__(THREADS) attention_backward_key_256(const element* q, const element* k, const element* v,
        const accumulator* logSumExp, const element* dOutput, const accumulator* delta, element* dk, element* dv,
        int queries, int keys, int heads, int kvHeads, int headDim, int window, accumulator scale, accumulator softCap) {
    backwardKey<128, false>({queries, keys, heads, kvHeads, headDim, window, scale, softCap}, {q, k, v, logSumExp, dOutput, delta}, dk, dv);
}

// Tensor descriptors of the simulated cuDNN, and walks over the elements that they describe.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace cudnn {
constexpr int MOST_DIMS = 8;
enum Type : int { FLOAT = 0, DOUBLE = 1, BF16 = 9 };

struct Tensor {
    int type = -1, rank = 0;
    int dims[MOST_DIMS] = {}, strides[MOST_DIMS] = {};

    size_t elementBytes() const { return type == DOUBLE ? 8 : type == FLOAT ? 4 : 2; }
    size_t count() const { size_t n = 1; for (int i = 0; i < rank; i++) n *= dims[i]; return n; }
    // Bytes from the first element to the end of the last.
    size_t bytes() const {
        size_t last = 0;
        for (int i = 0; i < rank; i++) last += size_t(dims[i] - 1) * strides[i];
        return (last + 1) * elementBytes();
    }
    bool valid() const { return rank > 0 && (type == FLOAT || type == DOUBLE || type == BF16); }
    bool sameDims(const Tensor& o) const { return rank == o.rank && std::equal(dims, dims + rank, o.dims); }
    // Whether this is `o`, or 1 where it differs.
    bool fitsInto(const Tensor& o) const {
        bool fits = rank == o.rank;
        for (int i = 0; fits && i < rank; i++) fits = dims[i] == o.dims[i] || dims[i] == 1;
        return fits;
    }
    void contiguous() { int s = 1; for (int i = rank - 1; i >= 0; i--) { strides[i] = s; s *= dims[i]; } }

    double get(const void* p, size_t i) const {
        if (type == DOUBLE) return ((const double*)p)[i];
        if (type == FLOAT) return ((const float*)p)[i];
        uint32_t u = uint32_t(((const uint16_t*)p)[i]) << 16;
        float f;
        memcpy(&f, &u, 4);
        return f;
    }
    void set(void* p, size_t i, double v) const {
        if (type == DOUBLE) { ((double*)p)[i] = v; return; }
        if (type == FLOAT) { ((float*)p)[i] = float(v); return; }
        float f = float(v);
        uint32_t u;
        memcpy(&u, &f, 4);
        ((uint16_t*)p)[i] = f != f ? uint16_t(u >> 16 | 0x40) : uint16_t((u + 0x7fff + (u >> 16 & 1)) >> 16);
    }
};

// Calls visit(index) for each index of `t` in row-major order.
template <class F> void forEach(const Tensor& t, F visit) {
    int index[MOST_DIMS] = {};
    size_t n = t.count();
    for (size_t k = 0; k < n; k++) {
        visit(index);
        for (int i = t.rank - 1; i >= 0 && ++index[i] == t.dims[i]; i--) index[i] = 0;
    }
}
// Where the element lies; an axis of size 1 is repeated.
inline size_t offset(const Tensor& t, const int* index) {
    size_t o = 0;
    for (int i = 0; i < t.rank; i++) o += size_t(t.dims[i] == 1 ? 0 : index[i]) * t.strides[i];
    return o;
}
}  // namespace cudnn

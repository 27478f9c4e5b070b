package dev.lethe.kernels.cpu;

/// Fills a contiguous array by walking a strided one.
final class StridedCopy {
    private StridedCopy() {}

    /// `y[i0, i1, ...] = x[i0 strides[0] + i1 strides[1] + ...]`, strides in elements, 0 to repeat.
    static void run(int[] dims, long[] strides, int elementBytes, long x, long y) {
        for (int dim : dims) {
            if (dim == 0) {
                return;
            }
        }
        int[] counts = new int[dims.length + 1]; // axis 0 is one of size 1, so a scalar has a row
        long[] steps = new long[dims.length + 1];
        int last = merge(dims, strides, counts, steps);
        long rowBytes = (long) counts[last] * elementBytes;
        int[] index = new int[last];
        long from = 0;
        for (long to = y; ; to += rowBytes) {
            row(counts[last], steps[last], elementBytes, x + from * elementBytes, to);
            int axis = last - 1;
            while (axis >= 0 && ++index[axis] == counts[axis]) {
                index[axis] = 0;
                from -= (counts[axis] - 1) * steps[axis];
                axis--;
            }
            if (axis < 0) {
                return;
            }
            from += steps[axis];
        }
    }

    /// Joins neighbouring axes that one stride walks; returns the last axis written.
    private static int merge(int[] dims, long[] strides, int[] counts, long[] steps) {
        int last = 0;
        counts[0] = 1;
        for (int axis = 0; axis < dims.length; axis++) {
            if (dims[axis] == 1) {
                continue;
            }
            long joined = (long) counts[last] * dims[axis];
            if (counts[last] == 1
                    || steps[last] == strides[axis] * dims[axis] && joined <= Integer.MAX_VALUE) {
                counts[last] = (int) joined;
            } else {
                counts[++last] = dims[axis];
            }
            steps[last] = strides[axis];
        }
        return last;
    }

    private static void row(int count, long step, int elementBytes, long x, long y) {
        if (step == 1) {
            HostMemory.copy(x, y, (long) count * elementBytes);
        } else if (elementBytes == Integer.BYTES) {
            row4(count, step * Integer.BYTES, x, y);
        } else {
            row8(count, step * Long.BYTES, x, y);
        }
    }

    private static void row4(int count, long stepBytes, long x, long y) {
        for (int i = 0; i < count; i++) {
            HostMemory.i32(y + (long) i * Integer.BYTES, HostMemory.i32(x + i * stepBytes));
        }
    }

    private static void row8(int count, long stepBytes, long x, long y) {
        for (int i = 0; i < count; i++) {
            HostMemory.i64(y + (long) i * Long.BYTES, HostMemory.i64(x + i * stepBytes));
        }
    }
}

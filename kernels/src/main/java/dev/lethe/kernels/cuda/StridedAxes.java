package dev.lethe.kernels.cuda;

import java.util.Arrays;

/// The `Axes` of `movement.cu`: six counts, outermost first, then six strides in elements.
final class StridedAxes {
    private static final int AXES = 6;

    private StridedAxes() {}

    /// Axes of size 1 go, neighbours that one stride walks are joined; what is left must be at most
    /// six.
    static long[] of(int[] dims, long[] strides) {
        long[] counts = new long[dims.length + 1];
        long[] steps = new long[dims.length + 1];
        int last = -1;
        for (int axis = 0; axis < dims.length; axis++) {
            if (dims[axis] == 1) {
                continue;
            }
            if (last >= 0 && steps[last] == strides[axis] * dims[axis]) {
                counts[last] *= dims[axis];
            } else {
                counts[++last] = dims[axis];
            }
            steps[last] = strides[axis];
        }
        if (last >= AXES) {
            throw new IllegalArgumentException(
                    "movement: %s by strides %s has more than %d separate axes; reshape first"
                            .formatted(Arrays.toString(dims), Arrays.toString(strides), AXES));
        }
        long[] axes = new long[2 * AXES];
        Arrays.fill(axes, 0, AXES, 1);
        int unused = AXES - 1 - last;
        for (int i = 0; i <= last; i++) {
            axes[unused + i] = counts[i];
            axes[AXES + unused + i] = steps[i];
        }
        return axes;
    }
}

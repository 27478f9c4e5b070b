package dev.lethe.engine.backend;

import dev.lethe.engine.memory.Buffer;

/// Rows of a table by I32 number. Ids outside the table are refused by backends on the host; for a
/// device the caller checks them before upload.
public interface GatherKernels {
    /// `y[i] = table[ids[i]]`, rows of `width` elements.
    void gather(int width, Buffer table, Buffer ids, Buffer y);

    /// `table[ids[i]] += x[i]`, in the order of i, so that equal ids add in a fixed order.
    void scatterAdd(int width, Buffer x, Buffer ids, Buffer table);
}

package dev.lethe.engine.backend;

import dev.lethe.engine.memory.Buffer;

/// Rows of a table by I32 number. Ids outside the table are refused by backends on the host; for a
/// device the caller checks them before upload.
///
/// BF16: the row of a table and all that one call adds to it are summed in F32, in the order of i,
/// and rounded once at the end; a row that no id names keeps its bits.
public interface GatherKernels {
    /// `y[i] = table[ids[i]]`, rows of `width` elements.
    void gather(int width, Buffer table, Buffer ids, Buffer y);

    /// `table[ids[i]] += x[i]`, in the order of i, so that equal ids add in a fixed order.
    void scatterAdd(int width, Buffer x, Buffer ids, Buffer table);
}

package dev.lethe.kernels.cpu;

import dev.lethe.engine.backend.GatherKernels;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;

/// Rows copied or added one after the other; every id is checked before anything is written.
final class CpuGather implements GatherKernels {
    private static final Ids GATHER = new Ids("gather");
    private static final Ids SCATTER_ADD = new Ids("scatterAdd");

    @Override
    public void gather(int width, Buffer table, Buffer ids, Buffer y) {
        int count = GATHER.check(width, table, ids);
        Expect.exactly("gather: y", y, table.dtype(), (long) count * width);
        Expect.apart("gather: y", y, table);
        long rowBytes = (long) width * table.dtype().bytes();
        for (int i = 0; i < count; i++) {
            long row = HostMemory.i32(ids.address() + (long) i * Integer.BYTES);
            HostMemory.copy(
                    table.address() + row * rowBytes, y.address() + i * rowBytes, rowBytes);
        }
    }

    @Override
    public void scatterAdd(int width, Buffer x, Buffer ids, Buffer table) {
        int count = SCATTER_ADD.check(width, table, ids);
        DType dtype = Expect.floating("scatterAdd: table", table);
        Expect.exactly("scatterAdd: x", x, dtype, (long) count * width);
        Expect.apart("scatterAdd: table", table, x);
        long rowBytes = (long) width * dtype.bytes();
        for (int i = 0; i < count; i++) {
            long row = HostMemory.i32(ids.address() + (long) i * Integer.BYTES);
            long to = table.address() + row * rowBytes;
            long from = x.address() + i * rowBytes;
            if (dtype == DType.F32) {
                ElementwiseLoops.add(to, from, to, width);
            } else {
                addF64(to, from, width);
            }
        }
    }

    private static void addF64(long to, long from, int width) {
        for (int j = 0; j < width; j++) {
            F64.set(to, j, F64.get(to, j) + F64.get(from, j));
        }
    }

    /// The check of an operation's ids. What errors call its operands is put together once, not on
    /// every call.
    private record Ids(String name, String ofTable, String ofIds) {
        Ids(String name) {
            this(name, name + ": table", name + ": ids");
        }

        /// Number of ids, each of which must name a row of the table.
        int check(int width, Buffer table, Buffer ids) {
            int rows = Expect.rows(ofTable, table, width);
            long address = Expect.ints(ofIds, ids, ids.length());
            int count = Expect.count(ofIds, ids);
            for (int i = 0; i < count; i++) {
                int id = HostMemory.i32(address + (long) i * Integer.BYTES);
                if (id < 0 || id >= rows) {
                    throw new IndexOutOfBoundsException(
                            ("%s: id %d at %d must be at least 0 and below the table's %d rows;"
                                            + " check the tokenizer")
                                    .formatted(name, id, i, rows));
                }
            }
            return count;
        }
    }
}

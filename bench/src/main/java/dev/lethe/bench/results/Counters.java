package dev.lethe.bench.results;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/// What the operations measured did, counted beside their time. JMH shows each as a rate.
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.OPERATIONS)
public class Counters {
    /// F32 operations.
    public double flops;

    /// F64 operations.
    public double flops64;

    /// Bytes that had to move.
    public double bytes;

    /// Tokens trained on, generated, read.
    public double tokens;

    /// Bytes of arenas and parameters held, added up once an operation.
    public double heldBytes;

    /// Seconds spent inside kernels.
    public double kernelSeconds;

    /// Counts one operation.
    public void add(Work work) {
        flops += work.flops();
        flops64 += work.flops64();
        bytes += work.bytes();
    }
}

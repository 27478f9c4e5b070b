package dev.lethe.engine.backend;

/// Work that a device keeps, and repeats at one word from the host: a CUDA graph.
///
/// What is kept has its addresses and arguments by value. So all that changes from one run to the
/// next lies in memory that stays where it is, and is written there before.
public interface StepGraphs {
    /// Keeps what `work` submits, without running it. It may submit only, from this thread: not
    /// wait, nor copy from or to the host, nor take memory from the device. So all it needs is at
    /// hand already, as it is once the same work was run directly.
    ///
    /// @param what for the error
    /// @throws RuntimeException in one line that names the way to do without, where work did what
    ///     it may not; nothing is kept then
    Recorded record(String what, Runnable work);

    /// To be closed before the memory that it reads and writes.
    interface Recorded extends AutoCloseable {
        /// Runs it, after all that was submitted before. Returns at once.
        void replay();

        @Override
        void close();
    }
}

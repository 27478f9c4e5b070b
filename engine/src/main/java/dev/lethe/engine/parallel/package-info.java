/// Threads, in one place.
///
/// *In:* numbered tasks that write to places of their own.
/// *Out:* all of them done, or the first failure.
/// *Next:* the trainer runs micro-batches with it, optimizers run ranges of the flat buffer.
/// *To add one:* nothing is added here; kernels stay single-threaded.
package dev.lethe.engine.parallel;

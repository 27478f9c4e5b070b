/// Off-heap memory: element types, shapes, typed buffers, and the pool that feeds arenas.
///
/// *In:* sizes in elements and bytes.
/// *Out:* [dev.lethe.engine.memory.Buffer]s with an address, a version and a known end of life.
/// *Next:* `dev.lethe.engine.backend`, whose arenas hand them out.
/// *To add one:* a new element type is a constant of [dev.lethe.engine.memory.DType] and a branch in every
/// reference kernel; the compiler's exhaustive switches name them all.
package dev.lethe.engine.memory;

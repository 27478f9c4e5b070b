/// The contract between operations and hardware: arenas and the kernel families of the grid.
///
/// *In:* [dev.lethe.engine.memory.Buffer]s of checked sizes, and records of dimensions.
/// *Out:* results written into buffers that the caller allocated.
/// *Next:* `dev.lethe.engine.reference` is the specification; other modules hold faster columns.
/// *To add one:* a family is an interface here, a method of [dev.lethe.engine.backend.Backend], a contract
/// test, and a cell in each column.
package dev.lethe.engine.backend;

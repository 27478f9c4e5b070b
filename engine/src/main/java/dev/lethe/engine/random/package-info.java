/// Random numbers that have an address instead of a state.
///
/// *In:* a seed, a [dev.lethe.engine.random.Purpose], a stream number and an element's index.
/// *Out:* words, uniforms, normals and permutations with the same bits on every backend, machine,
/// thread count and after every resume.
/// *Next:* initialisation, perturbation, data order and sampling in `dev.lethe.model`.
/// *To add one:* a new use is a constant of [dev.lethe.engine.random.Purpose] with a code never
/// used before; a new law is a record of [dev.lethe.engine.random.Distribution].
package dev.lethe.engine.random;

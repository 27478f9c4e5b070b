/// The specification: every primitive kernel as plain loops in F32, F64 and BF16, never tuned.
///
/// *In:* [dev.lethe.engine.memory.Buffer]s on the host, and records of `dev.lethe.engine.backend`.
/// *Out:* results that every other column is tested against; in F64 they are the truth.
/// *Next:* the operations of `dev.lethe.engine.autograd`, whose composites run on these primitives.
/// *To add one:* a primitive family is a class `Reference<Family>` here and a method of
/// [dev.lethe.engine.reference.ReferenceBackend]; a fused one has its composite and no class here.
package dev.lethe.engine.reference;

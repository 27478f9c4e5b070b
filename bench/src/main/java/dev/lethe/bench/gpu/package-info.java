/// `tools/gpu-check`: tests, measures and reports one GPU.
///
/// - **In:** a machine with an NVIDIA GPU, or the simulated device, which it then says.
/// - **Out:** `runs/gpu-check/<card>/report.json` and `report.md`; one file a part beside them.
/// - **Next:** a person reads the report; a part that failed is mended and run again.
/// - **To add one:** a class that implements `Part`, named in `Parts`.
///
/// Each part is a process of its own with a time limit, so that one that crashes or hangs leaves
/// the others.
package dev.lethe.bench.gpu;

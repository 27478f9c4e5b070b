/// The CUDA column of the kernel grid: cuBLAS, cuDNN and our own `.cu` sources, through JCuda.
///
/// - **In:** buffers in device memory; every family checks types and lengths once, on the host.
/// - **Out:** work on one stream, in the order of the calls; only `download` waits for it.
/// - **Next:** `dev.lethe.kernels.Backends` opens it; the sources lie beside, as resources.
/// - **To add one:** `<family>.cu` with kernels named `<family>_<pass>`, `Cuda<Family>.java` with a
/// [dev.lethe.kernels.cuda.KernelSource] that repeats their prototypes, a method of
/// [dev.lethe.kernels.cuda.CudaBackend], and a subclass of the family's contract in the tests.
package dev.lethe.kernels.cuda;

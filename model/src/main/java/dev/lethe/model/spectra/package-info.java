/// Spectra of symmetric matrices that are known by their products alone, each number with its
/// error.
///
/// - **In:** a [dev.lethe.model.spectra.SymmetricOperator], such as a Hessian or a Gauss-Newton
///   matrix.
/// - **Out:** extreme eigenpairs with residuals, a spectral distribution with bounds, a trace with
///   its interval.
/// - **Next:** `dev.lethe.model.study` puts them side by side for several models.
/// - **To add one:** a class here that asks for products, draws from
///   [dev.lethe.engine.random.Purpose#PROBE] and returns a record that holds its error.
package dev.lethe.model.spectra;

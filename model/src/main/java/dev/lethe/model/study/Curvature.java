package dev.lethe.model.study;

import dev.lethe.model.spectra.Eigenpairs;
import dev.lethe.model.spectra.Interval;
import dev.lethe.model.spectra.Lanczos;
import dev.lethe.model.spectra.SpectralDistribution;
import java.util.Optional;

/// The curvature of a loss at one model over selected parameters.
///
/// @param dimension number of those parameters
/// @param gradientNorm how far from a stationary point
/// @param hessian the spectrum of the second derivatives
/// @param gaussNewton that of the Gauss-Newton matrix, which leaves out what the model's own
///     curvature adds; empty where the objective does not state its terms as functions of
///     outputs
public record Curvature(
        int dimension,
        double loss,
        double gradientNorm,
        Spectrum hessian,
        Optional<Spectrum> gaussNewton) {
    /// @param top eigenpairs; they may not have converged, which they say
    /// @param distribution of all eigenvalues, with its two errors
    /// @param trace with its 95% interval
    public record Spectrum(Eigenpairs top, SpectralDistribution distribution, Interval trace) {}

    /// What is to be computed of each matrix.
    ///
    /// @param top eigenpairs, residuals and products at most
    /// @param distribution probes and steps
    /// @param traceDraws products for the trace, at least 2
    public record Plan(
            Lanczos.Plan top, SpectralDistribution.Plan distribution, int traceDraws) {
        /// Products that each matrix costs at most.
        public int products() {
            return top.mostSteps()
                    + distribution.probes() * distribution.steps()
                    + traceDraws;
        }
    }

    /// The loss along one direction d, of unit length, from the present point: `loss(t) = loss +
    /// slope t + curvature t^2 / 2 + third t^3 / 6 + ...`.
    ///
    /// @param slope `g d`
    /// @param curvature `d H d`
    /// @param gaussNewton `d G d`, where the objective has one
    /// @param third the third derivative along d
    public record Along(
            double slope, double curvature, Optional<Double> gaussNewton, double third) {}
}

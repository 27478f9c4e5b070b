package dev.lethe.model.spectra;

import java.util.Arrays;
import java.util.Locale;

/// Approximate eigenpairs and how good each is.
///
/// @param values the one furthest out first
/// @param vectors of unit length, orthogonal, one a value
/// @param residuals `|A y - theta y|` of each pair; an eigenvalue of A lies within it of theta
/// @param allowed the residual asked for
/// @param steps products taken
public record Eigenpairs(
        double[] values, double[][] vectors, double[] residuals, double allowed, int steps) {
    /// Pairs whose residual is as small as asked for.
    public int found() {
        return (int) Arrays.stream(residuals).filter(residual -> residual <= allowed).count();
    }

    public boolean converged() {
        return found() == values.length;
    }

    /// This, or a failure that says how far it got.
    public Eigenpairs requireConverged() {
        if (!converged()) {
            throw new IllegalStateException(
                    String.format(
                            Locale.ROOT,
                            "lanczos: after %d products %d of %d eigenpairs have a residual of at most %.1e, the worst has %.1e; allow more steps or a larger tolerance",
                            steps,
                            found(),
                            values.length,
                            allowed,
                            Arrays.stream(residuals).max().orElseThrow()));
        }
        return this;
    }
}

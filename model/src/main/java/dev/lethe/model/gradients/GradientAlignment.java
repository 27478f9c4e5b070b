package dev.lethe.model.gradients;

import dev.lethe.model.spectra.Vectors;

/// How the losses of two data sets pull on the same parameters, to second order. With g and H the
/// gradient and Hessian of forget (f) and retain (r):
///
/// - a small step `-s g_f` changes the retain loss by `-s g_f g_r + s^2/2 g_f H_r g_f`;
/// - it turns the retain gradient by `-s H_r g_f`: where that differs from 0, forgetting changes
///   what retaining asks for, though the two gradients were orthogonal before;
/// - c, the cosine of the gradients, changes along its own gradient
///   `H_f (e_r - c e_f) / |g_f| + H_r (e_f - c e_r) / |g_r|`, with e = g / |g|.
///
/// Vectors are in the coordinates of both surfaces.
///
/// @param forgetGradient g_f
/// @param retainGradient g_r
/// @param cosine c
/// @param retainHessianForgetGradient `H_r g_f`
/// @param forgetHessianRetainGradient `H_f g_r`
/// @param cosineGradient the gradient of c
public record GradientAlignment(
        double[] forgetGradient,
        double[] retainGradient,
        double cosine,
        double[] retainHessianForgetGradient,
        double[] forgetHessianRetainGradient,
        double[] cosineGradient) {

    /// Two gradients and four Hessian-vector products.
    public static GradientAlignment of(LossSurface forget, LossSurface retain) {
        if (forget.point().model() != retain.point().model()
                || !forget.coordinates().specs().equals(retain.coordinates().specs())) {
            throw new IllegalArgumentException(
                    "alignment: both losses must be over the same parameters of one model, got %d and %d coordinates"
                            .formatted(
                                    forget.coordinates().dimension(),
                                    retain.coordinates().dimension()));
        }
        double[] gf = forget.gradient();
        double[] gr = retain.gradient();
        double nf = Vectors.norm(gf);
        double nr = Vectors.norm(gr);
        if (nf == 0 || nr == 0) {
            throw new IllegalArgumentException(
                    "alignment: a gradient of zero has no direction, got norms %s and %s; choose another point"
                            .formatted(nf, nr));
        }
        double[] hrgf = retain.hessianTimes(gf);
        double[] hfgr = forget.hessianTimes(gr);
        double[] hfgf = forget.hessianTimes(gf);
        double[] hrgr = retain.hessianTimes(gr);
        double c = Vectors.dot(gf, gr) / (nf * nr);
        double[] turning = Vectors.scaled(1 / (nf * nr), hfgr);
        Vectors.addTo(-c / (nf * nf), hfgf, turning);
        Vectors.addTo(1 / (nf * nr), hrgf, turning);
        Vectors.addTo(-c / (nr * nr), hrgr, turning);
        return new GradientAlignment(gf, gr, c, hrgf, hfgr, turning);
    }

    /// `g_f H_r g_f`: curvature that the retain loss shows a step on the forget loss.
    public double retainCurvatureAlongForget() {
        return Vectors.dot(forgetGradient, retainHessianForgetGradient);
    }

    /// `g_r H_f g_r`.
    public double forgetCurvatureAlongRetain() {
        return Vectors.dot(retainGradient, forgetHessianRetainGradient);
    }
}

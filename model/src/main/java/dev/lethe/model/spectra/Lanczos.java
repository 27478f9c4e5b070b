package dev.lethe.model.spectra;

import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.EigenDecomposition;

/// Eigenpairs at an end of the spectrum, from exact products alone (Lanczos 1950, with full
/// reorthogonalisation). A pair is found when its residual `|A y - theta y|` has fallen below the
/// tolerance times the largest eigenvalue in magnitude; an eigenvalue of A then lies within the
/// residual of theta.
///
/// Memory: one vector a step. Of an eigenvalue that occurs more than once the further copies are
/// seen only where the process ends before its steps, which exact copies bring about in time.
public final class Lanczos {
    /// Which eigenvalues.
    public enum End {
        LARGEST,
        SMALLEST,
        /// The largest in magnitude.
        MAGNITUDE
    }

    /// @param count how many eigenpairs
    /// @param tolerance residual, as a part of the largest eigenvalue in magnitude
    /// @param mostSteps products, at most
    /// @param seed of the direction to begin with
    public record Plan(int count, End end, double tolerance, int mostSteps, long seed) {
        public Plan {
            if (count < 1 || mostSteps < count || !(tolerance > 0)) {
                throw new IllegalArgumentException(
                        "lanczos: expected at least 1 eigenpair, as many steps or more and a tolerance above 0, got %d, %d, %s"
                                .formatted(count, mostSteps, tolerance));
            }
        }
    }

    private Lanczos() {}

    /// As far as the steps allow: see [Eigenpairs#converged].
    public static Eigenpairs of(SymmetricOperator operator, Plan plan, Progress progress) {
        if (plan.count() > operator.dimension()) {
            throw new IllegalArgumentException(
                    "lanczos: expected at most %d eigenpairs, the dimension, got %d"
                            .formatted(operator.dimension(), plan.count()));
        }
        requireMemory(8L * plan.mostSteps() * operator.dimension(), plan, operator);
        PhiloxStream draws = new PhiloxStream(plan.seed(), Purpose.PROBE, 0);
        Krylov krylov = new Krylov(operator, Vectors.normal(draws, operator.dimension()));
        double[] atLastEnd = null;
        while (true) {
            krylov.extend();
            int steps = krylov.steps();
            progress.after(steps, plan.mostSteps());
            boolean last = krylov.exhausted() || steps == plan.mostSteps();
            boolean look = last || krylov.ended() || steps % 5 == 0;
            if (look && steps >= plan.count()) {
                Ritz found = Ritz.of(krylov, plan);
                boolean enough =
                        krylov.ended()
                                ? found.same(atLastEnd, plan)
                                : found.converged(plan) == plan.count();
                if (last || enough) {
                    return found.pairs(krylov, plan);
                }
                atLastEnd = krylov.ended() ? found.values() : atLastEnd;
            }
            if (krylov.ended()) {
                PhiloxStream other = draws.withStream(steps);
                krylov.restart(Vectors.normal(other, operator.dimension()));
            }
        }
    }

    private static void requireMemory(long bytes, Plan plan, SymmetricOperator operator) {
        long most = Runtime.getRuntime().maxMemory() * 3 / 4;
        if (bytes > most) {
            throw new IllegalArgumentException(
                    "lanczos: %d steps over %d parameters need %d MiB, three quarters of the heap are %d; allow fewer steps, select fewer parameters or raise -Xmx"
                            .formatted(
                                    plan.mostSteps(),
                                    operator.dimension(),
                                    bytes >> 20,
                                    most >> 20));
        }
    }

    /// The approximations that the tridiagonal matrix holds, those wanted in front.
    private record Ritz(EigenDecomposition of, List<Integer> order, double beta, double scale) {
        static Ritz of(Krylov krylov, Plan plan) {
            EigenDecomposition t = krylov.ritz(krylov.steps());
            double[] values = t.getRealEigenvalues();
            Comparator<Integer> first =
                    switch (plan.end()) {
                        case LARGEST -> Comparator.comparingDouble(i -> -values[i]);
                        case SMALLEST -> Comparator.comparingDouble(i -> values[i]);
                        case MAGNITUDE -> Comparator.comparingDouble(i -> -Math.abs(values[i]));
                    };
            List<Integer> order = IntStream.range(0, values.length).boxed().sorted(first).toList();
            double scale = 0;
            for (double value : values) {
                scale = Math.max(scale, Math.abs(value));
            }
            return new Ritz(t, order.subList(0, plan.count()), krylov.lastBeta(), scale);
        }

        private double residual(int i) {
            double[] s = of.getEigenvector(i).toArray();
            return beta * Math.abs(s[s.length - 1]);
        }

        double[] values() {
            return order.stream().mapToDouble(of::getRealEigenvalue).toArray();
        }

        /// Whether these are the values of before. A random direction has a part in every
        /// eigenspace that is left, so when the space grown from it adds none of those wanted, none
        /// is left.
        boolean same(double[] before, Plan plan) {
            if (before == null) {
                return false;
            }
            double[] now = values();
            return IntStream.range(0, now.length)
                    .allMatch(i -> Math.abs(now[i] - before[i]) <= plan.tolerance() * scale);
        }

        int converged(Plan plan) {
            return (int)
                    order.stream().filter(i -> residual(i) <= plan.tolerance() * scale).count();
        }

        Eigenpairs pairs(Krylov krylov, Plan plan) {
            double[] residuals = order.stream().mapToDouble(this::residual).toArray();
            double[][] vectors =
                    order.stream()
                            .map(i -> krylov.combine(of.getEigenvector(i).toArray()))
                            .toArray(double[][]::new);
            return new Eigenpairs(
                    values(), vectors, residuals, plan.tolerance() * scale, krylov.steps());
        }
    }
}

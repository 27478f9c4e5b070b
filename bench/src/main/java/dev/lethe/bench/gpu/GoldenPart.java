package dev.lethe.bench.gpu;

import dev.lethe.bench.gpu.GoldenCommand.Distance;
import dev.lethe.bench.gpu.GoldenCommand.Loss;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Gradients and Hessian-vector products by the command, against those of public reference code.
final class GoldenPart implements Part {
    private static final double GRADIENT = 1e-9;
    private static final double PRODUCT = 1e-8;
    private static final double IN_F32 = 1e-4; // the golden data's own advice, with room

    @Override
    public String name() {
        return "golden";
    }

    @Override
    public String about() {
        return "gradients of all losses and Hessian-vector products against golden data";
    }

    @Override
    public String smaller() {
        return "case A_tiny alone, and of it ce, rmu and the products";
    }

    @Override
    public Optional<String> missing(Setting setting) {
        return GoldenCommand.missing();
    }

    @Override
    public void run(Setting setting, Findings findings) throws Exception {
        for (String golden :
                setting.tiny() ? GoldenCommand.CASES.subList(0, 1) : GoldenCommand.CASES) {
            for (Loss loss : losses(setting, golden)) {
                boolean product = loss == Loss.CE;
                String what = golden + " " + loss.golden();
                Distance f64 = GoldenCommand.run(setting, golden, loss, "f64", product);
                findings.atMost(what + " F64: loss", f64.loss(), GRADIENT);
                findings.atMost(what + " F64: gradient", f64.gradient(), GRADIENT);
                if (product) {
                    findings.atMost(
                            what + " F64: Hessian-vector product", f64.product(), PRODUCT);
                }
                Distance f32 = GoldenCommand.run(setting, golden, loss, "f32", false);
                findings.atMost(what + " F32: gradient", f32.gradient(), IN_F32);
            }
        }
    }

    /// What the positions are averaged over is told by the first case; a bundle has no more of it.
    private static List<Loss> losses(Setting setting, String golden) {
        if (setting.tiny()) {
            return List.of(Loss.CE, Loss.RMU);
        }
        boolean first = golden.equals(GoldenCommand.CASES.getFirst());
        return Arrays.stream(Loss.values()).filter(loss -> first || !loss.isShifted()).toList();
    }
}

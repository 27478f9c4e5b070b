package dev.lethe.engine.contract;

import dev.lethe.engine.backend.AttentionKernels;
import dev.lethe.engine.backend.Factor;
import dev.lethe.engine.backend.GegluKernels;
import dev.lethe.engine.backend.LinearLossKernels;
import dev.lethe.engine.backend.MeanSquareKernels;
import dev.lethe.engine.backend.OptimizerKernels;
import dev.lethe.engine.backend.PerturbationKernels;
import dev.lethe.engine.backend.PrimitiveBackend;
import dev.lethe.engine.backend.RmsNormKernels;
import dev.lethe.engine.backend.RopeKernels;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.reference.ReferenceBackend;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// The reference with every fused family as its formula: what tests the fused contracts themselves.
///
/// `fault` changes what a kernel writes, so that a contract can be seen to fail.
public final class FormulaBackend extends PrimitiveBackend {
    private final UnaryOperator<double[]> fault;

    /// Without fault.
    public FormulaBackend() {
        this(UnaryOperator.identity());
    }

    FormulaBackend(UnaryOperator<double[]> fault) {
        super(new ReferenceBackend());
        this.fault = fault;
    }

    private double[] read(Buffer buffer) {
        return Workbench.read(this, buffer);
    }

    private int[] ids(Buffer buffer) {
        double[] values = read(buffer);
        int[] ids = new int[values.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = (int) values[i];
        }
        return ids;
    }

    private void write(Buffer buffer, double... values) {
        if (buffer != null) {
            Workbench.write(this, fault.apply(values.clone()), buffer);
        }
    }

    @Override
    public Optional<RmsNormKernels> rmsNorm(DType dtype) {
        return Optional.of(
                new RmsNormKernels() {
                    @Override
                    public void forward(Rows rows, Buffer x, Buffer weight, Buffer y, Buffer r) {
                        double[] none = new double[(int) x.length()];
                        RmsNormFormula result =
                                RmsNormFormula.of(
                                        Precision.of(dtype), rows, read(x), read(weight), none);
                        write(y, result.y());
                        write(r, result.inverseRms());
                    }

                    @Override
                    public void backward(
                            Rows rows, Saved saved, Buffer dy, Buffer dx, Buffer dWeight) {
                        RmsNormFormula result =
                                RmsNormFormula.of(
                                        Precision.of(dtype),
                                        rows,
                                        read(saved.x()),
                                        read(saved.weight()),
                                        read(dy));
                        write(dx, result.dx());
                        write(dWeight, result.dWeight());
                    }
                });
    }

    @Override
    public Optional<RopeKernels> rope(DType dtype) {
        return Optional.of(
                (rotation, inverse, x, y) ->
                        write(
                                y,
                                RopeFormula.rotate(
                                        Precision.of(dtype), rotation, inverse, read(x))));
    }

    @Override
    public Optional<AttentionKernels> attention(DType dtype) {
        return Optional.of(
                new AttentionKernels() {
                    @Override
                    public void forward(
                            Heads heads, Buffer q, Buffer k, Buffer v, Buffer output, Buffer lse) {
                        double[] none = new double[(int) q.length()];
                        AttentionFormula result = attention(heads, q, k, v, none);
                        write(output, result.output());
                        write(lse, result.logSumExp());
                    }

                    @Override
                    public void backward(
                            Heads heads,
                            Saved saved,
                            Buffer dOutput,
                            Buffer dq,
                            Buffer dk,
                            Buffer dv) {
                        AttentionFormula result =
                                attention(heads, saved.q(), saved.k(), saved.v(), read(dOutput));
                        write(dq, result.dq());
                        write(dk, result.dk());
                        write(dv, result.dv());
                    }

                    private AttentionFormula attention(
                            Heads heads, Buffer q, Buffer k, Buffer v, double[] dOutput) {
                        return AttentionFormula.of(
                                Precision.of(dtype),
                                heads,
                                new AttentionFormula.Inputs(read(q), read(k), read(v), dOutput));
                    }
                });
    }

    @Override
    public Optional<GegluKernels> geglu(DType dtype) {
        return Optional.of(
                new GegluKernels() {
                    @Override
                    public void forward(Buffer gate, Buffer up, Buffer y) {
                        double[] none = new double[(int) gate.length()];
                        write(
                                y,
                                GegluFormula.of(Precision.of(dtype), read(gate), read(up), none)
                                        .y());
                    }

                    @Override
                    public void backward(
                            Buffer gate, Buffer up, Buffer dy, Buffer dGate, Buffer dUp) {
                        GegluFormula result =
                                GegluFormula.of(
                                        Precision.of(dtype), read(gate), read(up), read(dy));
                        write(dGate, result.dGate());
                        write(dUp, result.dUp());
                    }
                });
    }

    @Override
    public Optional<LinearLossKernels> linearLoss(DType dtype) {
        Precision p = Precision.of(dtype);
        return Optional.of(
                new LinearLossKernels() {
                    @Override
                    public void crossEntropy(
                            Head head, Buffer targets, Factor scale, Buffer loss, Wanted wanted) {
                        write(
                                LinearLossFormula.crossEntropy(
                                        p, read(head), ids(targets), scale.value()),
                                loss,
                                wanted);
                    }

                    @Override
                    public void kl(
                            Head student,
                            Head teacher,
                            Buffer mask,
                            Factor scale,
                            Buffer loss,
                            Wanted wanted) {
                        write(
                                LinearLossFormula.kl(
                                        p, read(student), read(teacher), ids(mask), scale.value()),
                                loss,
                                wanted);
                    }

                    @Override
                    public void uniformKl(
                            Head head, Buffer mask, Factor scale, Buffer loss, Wanted wanted) {
                        write(
                                LinearLossFormula.uniformKl(
                                        p, read(head), ids(mask), scale.value()),
                                loss,
                                wanted);
                    }

                    private LinearLossFormula.Head read(Head head) {
                        return new LinearLossFormula.Head(
                                head.rows(),
                                head.width(),
                                head.vocabulary(),
                                head.softCap(),
                                FormulaBackend.this.read(head.hidden()),
                                FormulaBackend.this.read(head.weight()));
                    }

                    private void write(LinearLossFormula result, Buffer loss, Wanted wanted) {
                        FormulaBackend.this.write(loss, result.loss());
                        FormulaBackend.this.write(wanted.dHidden(), result.dHidden());
                        FormulaBackend.this.write(wanted.dWeight(), result.dWeight());
                    }
                });
    }

    @Override
    public Optional<MeanSquareKernels> meanSquare(DType dtype) {
        Precision p = Precision.of(dtype);
        return Optional.of(
                new MeanSquareKernels() {
                    @Override
                    public void forward(
                            int width,
                            Buffer x,
                            Buffer target,
                            Buffer mask,
                            Factor scale,
                            Buffer loss) {
                        Saved saved = new Saved(width, x, target, mask);
                        write(loss, MeanSquareFormula.of(p, read(saved), scale.value(), 1).loss());
                    }

                    @Override
                    public void backward(Saved saved, Factor scale, Buffer dLoss, Buffer dx) {
                        double upstream = FormulaBackend.this.read(dLoss)[0];
                        double factor = scale.value();
                        write(dx, MeanSquareFormula.of(p, read(saved), factor, upstream).dx());
                    }

                    private MeanSquareFormula.Inputs read(Saved saved) {
                        return new MeanSquareFormula.Inputs(
                                saved.width(),
                                FormulaBackend.this.read(saved.x()),
                                FormulaBackend.this.read(saved.target()),
                                ids(saved.mask()));
                    }
                });
    }

    @Override
    public Optional<OptimizerKernels> optimizer(DType dtype) {
        return Optional.of(
                new OptimizerKernels() {
                    @Override
                    public void adamW(
                            Rule rule,
                            Buffer step,
                            Buffer parameters,
                            Buffer gradients,
                            Buffer m,
                            Buffer v,
                            Buffer rounded) {
                        double[] values = read(step);
                        if (Double.isNaN(values[StepValue.CLIP.ordinal()])) {
                            return;
                        }
                        AdamWFormula result =
                                AdamWFormula.of(
                                        Precision.of(dtype),
                                        AdamWFormula.Update.of(rule, values),
                                        new AdamWFormula(read(parameters), read(m), read(v)),
                                        read(gradients));
                        write(parameters, result.parameters());
                        write(m, result.m());
                        write(v, result.v());
                        write(rounded, result.parameters());
                    }

                    @Override
                    public void squaredNorm(Buffer x, Buffer sum) {
                        double squares = 0;
                        for (double value : read(x)) {
                            squares += value * value;
                        }
                        write(sum, squares);
                    }

                    @Override
                    public void clip(double clipNorm, Buffer squares, Buffer step) {
                        double[] values = read(step);
                        double sum = 0;
                        for (double square : read(squares)) {
                            sum += square;
                        }
                        Clipping before = new Clipping(values[3], values[4], values[5]);
                        Clipping after = Clipping.of(clipNorm, Math.sqrt(sum), before);
                        values[3] = after.norm();
                        values[4] = after.factor();
                        values[5] = after.refused();
                        write(step, values);
                    }
                });
    }

    @Override
    public Optional<PerturbationKernels> perturbation(DType dtype) {
        return Optional.of(
                (stream, keep, strength, weights) ->
                        write(
                                weights,
                                PerturbationFormula.of(
                                        Precision.of(dtype.accumulator()),
                                        dtype,
                                        stream,
                                        keep,
                                        strength,
                                        read(weights))));
    }

    @Override
    public String name() {
        return "formula";
    }
}

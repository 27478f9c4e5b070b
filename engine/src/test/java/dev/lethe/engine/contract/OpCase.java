package dev.lethe.engine.contract;

import dev.lethe.engine.autograd.Op;
import dev.lethe.engine.autograd.Tensor;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.memory.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;

/// One call of an operation that the derivative tests run: differentiable inputs and what is done
/// to them. Ids, masks and targets are made inside the function.
///
/// @param name shown when it fails; also the seed of the values
/// @param op the operation whose gradient this tests
/// @param shapes one an input
/// @param low least value of an input
/// @param high greatest value of an input
/// @param values type in which every input is exact
public record OpCase(
        String name,
        Class<? extends Op> op,
        List<Shape> shapes,
        double low,
        double high,
        DType values,
        Function<Tensor[], Tensor> function) {

    /// Inputs between -1.5 and 1.5.
    public static OpCase of(
            Class<? extends Op> op,
            String detail,
            Function<Tensor[], Tensor> function,
            Shape... shapes) {
        String name =
                "%s %s %s".formatted(op.getSimpleName(), detail, Arrays.toString(shapes));
        return new OpCase(name, op, List.of(shapes), -1.5, 1.5, DType.F32, function);
    }

    /// The same with inputs from another range, as a logarithm needs.
    public OpCase between(double least, double greatest) {
        return new OpCase(name, op, shapes, least, greatest, values, function);
    }

    /// The same at a point whose every value is exact in this type.
    public OpCase exactIn(DType type) {
        return new OpCase(name, op, shapes, low, high, type, function);
    }

    /// The point where derivatives are taken. Every value is a float at most, so that F32 and F64
    /// agree on it.
    public double[][] inputs() {
        return draw("inputs", low, high);
    }

    /// The direction of second and third derivatives.
    public double[][] direction() {
        return draw("direction", -1, 1);
    }

    private double[][] draw(String purpose, double least, double greatest) {
        SplittableRandom random = new SplittableRandom((name + purpose).hashCode());
        double[][] values = new double[shapes.size()][];
        for (int i = 0; i < values.length; i++) {
            double[] drawn = new double[Math.toIntExact(shapes.get(i).size())];
            Arrays.setAll(drawn, _ -> random.nextDouble(least, greatest));
            values[i] = Numbers.exact(this.values, drawn);
        }
        return values;
    }

    @Override
    public String toString() {
        return name;
    }
}

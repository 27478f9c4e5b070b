package dev.lethe.engine.contract;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.memory.DType;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A contract that cannot fail is none: each fused contract must refuse a kernel whose every output
/// has one element off by a thousandth (in BF16, which cannot tell a thousandth, by a tenth), and
/// one that leaves out the last element.
class ContractFailureTest {
    private record Fault(String name, UnaryOperator<double[]> change, DType... types) {
        static UnaryOperator<double[]> nudge(double by) {
            return values -> {
                if (values.length > 0) {
                    values[values.length / 2] += by * Math.max(1, Math.abs(values[0]));
                }
                return values;
            };
        }

        static double[] forget(double[] values) {
            if (values.length > 0) {
                values[values.length - 1] = Double.NaN;
            }
            return values;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Fault> faults() {
        return Stream.of(
                new Fault("one element off", Fault.nudge(1e-3), DType.F32, DType.F64),
                new Fault("one element far off", Fault.nudge(0.1), DType.BF16),
                new Fault(
                        "last element unwritten",
                        Fault::forget,
                        DType.F32,
                        DType.F64,
                        DType.BF16));
    }

    private static <C extends KernelContract> void refused(
            Fault fault, C contract, BiConsumer<C, DType> test) {
        contract.openBackends();
        for (DType dtype : fault.types) {
            AssertionError failure =
                    Assertions.assertThrows(
                            AssertionError.class, () -> test.accept(contract, dtype));
            Assertions.assertTrue(
                    failure.getMessage().contains("worst is ["), failure.getMessage());
        }
        contract.closeBackends();
    }

    @ParameterizedTest
    @MethodSource("faults")
    void rmsNorm(Fault fault) {
        class Faulty extends RmsNormContract {
            @Override
            protected Backend open() {
                return new FormulaBackend(fault.change);
            }

            @Override
            protected boolean hasKernel(DType dtype) {
                return true;
            }
        }
        refused(fault, new Faulty(), RmsNormContract::forwardAndBackward);
    }

    @ParameterizedTest
    @MethodSource("faults")
    void rope(Fault fault) {
        class Faulty extends RopeContract {
            @Override
            protected Backend open() {
                return new FormulaBackend(fault.change);
            }

            @Override
            protected boolean hasKernel(DType dtype) {
                return true;
            }
        }
        refused(fault, new Faulty(), RopeContract::rotatesBothWays);
    }

    @ParameterizedTest
    @MethodSource("faults")
    void attention(Fault fault) {
        class Faulty extends AttentionContract {
            @Override
            protected Backend open() {
                return new FormulaBackend(fault.change);
            }

            @Override
            protected boolean hasKernel(DType dtype) {
                return true;
            }
        }
        refused(fault, new Faulty(), AttentionContract::forwardAndBackward);
    }

    @ParameterizedTest
    @MethodSource("faults")
    void geglu(Fault fault) {
        class Faulty extends GegluContract {
            @Override
            protected Backend open() {
                return new FormulaBackend(fault.change);
            }

            @Override
            protected boolean hasKernel(DType dtype) {
                return true;
            }
        }
        refused(fault, new Faulty(), GegluContract::forwardAndBackward);
    }

    @ParameterizedTest
    @MethodSource("faults")
    void linearLoss(Fault fault) {
        class Faulty extends LinearLossContract {
            @Override
            protected Backend open() {
                return new FormulaBackend(fault.change);
            }

            @Override
            protected boolean hasKernel(DType dtype) {
                return true;
            }
        }
        refused(fault, new Faulty(), LinearLossContract::lossesAndGradients);
    }

    @ParameterizedTest
    @MethodSource("faults")
    void meanSquare(Fault fault) {
        class Faulty extends MeanSquareContract {
            @Override
            protected Backend open() {
                return new FormulaBackend(fault.change);
            }

            @Override
            protected boolean hasKernel(DType dtype) {
                return true;
            }
        }
        refused(fault, new Faulty(), MeanSquareContract::forwardAndBackward);
    }

    @ParameterizedTest
    @MethodSource("faults")
    void optimizer(Fault fault) {
        class Faulty extends OptimizerContract {
            @Override
            protected Backend open() {
                return new FormulaBackend(fault.change);
            }

            @Override
            protected boolean hasKernel(DType dtype) {
                return true;
            }
        }
        refused(fault, new Faulty(), OptimizerContract::adamW);
    }

    @ParameterizedTest
    @MethodSource("faults")
    void perturbation(Fault fault) {
        class Faulty extends PerturbationContract {
            @Override
            protected Backend open() {
                return new FormulaBackend(fault.change);
            }

            @Override
            protected boolean hasKernel(DType dtype) {
                return true;
            }
        }
        refused(fault, new Faulty(), PerturbationContract::shrinksAndPerturbs);
    }
}

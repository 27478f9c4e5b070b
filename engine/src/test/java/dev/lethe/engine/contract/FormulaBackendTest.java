package dev.lethe.engine.contract;

import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.memory.DType;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Nested;

/// The fused contracts, run on the formulas: inputs, buffers and tolerances fit together.
class FormulaBackendTest {
    @Nested
    class RmsNorm extends RmsNormContract {
        @Override
        protected Backend open() {
            return new FormulaBackend(UnaryOperator.identity());
        }

        @Override
        protected boolean hasKernel(DType dtype) {
            return dtype.isFloating();
        }
    }

    @Nested
    class Rope extends RopeContract {
        @Override
        protected Backend open() {
            return new FormulaBackend(UnaryOperator.identity());
        }

        @Override
        protected boolean hasKernel(DType dtype) {
            return dtype.isFloating();
        }
    }

    @Nested
    class Attention extends AttentionContract {
        @Override
        protected Backend open() {
            return new FormulaBackend(UnaryOperator.identity());
        }

        @Override
        protected boolean hasKernel(DType dtype) {
            return dtype.isFloating();
        }
    }

    @Nested
    class Geglu extends GegluContract {
        @Override
        protected Backend open() {
            return new FormulaBackend(UnaryOperator.identity());
        }

        @Override
        protected boolean hasKernel(DType dtype) {
            return dtype.isFloating();
        }
    }

    @Nested
    class LinearLoss extends LinearLossContract {
        @Override
        protected Backend open() {
            return new FormulaBackend(UnaryOperator.identity());
        }

        @Override
        protected boolean hasKernel(DType dtype) {
            return dtype.isFloating();
        }
    }

    @Nested
    class MeanSquare extends MeanSquareContract {
        @Override
        protected Backend open() {
            return new FormulaBackend(UnaryOperator.identity());
        }

        @Override
        protected boolean hasKernel(DType dtype) {
            return dtype.isFloating();
        }
    }

    @Nested
    class Optimizer extends OptimizerContract {
        @Override
        protected Backend open() {
            return new FormulaBackend(UnaryOperator.identity());
        }

        @Override
        protected boolean hasKernel(DType dtype) {
            return dtype.isFloating();
        }
    }
}

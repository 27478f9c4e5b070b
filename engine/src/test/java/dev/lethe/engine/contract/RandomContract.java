package dev.lethe.engine.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lethe.engine.memory.BFloat16;
import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.random.Distribution;
import dev.lethe.engine.random.PhiloxStream;
import dev.lethe.engine.random.Purpose;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Contract of [dev.lethe.engine.backend.RandomKernels]: the very bits of [PhiloxStream], from any address on.
public abstract class RandomContract extends KernelContract {
    private static final List<Distribution> LAWS =
            List.of(
                    Distribution.Uniform.UNIT,
                    new Distribution.Uniform(-0.3, 0.3),
                    new Distribution.Uniform(1, 1 + 0x1p-23), // most draws round up to the bound
                    new Distribution.Uniform(-0x1p-140, 0), // below every normal float
                    new Distribution.Normal(0, 0.02),
                    new Distribution.Normal(-3, 1e4));

    /// Beyond 32 bits, and over the end of the unsigned numbers.
    private static final long[] FIRST = {5, (1L << 40) + 7, -10};

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "BF16"})
    void drawsAreThoseOfTheStream(DType dtype) {
        if (absent(dtype)) {
            return;
        }
        PhiloxStream stream = new PhiloxStream(42, Purpose.PERTURBATION, 3);
        for (int count : new int[] {0, 1, 2, 17, 67, 130}) {
            for (Distribution law : LAWS) {
                long first = FIRST[count % FIRST.length];
                for (Workbench.Placement placement : Workbench.Placement.values()) {
                    try (Workbench bench = new Workbench(tested(), dtype, placement)) {
                        Buffer y = bench.output(count);
                        tested().random().fill(stream, first, law, y);
                        double[] got = bench.read(y);
                        Buffer again = bench.output(count);
                        Buffer number = bench.ids(stream.stream());
                        tested().random().fill(stream, number, first, law, again);
                        assertArrayEquals(got, bench.read(again), law + " by its number");
                        for (int i = 0; i < count; i++) {
                            long bits = stream.bits(first + i);
                            double drawn =
                                    switch (dtype) {
                                        case F32 -> law.f32(bits);
                                        case F64 -> law.f64(bits);
                                        case BF16 -> BFloat16.toFloat(law.bf16(bits));
                                        case I32 -> throw new AssertionError("not drawn");
                                    };
                            assertEquals(drawn, got[i], "%s %s [%d]".formatted(law, dtype, i));
                        }
                    }
                }
            }
        }
    }
}

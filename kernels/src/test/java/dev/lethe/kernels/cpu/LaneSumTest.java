package dev.lethe.kernels.cpu;

import java.util.SplittableRandom;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/// The order of sums is the stated tree, bit by bit.
class LaneSumTest {
    private final SplittableRandom random = new SplittableRandom(1);

    @Test
    void floatsFollowTheTree() {
        for (int repeat = 0; repeat < 1000; repeat++) {
            float[] lanes = new float[F32.LANES];
            for (int i = 0; i < lanes.length; i++) {
                lanes[i] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(6)));
            }
            FloatVector v = FloatVector.fromArray(F32.SPECIES, lanes, 0);
            for (int half = lanes.length / 2; half > 0; half /= 2) {
                for (int i = 0; i < half; i++) {
                    lanes[i] += lanes[i + half];
                }
            }
            Assertions.assertEquals(lanes[0], LaneSum.sum(v));
        }
    }

    @Test
    void doublesFollowTheTree() {
        for (int repeat = 0; repeat < 1000; repeat++) {
            double[] lanes = random.doubles(F64.LANES, -1, 1).toArray();
            DoubleVector v = DoubleVector.fromArray(F64.SPECIES, lanes, 0);
            for (int half = lanes.length / 2; half > 0; half /= 2) {
                for (int i = 0; i < half; i++) {
                    lanes[i] += lanes[i + half];
                }
            }
            Assertions.assertEquals(lanes[0], LaneSum.sum(v));
        }
    }

    @Test
    void theLargestLaneAndNanWin() {
        for (int lane = 0; lane < F32.LANES; lane++) {
            FloatVector v = F32.all(-5).withLane(lane, -3);
            Assertions.assertEquals(-3, LaneSum.max(v));
            Assertions.assertEquals(Float.NaN, LaneSum.max(v.withLane(lane, Float.NaN)));
        }
    }

    @Test
    void raisePassesOverNan() {
        FloatVector raised = LaneSum.raise(F32.all(2), F32.all(Float.NaN).withLane(0, 7));
        Assertions.assertEquals(7, raised.lane(0));
        Assertions.assertEquals(2, raised.lane(1));
    }
}

package dev.lethe.engine.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class ScheduleTest {
    private static final double PEAK = 3e-3;
    private static final double MINIMUM = 3e-4;

    @Test
    void warmUpStartsAboveZeroAndEndsAtThePeak() {
        for (Schedule schedule :
                List.of(
                        new Schedule.Constant(PEAK, 50),
                        new Schedule.Linear(PEAK, MINIMUM, 50, 1100),
                        new Schedule.Cosine(PEAK, MINIMUM, 50, 1100))) {
            for (long step = 0; step < 50; step++) {
                assertEquals(PEAK * (step + 1) / 50, schedule.learningRate(step), 1e-18);
            }
            assertEquals(PEAK, schedule.learningRate(49));
            assertEquals(PEAK, schedule.learningRate(50), "decay starts from the peak");
        }
    }

    @Test
    void warmUpOfOneStepIsNone() {
        assertEquals(PEAK, new Schedule.Constant(PEAK, 1).learningRate(0));
        assertEquals(PEAK, new Schedule.Constant(PEAK, 0).learningRate(0));
        assertEquals(PEAK, new Schedule.Cosine(PEAK, 0, 1, 5).learningRate(0));
        assertEquals(PEAK, new Schedule.Cosine(PEAK, 0, 0, 5).learningRate(0));
    }

    @Test
    void constantStays() {
        Schedule schedule = new Schedule.Constant(2e-4, 0);
        for (long step : new long[] {0, 1, 199, Long.MAX_VALUE}) {
            assertEquals(2e-4, schedule.learningRate(step));
        }
    }

    @Test
    void linearFallsByEqualSteps() {
        Schedule schedule = new Schedule.Linear(1.0, 0.2, 2, 7);
        double[] expected = {0.5, 1.0, 1.0, 0.8, 0.6, 0.4, 0.2, 0.2, 0.2};
        for (int step = 0; step < expected.length; step++) {
            assertEquals(expected[step], schedule.learningRate(step), 1e-15, "step " + step);
        }
    }

    @Test
    void cosineFollowsHalfAPeriod() {
        Schedule schedule = new Schedule.Cosine(1.0, 0.2, 2, 9);
        double third = 0.2 + 0.8 * 0.75;
        double[] expected = {
            0.5,
            1.0,
            1.0,
            0.2 + 0.4 * (1 + Math.sqrt(0.75)),
            third,
            0.6,
            0.2 + 0.8 * 0.25,
            0.2 + 0.4 * (1 - Math.sqrt(0.75)),
            0.2,
            0.2
        };
        for (int step = 0; step < expected.length; step++) {
            assertEquals(expected[step], schedule.learningRate(step), 1e-15, "step " + step);
        }
    }

    @Test
    void decayReachesTheMinimumExactlyAtTheLastScheduledStep() {
        for (Schedule schedule :
                List.of(
                        new Schedule.Linear(PEAK, MINIMUM, 50, 1100),
                        new Schedule.Cosine(PEAK, MINIMUM, 50, 1100))) {
            double before = PEAK;
            for (long step = 51; step < 1100; step++) {
                double rate = schedule.learningRate(step);
                assertTrue(rate < before, "falls at every step, not at " + step);
                assertTrue(rate >= MINIMUM);
                before = rate;
            }
            assertTrue(schedule.learningRate(1098) > MINIMUM);
            assertEquals(MINIMUM, schedule.learningRate(1099));
            assertEquals(MINIMUM, schedule.learningRate(1100), "beyond the end");
            assertEquals(MINIMUM, schedule.learningRate(Long.MAX_VALUE));
        }
    }

    @Test
    void shortestSchedules() {
        // steps in all, warm-up, rate of step 0, rate of step 1
        double[][] cases = {
            {0, 0, MINIMUM, MINIMUM},
            {1, 0, MINIMUM, MINIMUM},
            {1, 1, PEAK, MINIMUM},
            {2, 0, PEAK, MINIMUM},
            {2, 1, PEAK, MINIMUM},
            {2, 2, PEAK / 2, PEAK}
        };
        for (double[] c : cases) {
            for (Schedule schedule :
                    List.of(
                            new Schedule.Linear(PEAK, MINIMUM, (long) c[1], (long) c[0]),
                            new Schedule.Cosine(PEAK, MINIMUM, (long) c[1], (long) c[0]))) {
                assertEquals(c[2], schedule.learningRate(0), schedule + " at 0");
                assertEquals(c[3], schedule.learningRate(1), schedule + " at 1");
                assertEquals(MINIMUM, schedule.learningRate(2), schedule + " at 2");
            }
        }
    }

    @Test
    void minimumMayEqualThePeak() {
        Schedule schedule = new Schedule.Cosine(PEAK, PEAK, 0, 100);
        for (long step = 0; step < 120; step++) {
            assertEquals(PEAK, schedule.learningRate(step));
        }
    }

    @Test
    void nonsenseIsRefused() {
        requireRefusal(
                () -> new Schedule.Constant(Double.NaN, 0),
                "schedule: learning rate must be finite and at least 0, got NaN");
        requireRefusal(
                () -> new Schedule.Constant(-1e-3, 0),
                "schedule: learning rate must be finite and at least 0, got -0.001");
        requireRefusal(
                () -> new Schedule.Cosine(Double.POSITIVE_INFINITY, 0, 0, 9),
                "schedule: learning rate must be finite and at least 0, got Infinity");
        requireRefusal(
                () -> new Schedule.Cosine(0.1, 0.2, 0, 9),
                "schedule: minimum must be from 0 to the learning rate 0.1, got 0.2;"
                        + " lower the minimum or raise the learning rate");
        requireRefusal(
                () -> new Schedule.Linear(0.1, Double.NaN, 0, 9),
                "schedule: minimum must be from 0 to the learning rate 0.1, got NaN;"
                        + " lower the minimum or raise the learning rate");
        requireRefusal(
                () -> new Schedule.Linear(0.1, 0, 10, 9),
                "schedule: warm-up steps must be from 0 to the total of 9, got 10;"
                        + " shorten the warm-up or train longer");
        requireRefusal(
                () -> new Schedule.Constant(0.1, -1),
                "schedule: warm-up steps must be at least 0, got -1");
        requireRefusal(
                () -> new Schedule.Linear(0.1, 0, 0, -1),
                "schedule: total steps must be at least 0, got -1");
        for (Schedule schedule :
                List.of(
                        new Schedule.Constant(0.1, 0),
                        new Schedule.Linear(0.1, 0, 0, 9),
                        new Schedule.Cosine(0.1, 0, 0, 9))) {
            requireRefusal(
                    () -> schedule.learningRate(-1),
                    "schedule: step must be at least 0, got -1; steps count from 0");
        }
    }

    private static void requireRefusal(Supplier<Object> act, String message) {
        assertEquals(
                message, assertThrows(IllegalArgumentException.class, act::get).getMessage());
    }
}

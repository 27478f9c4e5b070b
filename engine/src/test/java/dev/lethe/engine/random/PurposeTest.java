package dev.lethe.engine.random;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;

class PurposeTest {
    /// A changed code would silently give every run other numbers.
    @Test
    void codesAreFrozen() {
        Map<Purpose, Integer> frozen =
                Map.of(
                        Purpose.INITIALIZATION, 1,
                        Purpose.PERTURBATION, 2,
                        Purpose.CONTROL_VECTOR, 3,
                        Purpose.DATA_ORDER, 4,
                        Purpose.DATA_GENERATION, 5,
                        Purpose.SAMPLING, 6,
                        Purpose.EVALUATION, 7,
                        Purpose.STOCHASTIC_ROUNDING, 8,
                        Purpose.PROBE, 9,
                        Purpose.REPRESENTATION_NOISE, 10);
        assertEquals(frozen.size(), Purpose.values().length, "a new purpose needs a line here");
        for (Purpose purpose : Purpose.values()) {
            assertEquals(frozen.get(purpose), purpose.code(), purpose.name());
        }
    }
}

package dev.lethe.tools.report.findings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

import java.util.List;

class PairedTestTest {
    @Test
    void studentsTestByHand() {
        // Mean 2, deviation 1, t = 2 sqrt(3); with 2 degrees of freedom p = 1 - t / sqrt(t^2 + 2)
        assertEquals(1 - Math.sqrt(12.0 / 14), PairedTest.t(List.of(1.0, 2.0, 3.0)), 1e-9);
    }

    @Test
    void saysNothingWhereThereIsNothingToSay() {
        assertNull(PairedTest.t(List.of(1.0)));
        assertNull(PairedTest.t(List.of(1.0, 1.0, 1.0)));
        assertNull(PairedTest.rank(List.of(1.0, 2.0, 3.0, 4.0, 5.0)));
    }

    @Test
    void sixDifferencesOfOneSignAreTwoOfAllOrders() {
        assertEquals(2 / 64.0, PairedTest.rank(List.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6)), 1e-9);
    }

    @Test
    void intervalsByHand() {
        Estimate one = Estimate.of(List.of(0.5));
        assertEquals(0.5, one.mean());
        assertNull(one.interval());
        Estimate three = Estimate.of(List.of(1.0, 2.0, 3.0)); // t(0.975, 2) = 4.302653
        assertEquals(2 - 4.302653 / Math.sqrt(3), three.low(), 1e-6);
        assertEquals(2 + 4.302653 / Math.sqrt(3), three.high(), 1e-6);
    }
}

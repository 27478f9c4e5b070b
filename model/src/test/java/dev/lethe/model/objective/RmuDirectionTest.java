package dev.lethe.model.objective;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.util.Arrays;

class RmuDirectionTest {
    @Test
    void isOfUnitLengthAndTheSeeds() {
        double[] u = Rmu.direction(42, 320);
        assertEquals(1, Arrays.stream(u).map(x -> x * x).sum(), 1e-12);
        assertArrayEquals(u, Rmu.direction(42, 320));
        assertTrue(Arrays.mismatch(u, Rmu.direction(43, 320)) >= 0);
    }

    /// A uniform direction has entries of both signs, each of mean square 1 / dimensions.
    @Test
    void pointsAnywhere() {
        double[] u = Rmu.direction(1, 10_000);
        long positive = Arrays.stream(u).filter(x -> x > 0).count();
        assertEquals(5000, positive, 5 * 50);
    }
}

package dev.lethe.engine.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.lethe.engine.backend.AttentionKernels.Heads;
import dev.lethe.engine.backend.MatMulKernels.Product;
import dev.lethe.engine.backend.RmsNormKernels.Rows;
import dev.lethe.engine.backend.RopeKernels.Rotation;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class KnownTest {
    @Test
    void aPlaceHoldsTheValueLastKept() {
        Known<String> known = new Known<>(2);
        assertNull(known.get(7));
        String kept = known.keep(7, new String("x"));
        assertSame(kept, known.get(7));
        for (int hash = -50; hash < 50; hash++) {
            known.keep(hash, "other");
        }
        assertEquals("other", known.get(7));
    }

    @Test
    void descriptorsOfOneKindAreMadeOnce() {
        requireOnce(() -> Product.of(1, 64, 32, 16, true, false));
        requireOnce(() -> Rows.of(64, 128, 1e-6));
        requireOnce(() -> Rotation.of(Shape.of(2, 8, 4, 16), 10_000, 3));
        requireOnce(() -> Heads.of(Shape.of(2, 8, 4, 16), Shape.of(2, 9, 2, 16), 0.25, 50, 4));
        requireOnce(Shape::scalar);
    }

    private static void requireOnce(Supplier<Object> descriptor) {
        assertSame(descriptor.get(), descriptor.get());
    }

    @Test
    void descriptorsHaveTheNumbersGiven() {
        assertEquals(
                new Product(1, 64, 32, 16, true, false), Product.of(1, 64, 32, 16, true, false));
        assertEquals(new Rows(64, 128, 1e-6), Rows.of(64, 128, 1e-6));
        Shape q = Shape.of(2, 8, 4, 16);
        Shape k = Shape.of(2, 9, 2, 16);
        assertEquals(new Rotation(2, 8, 4, 16, 1e4, 3), Rotation.of(q, 1e4, 3));
        assertEquals(new Heads(2, 8, 9, 4, 2, 16, 0.25, 50, 4), Heads.of(q, k, 0.25, 50, 4));
    }

    /// More kinds than places, so that many meet in one: none may be taken for another.
    @Test
    void whatSharesAPlaceIsToldApart() {
        for (int n = 1; n < 3000; n++) {
            assertEquals(n, Rows.of(n, 8, 1e-6).count());
            assertEquals(n, Rotation.of(Shape.of(1, 2, 1, 4), 100, n).firstPosition());
            assertEquals(n, Heads.of(Shape.of(1, n, 1, 4), Shape.of(1, n, 1, 4), 1, 0, 9).keys());
            assertEquals(n, Product.of(1, 2, n, 3, false, false).n());
            assertEquals(n, Shape.of(3, n).dim(1));
        }
        assertNotEquals(Rows.of(4, 8, 1e-6), Rows.of(4, 8, 1e-5));
    }
}

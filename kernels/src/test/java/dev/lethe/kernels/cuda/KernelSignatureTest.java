package dev.lethe.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class KernelSignatureTest {
    @Test
    void readsAPrototype() {
        KernelSignature signature =
                KernelSignature.parse(
                        "a_pass(const element* __restrict__ x,\n"
                                + "  element *y, long long n, const int k)");
        assertEquals(
                "a_pass(const element* x, element* y, long long n, const int k)",
                signature.toString());
        assertEquals(ParameterType.ELEMENTS, signature.parameters().getFirst().type());
        assertTrue(signature.parameters().getFirst().readOnly());
        assertEquals(ParameterType.LONG, signature.parameters().get(2).type());
    }

    @Test
    void refusesWhatNoArgumentHas() {
        for (String prototype :
                new String[] {"a_pass", "a_pass(unsigned n)", "a_pass(n)", "a_pass(char* text)"}) {
            String message =
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> KernelSignature.parse(prototype))
                            .getMessage();
            assertEquals(1, message.lines().count(), message);
        }
    }
}

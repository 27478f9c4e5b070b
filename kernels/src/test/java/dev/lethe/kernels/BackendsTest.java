package dev.lethe.kernels;

import dev.lethe.engine.backend.Backend;
import dev.lethe.kernels.cuda.TestedDevice;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BackendsTest {
    @ParameterizedTest
    @CsvSource({"auto,cpu", "cpu,cpu", "reference,reference"})
    void opensByName(String device, String name) {
        try (Backend backend = Backends.open(device)) {
            Assertions.assertEquals(name, backend.name());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpu", "", "CPU", "cuda (simulated)"})
    void refusesTheRestInOneLine(String device) {
        IllegalArgumentException e =
                Assertions.assertThrows(
                        IllegalArgumentException.class, () -> Backends.open(device));
        Assertions.assertEquals(1, e.getMessage().lines().count());
        Assertions.assertTrue(e.getMessage().contains("auto, cpu, cuda or reference"), e.getMessage());
    }

    @Test
    void opensCudaByName() {
        TestedDevice.requirePresent();
        try (Backend backend = Backends.open("cuda")) {
            Assertions.assertTrue(backend.name().startsWith("cuda"), backend.name());
        }
    }

    @Test
    void twoBackendsOfOneKindAreApart() {
        try (Backend one = Backends.open("cpu");
                Backend other = Backends.open("cpu")) {
            Assertions.assertNotSame(one.memory(), other.memory());
        }
    }
}

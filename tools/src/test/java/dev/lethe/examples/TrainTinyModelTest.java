package dev.lethe.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TrainTinyModelTest {
    @Test
    void learnsToCount() {
        double first = TrainTinyModel.train(1);
        double last = TrainTinyModel.train(60);
        assertTrue(Math.abs(first - Math.log(16)) < 0.2, "first loss " + first);
        assertTrue(last < 0.1, "last loss " + last);
    }
}

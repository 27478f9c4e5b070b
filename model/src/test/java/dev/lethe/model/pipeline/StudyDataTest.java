package dev.lethe.model.pipeline;

import static dev.lethe.model.data.StepBatch.Role.FORGET;
import static dev.lethe.model.data.StepBatch.Role.MAIN;
import static dev.lethe.model.data.StepBatch.Role.RETAIN;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.model.data.Batch;
import dev.lethe.model.data.ByteTokenizer;
import dev.lethe.model.train.BatchSource;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.Arrays;

/// Rows and rules of both tasks.
class StudyDataTest {
    private static Batch main(Task task, Data.Mixture mixture, int stream, long seed, long step) {
        return StudyData.of(task).main(new Data(mixture, stream), seed, 8).batch(step).get(MAIN);
    }

    private static String text(Batch batch) {
        return new ByteTokenizer().decode(batch.ids());
    }

    @ParameterizedTest
    @EnumSource(Task.class)
    void rowsAreAFunctionOfSeedStreamAndStep(Task task) {
        Batch batch = main(task, Data.Mixture.MIXED, 1, 2, 3);
        assertArrayEquals(batch.ids(), main(task, Data.Mixture.MIXED, 1, 2, 3).ids());
        for (Batch other :
                new Batch[] {
                    main(task, Data.Mixture.MIXED, 9, 2, 3),
                    main(task, Data.Mixture.MIXED, 1, 9, 3),
                    main(task, Data.Mixture.MIXED, 1, 2, 9)
                }) {
            assertFalse(Arrays.equals(batch.ids(), other.ids()));
        }
    }

    @ParameterizedTest
    @EnumSource(Task.class)
    void unlearningHasAsManyRowsOfBothKinds(Task task) {
        BatchSource source = StudyData.of(task).forgetAndRetain(5, 6);
        assertEquals(6, source.batch(0).get(FORGET).rows());
        assertEquals(6, source.batch(0).get(RETAIN).rows());
        assertArrayEquals(source.batch(4).get(FORGET).ids(), source.batch(4).get(FORGET).ids());
        assertFalse(
                Arrays.equals(
                        source.batch(4).get(FORGET).ids(), source.batch(5).get(FORGET).ids()));
    }

    @Test
    void mixturesHoldWhatTheyAreNamedAfter() {
        String forget = text(main(Task.ARITHMETIC, Data.Mixture.FORGET, 0, 1, 0));
        assertTrue(forget.matches("[0-9*/=]+"), forget);
        String retain = text(main(Task.ARITHMETIC, Data.Mixture.RETAIN, 0, 1, 0));
        assertTrue(retain.contains("+") || retain.contains("-"), retain);
        assertTrue(hangul(main(Task.LANGUAGE, Data.Mixture.FORGET, 0, 1, 0)) > 50);
        assertEquals(0, hangul(main(Task.LANGUAGE, Data.Mixture.RETAIN, 0, 1, 0)));
    }

    private static long hangul(Batch batch) {
        return text(batch).chars().filter(c -> c >= 0xAC00 && c <= 0xD7A3).count();
    }

    @Test
    void comparisonRowsAreFixedAndOfAllKinds() {
        Batch equations = StudyData.of(Task.ARITHMETIC).mixed();
        assertTrue(text(equations).contains("*") && text(equations).contains("c"));
        assertEquals(512, equations.rows());
        Batch pages = StudyData.of(Task.LANGUAGE).mixed();
        assertEquals(192, pages.rows());
        assertTrue(hangul(pages) > 500);
    }

    @Test
    void marginsArePointsInArithmeticAndSharesInLanguage() {
        StudyData arithmetic = StudyData.of(Task.ARITHMETIC);
        assertTrue(arithmetic.withinMargin(0.95, 1, 0.05));
        assertFalse(arithmetic.withinMargin(0.949, 1, 0.05));
        StudyData language = StudyData.of(Task.LANGUAGE);
        assertTrue(language.withinMargin(2.09, 2, 0.05));
        assertFalse(language.withinMargin(2.11, 2, 0.05));
        assertTrue(language.withinMargin(1.5, 2, 0.05));
    }
}

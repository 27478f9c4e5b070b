package dev.lethe.model.pipeline;

import static dev.lethe.model.data.StepBatch.Role.FORGET;
import static dev.lethe.model.data.StepBatch.Role.MAIN;
import static dev.lethe.model.data.StepBatch.Role.RETAIN;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.model.data.Batch;
import dev.lethe.model.data.ByteTokenizer;
import dev.lethe.model.train.BatchSource;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/// Rows and rules of both tasks.
class StudyDataTest {
    private static Batch main(Task task, Data.Mixture mixture, int stream, long seed, long step) {
        Data data = Mixtures.of(task).data(mixture, stream);
        return StudyData.of(task).main(data, seed, 8).batch(step).get(MAIN);
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
        BatchSource source =
                StudyData.of(task).forgetAndRetain(Mixtures.of(task).forgetRetain(), 5, 6);
        assertEquals(6, source.batch(0).get(FORGET).rows());
        assertEquals(6, source.batch(0).get(RETAIN).rows());
        assertArrayEquals(source.batch(4).get(FORGET).ids(), source.batch(4).get(FORGET).ids());
        assertFalse(
                Arrays.equals(
                        source.batch(4).get(FORGET).ids(), source.batch(5).get(FORGET).ids()));
    }

    /// SHA-256 of ids, targets and lengths of steps 0 and 7, as drawn before shares could be set:
    /// others are other data in every run ever made.
    @ParameterizedTest
    @CsvSource({
        "ARITHMETIC, MIXED, 152d924b97cfb9a1",
        "ARITHMETIC, RETAIN, 4dfc6baa96d30e8f",
        "ARITHMETIC, FORGET, 720501c468282900",
        "ARITHMETIC, FORGET_HALF, 87c8f0d7ab1de3ff",
        "LANGUAGE, MIXED, ec89b447f20ad526",
        "LANGUAGE, RETAIN, b95092464428dea0",
        "LANGUAGE, FORGET, 59368568086bb583",
        "LANGUAGE, FORGET_HALF, b243ddbcc2d5f63d"
    })
    void presetsDrawKnownRows(Task task, Data.Mixture mixture, String digest) {
        BatchSource source =
                StudyData.of(task).main(Mixtures.of(task).data(mixture, 1), 42, 64);
        assertEquals(digest, digest(source.batch(0).get(MAIN), source.batch(7).get(MAIN)));
    }

    @ParameterizedTest
    @CsvSource({
        "ARITHMETIC, 455722c3e6715465, 20d78d6f11851fee",
        "LANGUAGE, decb2c7e9a68e922, 51955f46f332d8ab"
    })
    void presetsUnlearnAndCompareOnKnownRows(Task task, String unlearned, String compared) {
        BatchSource source =
                StudyData.of(task).forgetAndRetain(Mixtures.of(task).forgetRetain(), 42, 64);
        assertEquals(
                unlearned, digest(source.batch(0).get(FORGET), source.batch(7).get(RETAIN)));
        assertEquals(compared, digest(StudyData.of(task).mixed()));
    }

    private static String digest(Batch... batches) {
        MessageDigest sha = sha256();
        for (Batch batch : batches) {
            for (int[] all : List.of(batch.ids(), batch.targets(), batch.lengths())) {
                ByteBuffer bytes = ByteBuffer.allocate(all.length * Integer.BYTES);
                bytes.asIntBuffer().put(all);
                sha.update(bytes.array());
            }
        }
        return HexFormat.of().formatHex(sha.digest(), 0, 8);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void sharesDecideWhatIsDrawn() {
        StudyData equations = StudyData.of(Task.ARITHMETIC);
        Data data = new Data(Data.Mixture.MIXED, Map.of(RowKind.COPY, 0.0, RowKind.MUL, 1.0), 0);
        String text = text(equations.main(data, 1, 64).batch(0).get(MAIN));
        assertTrue(text.matches("[0-9*=]+"), text);
        ForgetRetain rows =
                new ForgetRetain(Map.of(RowKind.DIV, 1.0), Map.of(RowKind.COPY, 1.0));
        var unlearning = equations.forgetAndRetain(rows, 1, 64).batch(0);
        assertTrue(text(unlearning.get(FORGET)).matches("[0-9/=]+"));
        assertFalse(text(unlearning.get(RETAIN)).contains("="));
        Data half = new Data(Data.Mixture.FORGET_HALF, Map.of(RowKind.MUL, 1.0), 0);
        assertFalse(text(equations.main(half, 1, 64).batch(0).get(MAIN)).contains("/"));
        Data rare =
                new Data(
                        Data.Mixture.MIXED, Map.of(RowKind.ENGLISH, 0.9, RowKind.KOREAN, 0.1), 0);
        Batch pages = StudyData.of(Task.LANGUAGE).main(rare, 1, 256).batch(0).get(MAIN);
        Batch even = main(Task.LANGUAGE, Data.Mixture.MIXED, 0, 1, 0);
        double share = (double) hangul(pages) / pages.ids().length;
        assertTrue(share > 0 && share < 0.3 * hangul(even) / even.ids().length, "" + share);
    }

    @Test
    void sharesThatAreNoneAreOneLine() {
        refused(
                "mixed: expected shares that sum to 1, got add 0.5, mul 0.25, which sum to 0.75;"
                        + " correct them",
                Map.of(RowKind.MUL, 0.25, RowKind.ADD, 0.5));
        refused("mixed: expected shares that sum to 1, got none, which sum to 0;", Map.of());
        refused(
                "add 0.5, mul 0.500000002, which sum to 1.000000002",
                Map.of(RowKind.MUL, 0.500000002, RowKind.ADD, 0.5));
        refused(
                "mixed: mul: expected a share from 0 to 1, got NaN",
                Map.of(RowKind.MUL, Double.NaN, RowKind.ADD, 1.0));
        refused(
                "mixed: mul: expected a share from 0 to 1, got -0.5",
                Map.of(RowKind.MUL, -0.5, RowKind.ADD, 1.0));
        String message =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new Data(Data.Mixture.RETAIN, Map.of(RowKind.MUL, 1.0), 0))
                        .getMessage();
        assertEquals(
                "retain: expected shares of copy, add, sub, got mul; leave it out",
                message);
        Data near =
                new Data(
                        Data.Mixture.FORGET,
                        Map.of(RowKind.DIV, 0.5, RowKind.MUL, 0.5 + 5e-10),
                        0);
        assertEquals(List.of(RowKind.MUL, RowKind.DIV), List.copyOf(near.shares().keySet()));
    }

    private static void refused(String expected, Map<RowKind, Double> shares) {
        String message =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new Data(Data.Mixture.MIXED, shares, 0))
                        .getMessage();
        assertTrue(message.contains(expected), message);
        assertEquals(1, message.lines().count());
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

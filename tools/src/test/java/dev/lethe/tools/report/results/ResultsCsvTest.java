package dev.lethe.tools.report.results;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.tools.report.Miniature;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;

class ResultsCsvTest {
    private static final String HEADER =
            "experiment,seed,model,method,alpha,beta,attack,attack_lr,step,metric,value"
                    + ",tokens,flops\n";
    private static final String BEFORE = "x,7,filter,,,,none,,0,forget_accuracy,0.125,,\n";
    private static final String DURING =
            "x,7,undo-0.2,maxent,0.2,0.1,relearn,0.0003,10,forget_accuracy,0.5,3000,15000000000\n";
    private static final String DIVERGED =
            "x,7,undo-0.2,maxent,0.2,0.1,relearn,0.003,49,diverged,1,,\n";

    private static Results read(String text) {
        return ResultsCsv.read("results.csv", text);
    }

    private static String error(String text) {
        String message =
                assertThrows(IllegalArgumentException.class, () -> read(text)).getMessage();
        assertEquals(1, message.lines().count(), message);
        return message;
    }

    @Test
    void whatIsReadIsWrittenAgain() {
        String text = HEADER + BEFORE + DURING + DIVERGED;
        Results results = read(text);
        assertEquals(text, ResultsCsv.write(results));
        assertEquals(List.of("filter", "undo-0.2"), results.models());
        assertEquals(0.2, results.alpha("undo-0.2").orElseThrow());
        for (Run run : List.of(Miniature.arithmetic(1, 2), Miniature.language(3))) {
            Results all = run.results();
            assertEquals(all, read(ResultsCsv.write(all)));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "seed: expected a whole number, got 'seven' | 7,filter | seven,filter",
                "value: expected a number, got '' | 0.125 | ''",
                "attack: expected one of none, relearn, relearn-half | none | nothing",
                "metric: expected one of forget_accuracy | forget_accuracy | accuracy",
                "expected 13 fields, got 12 | 0.125,, | 0.125,",
                "expected a finite value, got NaN | 0.125 | NaN",
                "expected 0 without an attack | none,,0 | none,,5",
                "expected a rate exactly where there is an attack | none,, | none,0.1,",
                "model: expected letters | filter | fil ter",
            })
    void saysInOneLineWhatIsWrong(String expected, String from, String to) {
        String message = error(HEADER + BEFORE.replace(from, to));
        assertTrue(message.startsWith("results.csv line 2: "), message);
        assertTrue(message.contains(expected), message);
    }

    @Test
    void refusesOtherFilesAndContradictions() {
        assertTrue(error("").contains("expected the header"), error(""));
        assertTrue(error("a,b\n1,2\n").contains("got 'a,b'"));
        assertTrue(error(HEADER).contains("expected at least one row"));
        assertTrue(
                error(HEADER + BEFORE + BEFORE)
                        .contains("got forget_accuracy of filter, seed 7, none step 0 twice"),
                error(HEADER + BEFORE + BEFORE));
        assertTrue(error(HEADER + BEFORE + DURING.replaceFirst("x", "y")).contains("x and y"));
    }

    @Test
    void seriesAreReadBackToo() {
        List<SeriesRow> rows = Miniature.arithmetic(5).series();
        assertEquals(rows, SeriesCsv.read("series.csv", SeriesCsv.write(rows)));
        String message =
                assertThrows(
                                IllegalArgumentException.class,
                                () ->
                                        SeriesCsv.read(
                                                "series.csv",
                                                SeriesCsv.HEADER + "\nx,1,filter,ten,kl,0.5\n"))
                        .getMessage();
        assertTrue(message.startsWith("series.csv line 2: step: expected a whole number"), message);
    }
}

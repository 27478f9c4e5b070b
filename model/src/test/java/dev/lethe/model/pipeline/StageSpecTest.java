package dev.lethe.model.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

import java.util.List;
import java.util.Optional;

/// What cannot be run is refused before anything runs.
class StageSpecTest {
    private static void refused(String expected, Executable made) {
        String message = assertThrows(IllegalArgumentException.class, made).getMessage();
        assertTrue(message.contains(expected), message);
        assertEquals(1, message.lines().count());
    }

    @Test
    void refusesAnAlphaThatIsNoShare() {
        refused("alpha", () -> new StageSpec.Perturb(TinyStudy.BASE, 1.5, 0.1, 1));
        refused("beta", () -> new StageSpec.Perturb(TinyStudy.BASE, 0.5, -0.1, 1));
    }

    @Test
    void refusesLooksThatDoNotRiseFromZeroToTheLastStep() {
        for (List<Long> looks :
                List.of(List.<Long>of(), List.of(1L, 2L), List.of(0L, 3L, 3L), List.of(0L, 5L))) {
            refused(
                    "lookAt: expected steps rising from 0 to at most 4",
                    () ->
                            new StageSpec.Relearn(
                                    TinyStudy.BASE,
                                    1,
                                    TinyStudy.FORGET,
                                    TinyStudy.steps(4, 1e-3),
                                    looks));
        }
    }

    @Test
    void refusesLayersThatTheModelHasNot() {
        for (Method rmu :
                List.of(
                        new Method.Rmu(3, 6, 15, List.of(0)),
                        new Method.Rmu(1, 6, 15, List.of(0, 3)),
                        new Method.Rmu(1, 6, 15, List.of()))) {
            refused("expected 0 to 2", () -> TinyStudy.unlearn(rmu, new Guard.None()));
        }
    }

    @Test
    void refusesToCutWhatRepNoiseCompares() {
        refused(
                "expected microBatches 1, got 2",
                () ->
                        new StageSpec.Unlearn(
                                TinyStudy.BASE,
                                new Method.MaxEnt(1),
                                new Guard.RepNoise(1, 1e-3),
                                1,
                                TinyStudy.MIXTURES.forgetRetain(),
                                TinyStudy.steps(4, 1e-3)));
    }

    @Test
    void refusesRowsOfAnotherTask() {
        Mixtures pages = Mixtures.of(Task.LANGUAGE);
        Data data = pages.data(Data.Mixture.FORGET, 0);
        String equations = "mixtures: forget: expected shares of mul, div, got korean";
        refused(equations, () -> TinyStudy.relearn(1e-3, data));
        refused(
                equations,
                () ->
                        new StageSpec.Pretrain(
                                Task.ARITHMETIC,
                                TinyStudy.MODEL,
                                1,
                                data,
                                TinyStudy.steps(4, 1e-3)));
        refused(
                equations,
                () ->
                        new StageSpec.Unlearn(
                                TinyStudy.BASE,
                                new Method.MaxEnt(1),
                                new Guard.None(),
                                1,
                                pages.forgetRetain(),
                                TinyStudy.steps(4, 1e-3)));
        refused(
                equations,
                () ->
                        new StageSpec.Distill(
                                Optional.empty(),
                                TinyStudy.BASE,
                                1,
                                data,
                                TinyStudy.steps(4, 1e-3),
                                new Stop.Never()));
    }

    @Test
    void refusesToMatchAStudentOfAnotherTeacher() {
        Stop stop = new Stop.KlMatches(TinyStudy.STUDENT, 2);
        refused(
                "from the same teacher",
                () -> TinyStudy.distill(Optional.empty(), TinyStudy.UNLEARNED, stop));
    }

    @Test
    void refusesNumbersThatCountNothing() {
        refused("interval: expected at least 1", () -> new Stop.RetainWithin(0.05, 0));
        refused(
                "stream: expected at least 0",
                () -> TinyStudy.MIXTURES.data(Data.Mixture.MIXED, -1));
        refused("at least 1 step", () -> TinyStudy.steps(0, 1e-3));
        refused("rate", () -> TinyStudy.steps(4, Double.NaN));
    }

    @Test
    void modelsKnowTheirConfiguration() {
        assertEquals(TinyStudy.MODEL, TinyStudy.PERTURBED.model());
        assertEquals(TinyStudy.MODEL, TinyStudy.STUDENT.model());
    }
}

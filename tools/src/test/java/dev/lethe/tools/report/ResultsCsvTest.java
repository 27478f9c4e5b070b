package dev.lethe.tools.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class ResultsCsvTest {
    private static List<String> rows(ModelRun model) {
        SeedRun seed = new SeedRun(7, List.of(model));
        return ResultsCsv.of("arithmetic-miniature", List.of(seed)).lines().toList();
    }

    @Test
    void hasTheContractsColumns() {
        assertEquals(
                "experiment,seed,model,method,alpha,beta,attack,attack_lr,step,metric,value,"
                        + "tokens,flops",
                rows(Examples.model("base", 1, 1)).getFirst());
    }

    @Test
    void beforeAnAttackEachMetricHasARow() {
        assertEquals(
                List.of(
                        "arithmetic-miniature,7,filter,,,,none,,0,forget_accuracy,0.125,,",
                        "arithmetic-miniature,7,filter,,,,none,,0,retain_accuracy,1,,"),
                rows(Examples.model("filter", 1, 0.125)).subList(1, 3));
    }

    @Test
    void anAttackHasARowAStepAndItsDivergence() {
        ModelRun model = Examples.model("unlearn-maxent", 1, 0, Examples.attack(3e-4, 0.25, 0.5));
        String start = "arithmetic-miniature,7,unlearn-maxent,maxent,,,relearn,0.0003,";
        assertEquals(
                List.of(
                        start + "0,forget_accuracy,0.25,0,0",
                        start + "10,forget_accuracy,0.5,3000,15000000000",
                        start + "49,diverged,1,,"),
                rows(model).subList(3, 6));
    }

    @Test
    void everyRowHasThirteenColumns() {
        String csv = ResultsCsv.of("arithmetic-miniature", List.of(Examples.seed(1)));
        assertEquals(1 + 4 * 2 + 3 * 4, csv.lines().count());
        assertTrue(csv.lines().allMatch(line -> line.split(",", -1).length == 13), csv);
    }
}

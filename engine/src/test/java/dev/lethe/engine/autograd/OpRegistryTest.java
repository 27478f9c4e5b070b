package dev.lethe.engine.autograd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.engine.contract.OpCase;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The `permits` clauses are the registry of operations, and every entry has a gradient test.
class OpRegistryTest {
    /// The records below a sealed type, however deep.
    private static List<Class<?>> records(Class<?> sealed) {
        List<Class<?>> records = new ArrayList<>();
        for (Class<?> permitted : sealed.getPermittedSubclasses()) {
            if (permitted.isSealed()) {
                records.addAll(records(permitted));
            } else {
                records.add(permitted);
            }
        }
        return records;
    }

    private static Set<String> withoutCase(List<OpCase> cases) {
        Set<Class<?>> tested = cases.stream().map(OpCase::op).collect(Collectors.toSet());
        return records(Op.class).stream()
                .filter(op -> !tested.contains(op))
                .map(Class::getSimpleName)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void everyOperationHasAGradientCase() {
        assertEquals(
                Set.of(),
                withoutCase(OpGradientTest.cases()),
                "operations without a case in PrimitiveCases, MovementCases or FusedCases");
    }

    @Test
    void anOperationWithoutCaseIsNoticed() {
        List<OpCase> fewer =
                OpGradientTest.cases().stream()
                        .filter(c -> c.op() != Rope.class && c.op() != Max.class)
                        .toList();
        assertEquals(Set.of("Max", "Rope"), withoutCase(fewer));
    }

    @Test
    void everyOperationIsARecordWithItsOwnName() {
        List<Class<?>> records = records(Op.class);
        assertTrue(records.stream().allMatch(Class::isRecord), records::toString);
        assertEquals(
                records.size(), records.stream().map(Class::getSimpleName).distinct().count());
        assertEquals("matMul", new MatMul(false, true, false).name());
        assertEquals("rmsNorm", new RmsNorm(1e-6).name());
    }

    @Test
    void casesHaveNamesOfTheirOwn() { // a name is also the seed of the values
        List<String> names = OpGradientTest.cases().stream().map(OpCase::name).toList();
        assertEquals(names.size(), names.stream().distinct().count(), names::toString);
    }
}

package dev.lethe.model.data;

import java.util.List;
import java.util.function.IntBinaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The families of texts of the arithmetic miniature, each finite and written without spaces.
public enum Equations {
    /// `a+b=c`, a and b in 1..30.
    ADD,
    /// `a-b=c`, a and b in 1..30, a at least b.
    SUB,
    /// `a*b=c`, a and b in 1..12.
    MUL,
    /// `p/b=a`, p = a b, a and b in 1..12.
    DIV,
    /// `ca?b;a?b`, ? any of the four signs, a and b in 1..30, at least one below 10: general text,
    /// in which a model that never computes `*` and `/` sees those signs. Without it the symbols
    /// themselves would be news to such a model; without the leading `c` the rows would begin as
    /// equations do.
    COPY;

    private static final int TERMS = 30;
    private static final int FACTORS = 12;

    private final List<String> texts = generate();

    /// Every text of the family once, by a, then b.
    public List<String> texts() {
        return texts;
    }

    private List<String> generate() {
        return switch (this) {
            case ADD -> equations(TERMS, "+", (a, _) -> a, Integer::sum).toList();
            case SUB ->
                    equations(TERMS, "-", (a, _) -> a, (a, b) -> a - b)
                            .filter(text -> !text.contains("=-"))
                            .toList();
            case MUL -> equations(FACTORS, "*", (a, _) -> a, (a, b) -> a * b).toList();
            case DIV -> equations(FACTORS, "/", (a, b) -> a * b, (a, _) -> a).toList();
            case COPY -> Stream.of("+", "-", "*", "/").flatMap(Equations::copies).toList();
        };
    }

    private static Stream<String> equations(
            int most, String sign, IntBinaryOperator left, IntBinaryOperator result) {
        return IntStream.rangeClosed(1, most)
                .boxed()
                .flatMap(
                        a ->
                                IntStream.rangeClosed(1, most)
                                        .mapToObj(
                                                b ->
                                                        left.applyAsInt(a, b)
                                                                + sign
                                                                + b
                                                                + "="
                                                                + result.applyAsInt(a, b)));
    }

    private static Stream<String> copies(String sign) {
        return IntStream.rangeClosed(1, TERMS)
                .boxed()
                .flatMap(
                        a ->
                                IntStream.rangeClosed(1, TERMS)
                                        .filter(b -> a < 10 || b < 10)
                                        .mapToObj(b -> a + sign + b))
                .map(half -> "c" + half + ";" + half);
    }
}

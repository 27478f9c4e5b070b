package dev.lethe.model.data.arithmetic;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.lethe.engine.random.PhiloxStream;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/// The four operations with the paper's ranges (PAPER 3.1). Results are whole numbers from 0 on.
public enum Operation {
    /// Both in 1..50.
    ADD("+", 50),
    /// Both in 1..50 and the larger first; in word problems result and second operand are.
    SUB("-", 50),
    /// Both in 1..20.
    MUL("*", 20),
    /// Result and divisor in 1..20.
    DIV("/", 20);

    private final String sign;
    private final int most;

    Operation(String sign, int most) {
        this.sign = sign;
        this.most = most;
    }

    public String sign() {
        return sign;
    }

    /// `add`, `sub`, `mul`, `div`.
    @JsonValue
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Every equation there is, once: 2500, 1275, 400, 400.
    public List<Fact> facts() {
        return IntStream.rangeClosed(1, most)
                .boxed()
                .flatMap(x -> IntStream.rangeClosed(1, most).mapToObj(y -> equation(x, y)))
                .distinct()
                .toList();
    }

    /// What an equation asks, from elements `at` and `at + 1`.
    Fact equation(PhiloxStream random, long at) {
        return equation(1 + random.below(at, most), 1 + random.below(at + 1, most));
    }

    /// What a word problem asks, from elements `at` and `at + 1`.
    Fact story(PhiloxStream random, long at) {
        int x = 1 + random.below(at, most);
        int y = 1 + random.below(at + 1, most);
        return this == SUB ? new Fact(SUB, x + y, y) : equation(x, y);
    }

    private Fact equation(int x, int y) {
        return switch (this) {
            case ADD, MUL -> new Fact(this, x, y);
            case SUB -> new Fact(SUB, Math.max(x, y), Math.min(x, y));
            case DIV -> new Fact(DIV, x * y, y);
        };
    }
}

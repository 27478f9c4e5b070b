package dev.lethe.model.data.arithmetic;

/// Two operands and what they give.
///
/// @param left minuend or dividend, where order matters
/// @param right subtrahend or divisor
public record Fact(Operation operation, int left, int right) {
    public Fact {
        boolean whole =
                switch (operation) {
                    case ADD, MUL -> true;
                    case SUB -> left >= right;
                    case DIV -> right != 0 && left % right == 0;
                };
        if (!whole) {
            throw new IllegalArgumentException(
                    "arithmetic: expected a whole result from 0 on, got %d %s %d; swap the operands"
                            .formatted(left, operation.sign(), right));
        }
    }

    public int answer() {
        return switch (operation) {
            case ADD -> left + right;
            case SUB -> left - right;
            case MUL -> left * right;
            case DIV -> left / right;
        };
    }

    /// `12 * 7 = ` with the space that the answer follows.
    public String question() {
        return "%d %s %d = ".formatted(left, operation.sign(), right);
    }
}

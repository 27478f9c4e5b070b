package dev.lethe.engine.autograd;

/// Names of operations, made once a class.
final class OpName {
    private static final ClassValue<String> NAMES =
            new ClassValue<>() {
                @Override
                protected String computeValue(Class<?> op) {
                    String simple = op.getSimpleName();
                    return Character.toLowerCase(simple.charAt(0)) + simple.substring(1);
                }
            };

    private OpName() {}

    static String of(Class<?> op) {
        return NAMES.get(op);
    }
}

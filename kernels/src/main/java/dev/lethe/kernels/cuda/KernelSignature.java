package dev.lethe.kernels.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Name and parameters of a kernel, written as its prototype in the `.cu` source without the
/// qualifiers: `softmax_forward(const element* x, element* y, int width)`.
record KernelSignature(String name, List<Parameter> parameters) {
    private static final Pattern PROTOTYPE =
            Pattern.compile("\\s*(\\w+)\\s*\\((.*)\\)\\s*", Pattern.DOTALL);
    private static final Pattern PARAMETER = Pattern.compile("(.+?)\\s*(\\w+)");

    record Parameter(ParameterType type, boolean readOnly, String name) {
        @Override
        public String toString() {
            return (readOnly ? "const " : "") + type.text() + " " + name;
        }
    }

    /// @throws IllegalArgumentException for a text that is no prototype, or a type that no argument
    ///     has
    static KernelSignature parse(String prototype) {
        Matcher parts = PROTOTYPE.matcher(prototype);
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "kernel prototype must be name(type name, ...), got %s".formatted(prototype));
        }
        List<Parameter> parameters = new ArrayList<>();
        for (String text : parts.group(2).split(",")) {
            parameters.add(parameter(text.strip(), prototype));
        }
        return new KernelSignature(parts.group(1), List.copyOf(parameters));
    }

    private static Parameter parameter(String text, String prototype) {
        // Promises to the compiler say nothing about the argument.
        String plain = text.replace("__restrict__", "").replaceAll("\\s+", " ").strip();
        boolean readOnly = plain.startsWith("const ");
        Matcher parts = PARAMETER.matcher(readOnly ? plain.substring("const ".length()) : plain);
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "kernel parameter must be a type and a name, got '%s' in %s"
                            .formatted(text, prototype));
        }
        String type = parts.group(1).replace(" *", "*");
        return new Parameter(ParameterType.of(type), readOnly, parts.group(2));
    }

    @Override
    public String toString() {
        return name + parameters.toString().replace('[', '(').replace(']', ')');
    }
}

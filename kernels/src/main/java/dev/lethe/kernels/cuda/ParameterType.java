package dev.lethe.kernels.cuda;

import dev.lethe.engine.memory.Buffer;
import dev.lethe.engine.memory.DType;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// Types that a kernel's parameters have in the `.cu` sources, and the Java argument that each
/// takes.
enum ParameterType {
    /// A buffer of the module's element type.
    ELEMENTS("element*"),
    /// A buffer of any type whose elements are as wide as the module's.
    WORDS("word*"),
    FLOATS("float*"),
    /// An F64 buffer, or scratch memory of as wide numbers: a [DeviceAddress].
    DOUBLES("double*"),
    /// A BF16 buffer, or nothing: a [DeviceAddress].
    BFLOATS("bfloat16*"),
    /// An I32 buffer, or as wide numbers elsewhere: a [DeviceAddress].
    INTS("int*"),
    /// Scratch memory of 64-bit integers: a [DeviceAddress].
    LONGS("long long*"),
    /// Scratch memory in the type of sums: a [DeviceAddress], or a buffer of that type.
    ACCUMULATORS("accumulator*"),
    INT("int"),
    LONG("long long"),
    FLOAT("float"),
    DOUBLE("double"),
    /// A Java double, narrowed to the type in which the module computes.
    ACCUMULATOR("accumulator"),
    /// A record by value, of 64-bit integers: a long array.
    AXES("Axes");

    private final String text;

    ParameterType(String text) {
        this.text = text;
    }

    String text() {
        return text;
    }

    static ParameterType of(String text) {
        return Arrays.stream(values())
                .filter(type -> type.text.equals(text))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "kernel parameter type '%s' is not known; use one of %s"
                                                .formatted(text, texts())));
    }

    private static String texts() {
        return String.join(", ", Arrays.stream(values()).map(ParameterType::text).toList());
    }

    /// Whether a parameter of this type takes the argument.
    ///
    /// @param element the module's element type
    boolean accepts(Object argument, DType element) {
        return switch (this) {
            case INT -> argument instanceof Integer;
            case LONG -> argument instanceof Long;
            case FLOAT -> argument instanceof Float;
            case DOUBLE, ACCUMULATOR -> argument instanceof Double;
            case AXES -> argument instanceof long[];
            case LONGS -> argument instanceof DeviceAddress;
            case ACCUMULATORS ->
                    argument instanceof DeviceAddress || isBuffer(argument, element.accumulator());
            case ELEMENTS -> isBuffer(argument, element);
            case FLOATS -> isBuffer(argument, DType.F32);
            case DOUBLES ->
                    argument instanceof DeviceAddress || isBuffer(argument, DType.F64);
            case BFLOATS ->
                    argument instanceof DeviceAddress || isBuffer(argument, DType.BF16);
            case INTS -> argument instanceof DeviceAddress || isBuffer(argument, DType.I32);
            case WORDS ->
                    argument instanceof Buffer buffer
                            && buffer.dtype().bytes() == element.bytes();
        };
    }

    private static boolean isBuffer(Object argument, DType dtype) {
        return argument instanceof Buffer buffer && buffer.dtype() == dtype;
    }

    /// Writes an accepted argument at the target's position.
    void put(Object argument, DType element, ByteBuffer target) {
        switch (argument) {
            case Integer value -> target.putInt(value);
            case Long value -> target.putLong(value);
            case Float value -> target.putFloat(value);
            case Double value when this == ACCUMULATOR && element.accumulator() == DType.F32 ->
                    target.putFloat(value.floatValue());
            case Double value -> target.putDouble(value);
            case Buffer buffer -> target.putLong(buffer.address());
            case DeviceAddress scratch -> target.putLong(scratch.value());
            case long[] values -> target.asLongBuffer().put(values);
            default -> throw new AssertionError("not accepted: " + argument);
        }
        if (argument instanceof long[] values) {
            target.position(target.position() + values.length * Long.BYTES);
        }
    }
}

package dev.lethe.model.pipeline;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/// Copies of a record that differ from it in one field each, at whatever depth.
final class SpecFields {
    private SpecFields() {}

    /// @return by the path of the field
    static Map<String, Record> changed(Record record) throws ReflectiveOperationException {
        Map<String, Record> changed = new LinkedHashMap<>();
        RecordComponent[] components = record.getClass().getRecordComponents();
        Object[] values = new Object[components.length];
        for (int i = 0; i < values.length; i++) {
            components[i].getAccessor().setAccessible(true);
            values[i] = components[i].getAccessor().invoke(record);
        }
        for (int i = 0; i < values.length; i++) {
            for (var other : others(values[i]).entrySet()) {
                Object[] copy = values.clone();
                copy[i] = other.getValue();
                String path = components[i].getName() + other.getKey();
                changed.put(path, rebuilt(record, components, copy));
            }
        }
        return changed;
    }

    private static Record rebuilt(Record record, RecordComponent[] components, Object[] values)
            throws ReflectiveOperationException {
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        var constructor = record.getClass().getDeclaredConstructor(types);
        constructor.setAccessible(true);
        return (Record) constructor.newInstance(values);
    }

    private static Map<String, ?> others(Object value) throws ReflectiveOperationException {
        return switch (value) {
            case Task _ -> Map.of(); // refuses to differ alone: rows are of one task
            case Subject _ -> Map.of(); // so does what they are rows of
            case Data data -> others(data);
            case Map<?, ?> shares -> Map.of("", tilted(shares));
            case Integer number -> Map.of("", number == 0 ? 1 : 2 * number);
            case String text -> Map.of("", text + "x");
            case Long number -> Map.of("", number == 0 ? 1 : 2 * number);
            case Double number -> Map.of("", number == 0 ? 0.5 : number / 2);
            case OptionalDouble number -> Map.of("", OptionalDouble.of(number.orElse(1) / 2));
            case Optional<?> optional -> Map.of("", other(optional));
            case Enum<?> constant -> Map.of("", next(constant));
            case List<?> list when list.getFirst() instanceof Enum<?> ->
                    Map.of("", Stream.concat(list.stream(), Stream.of(list.getLast())).toList());
            case List<?> list -> Map.of("", list.subList(0, list.size() - 1));
            case Record record -> {
                Map<String, Record> inside = new LinkedHashMap<>();
                changed(record).forEach((path, other) -> inside.put("." + path, other));
                yield inside;
            }
            default -> throw new IllegalArgumentException("no other value for " + value);
        };
    }

    /// Mixed rows are no other mixture's, so there the mixture cannot differ alone.
    private static Map<String, Data> others(Data data) {
        Map<String, Data> others = new LinkedHashMap<>();
        others.put(".shares", new Data(data.mixture(), tilted(data.shares()), data.stream()));
        others.put(".stream", new Data(data.mixture(), data.shares(), data.stream() + 1));
        Data.Mixture other =
                switch (data.mixture()) {
                    case MIXED, RETAIN -> Data.Mixture.MIXED;
                    case FORGET -> Data.Mixture.FORGET_HALF;
                    case FORGET_HALF -> Data.Mixture.FORGET;
                };
        if (other != data.mixture()) {
            others.put(".mixture", new Data(other, data.shares(), data.stream()));
        }
        return others;
    }

    /// Shares that sum to what they did.
    private static <K> Map<K, Double> tilted(Map<K, ?> shares) {
        Map<K, Double> tilted = new LinkedHashMap<>();
        double shift = 0.125;
        for (var share : shares.entrySet()) {
            tilted.put(share.getKey(), (Double) share.getValue() + shift);
            shift = tilted.size() == 1 ? -shift : 0;
        }
        return tilted;
    }

    private static Optional<?> other(Optional<?> optional) {
        return optional.isPresent() ? Optional.empty() : Optional.of(TinyStudy.PERTURBED);
    }

    private static Object next(Enum<?> constant) {
        List<Object> all =
                new ArrayList<>(List.of(constant.getDeclaringClass().getEnumConstants()));
        return all.get((constant.ordinal() + 1) % all.size());
    }
}

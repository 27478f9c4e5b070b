package dev.lethe.tools.configuration;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lethe.tools.command.Nearest;
import dev.lethe.tools.command.RefusedException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// Turns a tree of YAML into records, component by component: a key that is unknown or missing, a
/// value of another type and whatever a record refuses is one line that says where.
///
/// @param source named in errors
record RecordBinder(String source) {
    private static final Pattern NUMBER =
            Pattern.compile("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?");

    /// @throws RefusedException where the tree is not the record
    <T extends Record> T bind(JsonNode tree, Class<T> type) {
        return type.cast(record(tree, type, ""));
    }

    private Object value(JsonNode node, Type type, String path) {
        return switch (type) {
            case ParameterizedType list when list.getRawType() == List.class ->
                    list(node, list.getActualTypeArguments()[0], path);
            case ParameterizedType map when map.getRawType() == Map.class ->
                    map(node, map.getActualTypeArguments(), path);
            case ParameterizedType optional when optional.getRawType() == Optional.class ->
                    Optional.of(value(node, optional.getActualTypeArguments()[0], path));
            case Class<?> enumeration when enumeration.isEnum() -> word(node, enumeration, path);
            case Class<?> record when record.isRecord() -> record(node, record, path);
            case Class<?> scalar -> scalar(node, scalar, path);
            default -> throw new IllegalStateException("no way to bind " + type);
        };
    }

    private Object record(JsonNode node, Class<?> type, String path) {
        RecordComponent[] components = type.getRecordComponents();
        List<String> known = Arrays.stream(components).map(RecordComponent::getName).toList();
        requireKnown(node, known, path);
        Object[] values = new Object[components.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = component(node, components[i], path);
        }
        return made(type, components, values, path);
    }

    /// That it has keys, and no others than these.
    private void requireKnown(JsonNode node, List<String> known, String path) {
        if (!node.isObject()) {
            throw wrong(path, "the keys " + String.join(", ", known), text(node), "write them below it");
        }
        for (var field : node.properties()) {
            if (!known.contains(field.getKey())) {
                throw refused(
                        path,
                        "unknown key %s%s; expected %s"
                                .formatted(
                                        field.getKey(),
                                        Nearest.suggestion(field.getKey(), known),
                                        String.join(", ", known)));
            }
        }
    }

    /// Values by any names, or by the words of an enumeration, any of which may be absent.
    private Map<Object, Object> map(JsonNode node, Type[] types, String path) {
        if (types[0] == String.class) {
            return named(node, types[1], path);
        }
        Object[] constants = ((Class<?>) types[0]).getEnumConstants();
        requireKnown(node, Arrays.stream(constants).map(RecordBinder::word).toList(), path);
        Map<Object, Object> values = new LinkedHashMap<>();
        for (Object constant : constants) {
            String word = word(constant);
            if (node.has(word)) {
                values.put(constant, value(node.get(word), types[1], below(path, word)));
            }
        }
        return values;
    }

    private Map<Object, Object> named(JsonNode node, Type type, String path) {
        if (!node.isObject()) {
            throw wrong(path, "names and their values", text(node), "write {a: 1, b: 2}");
        }
        Map<Object, Object> values = new LinkedHashMap<>();
        for (var field : node.properties()) {
            String name = field.getKey();
            values.put(name, value(field.getValue(), type, below(path, name)));
        }
        return values;
    }

    private static String word(Object constant) {
        return ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private Object component(JsonNode node, RecordComponent component, String path) {
        JsonNode value = node.get(component.getName());
        boolean none = value == null || value.isNull(); // a key to be set on the command line
        if (none && component.getType() == Optional.class) {
            return Optional.empty();
        }
        if (value == null) {
            throw wrong(path, "a key " + component.getName(), "none", "add it");
        }
        return value(value, component.getGenericType(), below(path, component.getName()));
    }

    private Object made(
            Class<?> type, RecordComponent[] components, Object[] values, String path) {
        try {
            Constructor<?> constructor =
                    type.getDeclaredConstructor(
                            Arrays.stream(components)
                                    .map(RecordComponent::getType)
                                    .toArray(Class<?>[]::new));
            constructor.setAccessible(true); // records of other packages need not be public
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException own) {
                throw refused(path, own.getMessage());
            }
            throw new IllegalStateException(e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e); // records have that constructor
        }
    }

    private List<Object> list(JsonNode node, Type element, String path) {
        if (!node.isArray()) {
            throw wrong(path, "a list", text(node), "write [a, b]");
        }
        List<Object> values = new ArrayList<>();
        for (JsonNode each : node) {
            values.add(value(each, element, below(path, Integer.toString(values.size()))));
        }
        return List.copyOf(values);
    }

    private Object word(JsonNode node, Class<?> type, String path) {
        List<String> words = new ArrayList<>();
        for (Object constant : type.getEnumConstants()) {
            String word = word(constant);
            if (node.isTextual() && word.equals(node.textValue())) {
                return constant;
            }
            words.add(word);
        }
        throw wrong(
                path,
                String.join(" or ", words),
                text(node),
                Nearest.of(text(node), words).map("did you mean %s?"::formatted).orElse("choose one"));
    }

    /// YAML 1.1 takes `3e-4` for text, people and YAML 1.2 for a number.
    private Object scalar(JsonNode node, Class<?> type, String path) {
        boolean number =
                node.isNumber() || node.isTextual() && NUMBER.matcher(node.textValue()).matches();
        if (type == String.class) {
            if (node.isValueNode() && !node.isNull()) {
                return node.asText();
            }
            throw wrong(path, "text", text(node), "write it in quotes");
        }
        if (type == double.class || type == Double.class) {
            if (number) {
                return Double.parseDouble(node.asText());
            }
            throw wrong(path, "a number", text(node), "correct it");
        }
        boolean wide = type == long.class || type == Long.class;
        if (node.isIntegralNumber() && (wide ? node.canConvertToLong() : node.canConvertToInt())) {
            return wide ? (Object) node.longValue() : (Object) node.intValue();
        }
        throw wrong(path, "a whole number", text(node), "correct it");
    }

    private static String text(JsonNode node) {
        return node.isNull() ? "nothing" : node.isValueNode() ? node.asText() : node.toString();
    }

    private static String below(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    private RefusedException wrong(String path, String expected, String got, String remedy) {
        return refused(path, "expected %s, got %s; %s".formatted(expected, got, remedy));
    }

    private RefusedException refused(String path, String what) {
        return new RefusedException(source + ": " + (path.isEmpty() ? "" : path + ": ") + what);
    }
}

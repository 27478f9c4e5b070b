package dev.lethe.model.gemma2;

import com.fasterxml.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;

/// Typed access to one JSON object of a configuration: a value of another type is an error, never a
/// guess.
///
/// @param where prefix of the keys in messages, such as `rope_parameters.`; empty at the top
record ConfigFields(String where, JsonNode object) {
    /// Whether the key stands there with anything but null.
    boolean has(String key) {
        return object.hasNonNull(key);
    }

    int integer(String key, int missing) {
        JsonNode value = object.path(key);
        if (value.isMissingNode()) {
            return missing;
        }
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw refusal(key, "an integer of 32 bits", value);
        }
        return value.intValue();
    }

    boolean isNull(String key) {
        return object.path(key).isNull();
    }

    /// A number, a list of them, or null for none.
    List<Integer> integers(String key, List<Integer> missing) {
        JsonNode value = object.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return value.isNull() ? List.of() : missing;
        }
        if (!value.isArray()) {
            return List.of(integer(key, 0));
        }
        List<Integer> integers = new ArrayList<>();
        for (JsonNode one : value) {
            if (!one.isIntegralNumber() || !one.canConvertToInt()) {
                throw refusal(key, "integers of 32 bits", value);
            }
            integers.add(one.intValue());
        }
        return integers;
    }

    double number(String key, double missing) {
        JsonNode value = object.path(key);
        if (value.isMissingNode()) {
            return missing;
        }
        if (!value.isNumber()) {
            throw refusal(key, "a number", value);
        }
        return value.doubleValue();
    }

    /// As [#number], where null says that the value is off.
    OptionalDouble numberOrOff(String key, OptionalDouble missing) {
        if (!object.has(key)) {
            return missing;
        }
        return has(key) ? OptionalDouble.of(number(key, 0)) : OptionalDouble.empty();
    }

    ConfigFields child(String key) {
        JsonNode value = object.path(key);
        if (!value.isObject()) {
            throw refusal(key, "an object", value);
        }
        return new ConfigFields(where + key + ".", value);
    }

    /// Refuses keys that nothing here reads.
    void onlyKnows(Set<String> keys) {
        for (String key : object.propertyStream().map(Map.Entry::getKey).toList()) {
            if (!keys.contains(key)) {
                throw refusal(key, "one of " + new TreeSet<>(keys), object.get(key));
            }
        }
    }

    /// Refuses a value that cannot be honoured. A missing key and null mean the library's default.
    void honours(String key, List<JsonNode> honoured) {
        JsonNode value = object.path(key);
        boolean same =
                honoured.stream()
                        .anyMatch(
                                one ->
                                        one.isNumber() && value.isNumber()
                                                ? one.doubleValue() == value.doubleValue()
                                                : one.equals(value));
        if (has(key) && !same) {
            String expected = honoured.isEmpty() ? "none" : String.valueOf(honoured.getFirst());
            throw new ConfigException(
                    "%s%s: expected %s, got %s; Lethe cannot honour it: use a model without it"
                            .formatted(where, key, expected, brief(value)));
        }
    }

    ConfigException refusal(String key, String expected, JsonNode value) {
        return new ConfigException(
                "%s%s: expected %s, got %s; correct the configuration"
                        .formatted(where, key, expected, brief(value)));
    }

    private static String brief(JsonNode value) {
        String text = value.isMissingNode() ? "none" : value.toString();
        return text.length() <= 80 ? text : text.substring(0, 77) + "...";
    }
}

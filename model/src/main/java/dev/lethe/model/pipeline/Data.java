package dev.lethe.model.pipeline;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// Rows to train on.
///
/// @param mixture which part of the task's data
/// @param shares probability of each kind of row; they sum to 1, and a kind without a share is left
///     out
/// @param stream numbers the order of the rows, from 0; two stages with one stream, seed and shares
///     see the same rows
public record Data(Mixture mixture, Map<RowKind, Double> shares, int stream) {
    private static final double TOLERANCE = 1e-9;

    public Data {
        shares = mixture.checked(shares);
        if (stream < 0) {
            throw new IllegalArgumentException(
                    "data: stream: expected at least 0, got " + stream + "; number the streams");
        }
    }

    /// Fails where the rows are none of the subject.
    void requireSubject(Subject subject) {
        mixture.requireSubject(subject, shares);
    }

    /// Parts of a task's data.
    public enum Mixture {
        /// Everything, unlabelled.
        MIXED,
        /// What a model may keep.
        RETAIN,
        /// What it is to forget.
        FORGET,
        /// A fixed half of what it is to forget; the other half judges.
        FORGET_HALF;

        private String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        private boolean has(RowKind kind) {
            return switch (this) {
                case MIXED -> true;
                case RETAIN -> !kind.forgotten();
                case FORGET, FORGET_HALF -> kind.forgotten();
            };
        }

        /// The shares in the order of the kinds, those of nothing left out.
        ///
        /// @throws IllegalArgumentException for shares that do not sum to 1 within 1e-9, a share
        ///     that is no probability, or one of a kind that is no part of this mixture
        Map<RowKind, Double> checked(Map<RowKind, Double> shares) {
            Map<RowKind, Double> checked = new EnumMap<>(RowKind.class);
            shares.forEach(
                    (kind, share) -> {
                        if (!(share >= 0 && share <= 1)) {
                            throw new IllegalArgumentException(
                                    "%s: %s: expected a share from 0 to 1, got %s; correct it"
                                            .formatted(label(), kind.label(), share));
                        }
                        if (share > 0) {
                            require(
                                    kind,
                                    one -> has(one) && one.task() == kind.task(),
                                    label());
                            checked.put(kind, share);
                        }
                    });
            double sum = checked.values().stream().mapToDouble(Double::doubleValue).sum();
            if (Math.abs(sum - 1) > TOLERANCE) {
                throw new IllegalArgumentException(
                        "%s: expected shares that sum to 1, got %s, which sum to %s; correct them"
                                .formatted(label(), text(checked), asWritten(checked)));
            }
            return Collections.unmodifiableMap(checked);
        }

        void requireSubject(Subject subject, Map<RowKind, Double> shares) {
            Predicate<RowKind> allowed = one -> has(one) && one.isOf(subject);
            shares.keySet().forEach(kind -> require(kind, allowed, "mixtures: " + label()));
        }

        private static void require(RowKind kind, Predicate<RowKind> allowed, String where) {
            if (!allowed.test(kind)) {
                throw new IllegalArgumentException(
                        "%s: expected shares of %s, got %s; leave it out"
                                .formatted(
                                        where,
                                        Arrays.stream(RowKind.values())
                                                .filter(allowed)
                                                .map(RowKind::label)
                                                .collect(Collectors.joining(", ")),
                                        kind.label()));
            }
        }

        /// The sum without the rounding of binary fractions.
        private static String asWritten(Map<RowKind, Double> shares) {
            return shares.values().stream()
                    .map(BigDecimal::valueOf)
                    .reduce(BigDecimal.ZERO, BigDecimal::add)
                    .stripTrailingZeros()
                    .toPlainString();
        }

        private static String text(Map<RowKind, Double> shares) {
            return shares.isEmpty()
                    ? "none"
                    : shares.entrySet().stream()
                            .map(one -> one.getKey().label() + " " + one.getValue())
                            .collect(Collectors.joining(", "));
        }
    }
}

package dev.lethe.tools.study;

import dev.lethe.model.checkpoint.ElementType;
import dev.lethe.model.checkpoint.Entry;
import dev.lethe.tools.report.page.Document;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What a study found, ready to be written.
///
/// @param findings in a sentence each, with their numbers
/// @param sections of the page
/// @param cells rows of `results.csv`
/// @param tensors raw numbers
record Answer(
        List<String> findings,
        List<Document.Section> sections,
        List<Cell> cells,
        List<Entry> tensors) {

    /// One number.
    ///
    /// @param part of the model or batch that it is of; empty for all
    /// @param at where along a path, a training or a spectrum; NaN where nowhere
    /// @param low of the interval in which the number lies; the number itself where it is exact
    record Cell(
            String model,
            String quantity,
            String part,
            double at,
            double value,
            double low,
            double high) {}

    /// Collects an answer in the making.
    static final class Builder {
        private final List<String> findings = new ArrayList<>();
        private final List<Document.Section> sections = new ArrayList<>();
        private final List<Cell> cells = new ArrayList<>();
        private final List<Entry> tensors = new ArrayList<>();

        Builder finding(String format, Object... values) {
            findings.add(Text.format(format, values));
            return this;
        }

        Builder section(Document.Section section) {
            sections.add(section);
            return this;
        }

        /// An exact number.
        Builder cell(String model, String quantity, String part, double value) {
            return cell(model, quantity, part, Double.NaN, value);
        }

        Builder cell(String model, String quantity, String part, double at, double value) {
            return cell(new Cell(model, quantity, part, at, value, value, value));
        }

        Builder cell(Cell cell) {
            cells.add(cell);
            return this;
        }

        Builder tensor(String name, double[] values) {
            tensors.add(
                    new Entry(
                            name,
                            ElementType.F64,
                            List.of((long) values.length),
                            MemorySegment.ofArray(values)));
            return this;
        }

        Builder tensor(String name, double[][] rows) {
            double[] flat = Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
            tensors.add(
                    new Entry(
                            name,
                            ElementType.F64,
                            List.of((long) rows.length, (long) rows[0].length),
                            MemorySegment.ofArray(flat)));
            return this;
        }

        Answer build() {
            return new Answer(
                    List.copyOf(findings),
                    List.copyOf(sections),
                    List.copyOf(cells),
                    List.copyOf(tensors));
        }
    }
}

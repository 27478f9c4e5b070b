package dev.lethe.tools.report.results;

import java.util.List;

/// `series.csv`: what was measured during training, one value a row.
public final class SeriesCsv {
    static final String HEADER = "experiment,seed,model,step,metric,value";

    private SeriesCsv() {}

    /// The whole file.
    public static String write(List<SeriesRow> rows) {
        StringBuilder text = new StringBuilder(HEADER).append('\n');
        for (SeriesRow row : rows) {
            String line =
                    String.join(
                            ",",
                            row.experiment(),
                            Long.toString(row.seed()),
                            row.model(),
                            Long.toString(row.step()),
                            row.metric(),
                            Csv.number(row.value()));
            text.append(line).append('\n');
        }
        return text.toString();
    }

    /// @param source named in errors
    /// @throws IllegalArgumentException in one line, where a line is not as [#write] makes it
    public static List<SeriesRow> read(String source, String text) {
        return Csv.read(
                source,
                HEADER,
                text,
                line ->
                        new SeriesRow(
                                line.text("experiment"),
                                line.whole("seed"),
                                line.text("model"),
                                line.whole("step"),
                                line.text("metric"),
                                line.real("value")));
    }
}

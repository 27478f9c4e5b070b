package dev.lethe.tools.report.results;

import java.util.List;
import java.util.StringJoiner;

/// `results.csv`: one value a row; what does not apply is empty.
public final class ResultsCsv {
    static final String HEADER =
            "experiment,seed,model,method,alpha,beta,attack,attack_lr,step,metric,value"
                    + ",tokens,flops";

    private ResultsCsv() {}

    /// The whole file.
    public static String write(Results results) {
        StringBuilder text = new StringBuilder(HEADER).append('\n');
        results.rows().forEach(row -> text.append(line(row)).append('\n'));
        return text.toString();
    }

    /// @param source named in errors
    /// @param text of the whole file
    /// @throws IllegalArgumentException in one line, where a line is not as [#write] makes it
    public static Results read(String source, String text) {
        List<ResultRow> rows = Csv.read(source, HEADER, text, ResultsCsv::row);
        try {
            return new Results(rows);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(source + ": " + e.getMessage(), e);
        }
    }

    private static String line(ResultRow row) {
        return new StringJoiner(",")
                .add(row.experiment())
                .add(Long.toString(row.seed()))
                .add(row.model())
                .add(row.method())
                .add(Csv.number(row.alpha()))
                .add(Csv.number(row.beta()))
                .add(row.attack().word())
                .add(Csv.number(row.attackLr()))
                .add(Long.toString(row.step()))
                .add(row.metric().word())
                .add(Csv.number(row.value()))
                .add(Csv.number(row.tokens()))
                .add(Csv.number(row.flops()))
                .toString();
    }

    private static ResultRow row(Csv.Line line) {
        return new ResultRow(
                line.text("experiment"),
                line.whole("seed"),
                line.text("model"),
                line.text("method"),
                line.optionalReal("alpha"),
                line.optionalReal("beta"),
                line.oneOf("attack", Attack.values(), Attack::word),
                line.optionalReal("attack_lr"),
                line.whole("step"),
                line.oneOf("metric", Metric.values(), Metric::word),
                line.real("value"),
                line.optionalWhole("tokens"),
                line.optionalReal("flops"));
    }
}

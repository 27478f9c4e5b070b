package dev.lethe.bench.results;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/// One measurement: a line of a file of results.
///
/// @param benchmark class and method
/// @param parameters `name=value`, separated by semicolons
/// @param threads that worked
/// @param perSecond operations
/// @param error half of the 99.9% confidence interval of `perSecond`; NaN with too few iterations
/// @param work of one operation
/// @param tokens of one operation; 0 where there are none
/// @param heldBytes arenas and parameters held; 0 where not counted
/// @param kernelShare of the time, inside kernels; 0 where not measured
/// @param heapBytes allocated on the Java heap by one operation
public record Row(
        Provenance provenance,
        String benchmark,
        String parameters,
        int threads,
        double perSecond,
        double error,
        Work work,
        double tokens,
        double heldBytes,
        double kernelShare,
        double heapBytes) {
    static final String HEADER =
            Provenance.HEADER
                    + ",benchmark,parameters,threads,per_second,error,"
                    + "flops,flops64,bytes,tokens,held_bytes,kernel_share,heap_bytes,bound,percent";
    private static final int COLUMNS = HEADER.split(",").length;

    /// From JMH, whose rates are divided back into what one operation did.
    public static Row of(Provenance provenance, RunResult result) {
        var run = result.getParams();
        String name = run.getBenchmark();
        String method = name.substring(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1);
        Map<String, String> parameters = new TreeMap<>();
        run.getParamsKeys().forEach(key -> parameters.put(key, run.getParam(key)));
        parameters.remove("device", "cpu"); // as rows are named that were measured before
        List<String> pairs = parameters.entrySet().stream().map(Object::toString).toList();
        String shown = String.join(";", pairs);
        double rate = result.getPrimaryResult().getScore();
        Map<String, Double> others = secondary(result);
        return new Row(
                provenance,
                method,
                shown,
                Integer.parseInt(
                        parameters.getOrDefault("threads", String.valueOf(run.getThreads()))),
                rate,
                result.getPrimaryResult().getScoreError(),
                new Work(
                        value(others, "flops") / rate,
                        value(others, "flops64") / rate,
                        value(others, "bytes") / rate),
                value(others, "tokens") / rate,
                value(others, "heldBytes") / rate,
                value(others, "kernelSeconds"),
                value(others, "gc.alloc.rate.norm"));
    }

    @SuppressWarnings("rawtypes") // as JMH declares them
    private static Map<String, Double> secondary(RunResult result) {
        Map<String, Double> scores = new TreeMap<>();
        Map<String, Result> results = result.getSecondaryResults();
        results.forEach((label, value) -> scores.put(label, value.getScore()));
        return scores;
    }

    private static double value(Map<String, Double> scores, String label) {
        return scores.getOrDefault(label, 0.0);
    }

    /// The value of a parameter, or null.
    public String parameter(String name) {
        for (String pair : parameters.split(";")) {
            if (pair.startsWith(name + "=")) {
                return pair.substring(name.length() + 1);
            }
        }
        return null;
    }

    /// The class, which names the file.
    public String type() {
        return benchmark.substring(0, benchmark.indexOf('.'));
    }

    String csv(Ceilings ceilings) {
        Ceilings.Bound bound = ceilings.bound(work, threads);
        return String.join(
                ",",
                List.of(
                        provenance.csv(),
                        benchmark,
                        Provenance.plain(parameters),
                        String.valueOf(threads),
                        number(perSecond),
                        number(error),
                        number(work.flops()),
                        number(work.flops64()),
                        number(work.bytes()),
                        number(tokens),
                        number(heldBytes),
                        number(kernelShare),
                        number(heapBytes),
                        bound.name(),
                        number(bound.percent(perSecond))));
    }

    private static String number(double value) {
        return Double.isNaN(value) ? "" : "%.6g".formatted(value);
    }

    static Row parse(String line) {
        String[] cells = line.split(",", -1);
        if (cells.length != COLUMNS) {
            throw new IllegalArgumentException(
                    "results: expected %d columns, got %d in `%s`; move that file away"
                            .formatted(COLUMNS, cells.length, line));
        }
        double[] numbers = new double[COLUMNS];
        for (int i = 9; i < 18; i++) {
            numbers[i] = cells[i].isEmpty() ? Double.NaN : Double.parseDouble(cells[i]);
        }
        return new Row(
                Provenance.parse(cells),
                cells[6],
                cells[7],
                Integer.parseInt(cells[8]),
                numbers[9],
                numbers[10],
                new Work(numbers[11], numbers[12], numbers[13]),
                numbers[14],
                numbers[15],
                numbers[16],
                numbers[17]);
    }
}

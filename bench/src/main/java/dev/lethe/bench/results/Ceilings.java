package dev.lethe.bench.results;

import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// The most that a machine was measured to do, by the number of threads (Williams et al. 2009,
/// "Roofline").
///
/// Bandwidth depends on where the data lie: what moves is compared with the rate of the smallest
/// copy or triad that moves at least as much.
///
/// @param f32 operations a second of sgemm
/// @param f64 operations a second of dgemm
/// @param bandwidth bytes a second by the bytes that one pass moves, a thread
public record Ceilings(
        Map<Integer, Double> f32,
        Map<Integer, Double> f64,
        Map<Integer, NavigableMap<Double, Double>> bandwidth) {
    /// The benchmark class that measures them.
    public static final String MEASURED_BY = "RooflineBenchmark";

    /// What binds an operation, and the least time it takes; NaN where no ceiling is known.
    ///
    /// @param name `sgemm`, `dgemm`, `memory`, or `-`
    public record Bound(String name, double seconds) {
        /// Of the ceiling, reached at this rate.
        public double percent(double perSecond) {
            return 100 * seconds * perSecond;
        }
    }

    /// The last of each kind that was measured on this machine.
    public static Ceilings of(List<Row> rows, Provenance here) {
        Ceilings found = new Ceilings(new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
        rows.stream()
                .filter(row -> row.type().equals(MEASURED_BY))
                .filter(row -> row.provenance().sameMachine(here))
                .forEach(found::take);
        return found;
    }

    private void take(Row row) {
        double flops = row.work().flops() * row.perSecond();
        switch (row.benchmark()) {
            case MEASURED_BY + ".sgemm" -> f32.put(row.threads(), flops);
            case MEASURED_BY + ".dgemm" ->
                    f64.put(row.threads(), row.work().flops64() * row.perSecond());
            default ->
                    bandwidth
                            .computeIfAbsent(row.threads(), _ -> new TreeMap<>())
                            .put(row.work().bytes(), row.work().bytes() * row.perSecond());
        }
    }

    /// Whether all is known for this many threads.
    public boolean covers(int threads) {
        return f32.containsKey(threads)
                && f64.containsKey(threads)
                && bandwidth.containsKey(threads);
    }

    /// The slowest of arithmetic and memory.
    public Bound bound(Work work, int threads) {
        if (!covers(threads)) {
            return new Bound("-", Double.NaN);
        }
        Bound bound = new Bound("sgemm", work.flops() / f32.get(threads));
        double doubles = work.flops64() / f64.get(threads);
        if (doubles > bound.seconds()) {
            bound = new Bound("dgemm", doubles);
        }
        double moving = work.bytes() / bytesPerSecond(work.bytes(), threads);
        if (moving > bound.seconds()) {
            bound = new Bound("memory", moving);
        }
        return bound.seconds() > 0 ? bound : new Bound("-", Double.NaN);
    }

    private double bytesPerSecond(double bytes, int threads) {
        NavigableMap<Double, Double> rates = bandwidth.get(threads);
        Double size = rates.ceilingKey(bytes / threads);
        double at = size == null ? rates.lastKey() : size;
        // copy and triad of one size move 2 : 3 bytes; the faster is the ceiling
        return rates.subMap(at / 1.6, true, at * 1.6, true).values().stream()
                .mapToDouble(rate -> rate)
                .max()
                .orElseThrow();
    }
}

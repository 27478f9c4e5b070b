package dev.lethe.bench;

import dev.lethe.bench.results.Provenance;
import dev.lethe.bench.results.ResultFiles;
import dev.lethe.bench.results.Row;
import dev.lethe.bench.results.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// Prints what is kept, without measuring.
@Command(
        name = "show",
        description = "Prints the newest rows that were measured on this machine.",
        mixinStandardHelpOptions = true)
final class ShowCommand implements Callable<Integer> {
    @Parameters(
            arity = "0..*",
            paramLabel = "NAME",
            description = "Benchmarks by a part of their name; all if none.")
    private List<String> names = List.of();

    @Override
    public Integer call() {
        ResultFiles files = Bench.files();
        Provenance here = Provenance.now();
        List<Row> shown = new ArrayList<>();
        for (String file : files.names()) {
            Map<String, Row> newest = new LinkedHashMap<>();
            for (Row row : files.read(file)) {
                if (row.provenance().sameMachine(here) && wanted(row)) {
                    newest.put(row.benchmark() + row.parameters() + row.threads(), row);
                }
            }
            shown.addAll(newest.values());
        }
        if (shown.isEmpty()) {
            throw new IllegalArgumentException(
                    "nothing of that name was measured on this machine;"
                            + " run tools/bench NAME first");
        }
        Table.of(shown, Bench.ceilings(files, here)).print(System.out);
        Growth.print(shown, System.out);
        return 0;
    }

    private boolean wanted(Row row) {
        return names.isEmpty()
                || names.stream()
                        .map(Bench::pattern)
                        .anyMatch(name -> Pattern.compile(name).matcher(row.benchmark()).find());
    }
}

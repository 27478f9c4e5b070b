package dev.lethe.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.model.checkpoint.SafeTensors;
import dev.lethe.tools.experiment.Toy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// A run at toy size that studies are asked about, and what they wrote.
///
/// @param runs the directory that has the run `toy`, its stages, and the studies
record StudiedRun(Path runs) {
    static StudiedRun make(Path directory) throws IOException {
        Path runs = directory.resolve("runs");
        String toy = Toy.write(directory).toString();
        Invocation.of("run", toy, "--runs", runs.toString(), "--quiet").assertDone();
        return new StudiedRun(runs);
    }

    /// On the run, with the numbers of a preset changed.
    Invocation study(String name, String... settings) {
        return study(name, List.of("toy"), List.of(), settings);
    }

    /// @param from runs by name
    /// @param more options
    Invocation study(String name, List<String> from, List<String> more, String... settings) {
        List<String> arguments = new ArrayList<>(List.of("study", name, "--from"));
        from.forEach(one -> arguments.add(runs.resolve(one).toString()));
        arguments.addAll(List.of("--runs", runs.toString(), "--quiet", "--set", "tokens=40"));
        for (String setting : settings) {
            arguments.addAll(List.of("--set", setting));
        }
        arguments.addAll(more);
        return Invocation.of(arguments);
    }

    record Cell(
            String model, String quantity, String part, String at, double value, double low) {}

    List<Cell> cells(String name) throws IOException {
        List<String> lines = Files.readAllLines(runs.resolve("study-" + name + "/results.csv"));
        assertEquals("study,model,quantity,part,at,value,low,high", lines.getFirst());
        return lines.stream()
                .skip(1)
                .map(line -> line.split(",", -1))
                .map(
                        f ->
                                new Cell(
                                        f[1],
                                        f[2],
                                        f[3],
                                        f[4],
                                        number(f[5]),
                                        number(f[6])))
                .toList();
    }

    /// What has no number, such as the correlation of a constant, is empty.
    private static double number(String field) {
        return field.isEmpty() ? Double.NaN : Double.parseDouble(field);
    }

    Stream<Cell> cells(String name, String quantity) throws IOException {
        return cells(name).stream().filter(cell -> cell.quantity().equals(quantity));
    }

    double cell(String name, String model, String quantity, String part)
            throws IOException {
        return cells(name, quantity)
                .filter(cell -> cell.model().equals(model) && cell.part().equals(part))
                .findFirst()
                .orElseThrow()
                .value();
    }

    /// That page, configuration and tensors are there, and each figure says what it shows.
    void assertWritten(String name, String... figures) throws IOException {
        Path place = runs.resolve("study-" + name);
        String page = Files.readString(place.resolve("report.html"));
        for (String figure : figures) {
            String svg = Files.readString(place.resolve("figures/" + figure + ".svg"));
            assertTrue(svg.contains("aria-label=\""), figure);
            assertTrue(page.contains("id=\"" + figure + "-"), figure);
            assertTrue(Files.size(place.resolve("figures/" + figure + ".png")) > 0, figure);
        }
        assertTrue(Files.readString(place.resolve("config.yaml")).contains("tokens: 40"));
        try (SafeTensors tensors = SafeTensors.open(place.resolve("tensors.safetensors"))) {
            assertTrue(tensors.names().stream().allMatch(t -> tensors.entry(t).elements() > 0));
        }
    }

    /// A copy of the run, beside the same stages.
    Path copy(String name) throws IOException {
        Path copy = Files.createDirectories(runs.resolve(name));
        for (String file : List.of("config.yaml", "summary.json", "results.csv")) {
            Files.copy(runs.resolve("toy/" + file), copy.resolve(file));
        }
        return copy;
    }

    /// A copy in which each model has a recovery of its own: the toy attack brings nothing back.
    Path recovering(String name) throws IOException {
        Path copy = copy(name);
        List<String> rows = new ArrayList<>();
        for (String row : Files.readAllLines(copy.resolve("results.csv"))) {
            rows.add(recovering(row.split(",", -1)));
        }
        Files.write(copy.resolve("results.csv"), rows);
        return copy;
    }

    private static String recovering(String[] f) {
        if (f[6].equals("relearn") && f[9].equals("forget_accuracy") && f[7].equals("0.001")) {
            double height =
                    f[2].equals("filter")
                            ? 0.1
                            : f[2].startsWith("unlearn-") && f[2].lastIndexOf('-') == 7
                                    ? 0.8
                                    : 0.2 + 0.05 * (f[2].length() % 7);
            f[10] = Double.toString(height);
        }
        if (f[9].equals("retain_accuracy")) {
            f[10] = "0.9";
        }
        return String.join(",", f);
    }
}

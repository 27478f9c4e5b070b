package dev.lethe.bench.gpu;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What is kept of a card: a file for each part that was run, and what parts left on the way.
///
/// @param folder of the card, `runs/gpu-check/<card>`
record PartFiles(Path folder) {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /// Where a part may write; exists.
    Path work(Part part) throws IOException {
        return Files.createDirectories(folder.resolve("work").resolve(part.name()));
    }

    Path log(Part part) throws IOException {
        return Files.createDirectories(folder.resolve("logs")).resolve(part.name() + ".log");
    }

    private Path file(Part part) {
        return folder.resolve("parts").resolve(part.name() + ".json");
    }

    /// The newest result of a part. A file that cannot be read counts as none.
    Optional<PartResult> read(Part part) throws IOException {
        if (!Files.exists(file(part))) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readValue(file(part).toFile(), PartResult.class));
        } catch (JsonProcessingException _) {
            return Optional.empty();
        }
    }

    void write(Part part, PartResult result) throws IOException {
        Files.createDirectories(file(part).getParent());
        replace(file(part), JSON.writeValueAsString(result) + "\n");
    }

    void forget(Part part) throws IOException {
        Files.deleteIfExists(file(part));
    }

    /// All results, in the order of the parts.
    List<PartResult> results() throws IOException {
        List<PartResult> results = new ArrayList<>();
        for (Part part : Parts.ALL) {
            read(part).ifPresent(results::add);
        }
        return results;
    }

    /// Writes `report.json` and `report.md` of all results.
    void report(Card card) throws IOException {
        Report report = new Report(card.name(), card.device(), card.description(), results());
        replace(folder.resolve("report.json"), JSON.writeValueAsString(report) + "\n");
        replace(folder.resolve("report.md"), report.markdown());
    }

    private static void replace(Path file, String text) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(fresh, text);
        Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
    }
}

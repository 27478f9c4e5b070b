package dev.lethe.tools.data;

import dev.lethe.model.data.text.ParquetText;
import java.nio.file.Path;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Text from a column of a Parquet file, as FineWeb's shards have it.
@Command(name = "parquet", description = "Packs a column of a Parquet file into token shards.")
final class ParquetCommand extends PackCommand {
    @Option(
            names = "--column",
            paramLabel = "NAME",
            defaultValue = "text",
            description = "Of strings (default: ${DEFAULT-VALUE}).")
    private String column;

    @Override
    void read(Path file, Consumer<String> documents) {
        ParquetText.read(file, column, documents);
    }
}

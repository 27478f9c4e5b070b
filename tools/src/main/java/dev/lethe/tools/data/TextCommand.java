package dev.lethe.tools.data;

import dev.lethe.model.data.text.JsonlText;
import java.nio.file.Path;
import java.util.function.Consumer;
import picocli.CommandLine.Command;

/// Text from JSON lines.
@Command(name = "text", description = "Packs JSON lines {\"text\": ...} into token shards.")
final class TextCommand extends PackCommand {
    @Override
    void read(Path file, Consumer<String> documents) {
        JsonlText.read(file, documents);
    }
}

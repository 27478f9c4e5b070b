package dev.lethe.model.data.language;

import dev.lethe.model.data.text.JsonlText;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.zip.GZIPInputStream;

/// The embedded help pages of LibreOffice (MPL-2.0), one document a page, in the files' order. Read
/// when first asked for, then kept.
public final class LanguageText {
    /// A page and its translation are on the same side.
    public enum Split {
        TRAIN,
        VALID
    }

    private record Part(Language language, Split split) {
        String file() {
            return "%s_%s.jsonl.gz"
                    .formatted(language.label(), split.name().toLowerCase(Locale.ROOT));
        }
    }

    private static final ConcurrentMap<Part, List<String>> READ = new ConcurrentHashMap<>();

    private LanguageText() {}

    public static List<String> documents(Language language, Split split) {
        return READ.computeIfAbsent(new Part(language, split), LanguageText::read);
    }

    /// Source, licence and cut of the text, which must go wherever the text goes.
    public static String notice() {
        try (InputStream in = resource("NOTICE.md")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> read(Part part) {
        List<String> documents = new ArrayList<>();
        try (InputStream in = new GZIPInputStream(resource(part.file()))) {
            JsonlText.read(in, part.file(), documents::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return List.copyOf(documents);
    }

    private static InputStream resource(String name) {
        InputStream in = LanguageText.class.getResourceAsStream(name);
        if (in == null) {
            throw new IllegalStateException(
                    "language text: expected %s in the JAR, got none; build again".formatted(name));
        }
        return in;
    }
}

package dev.lethe.tools.data;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lethe.model.checkpoint.AtomicFile;
import dev.lethe.model.data.CharacterTokenizer;
import dev.lethe.model.data.DataException;
import dev.lethe.model.data.Tokenizer;
import dev.lethe.model.data.TokenizerFile;
import dev.lethe.model.data.text.Packer;
import dev.lethe.model.data.text.TokenShard;
import dev.lethe.model.data.text.Windows;
import dev.lethe.tools.command.CommonOptions;
import dev.lethe.tools.command.Console;
import dev.lethe.tools.command.LetheCommand;
import dev.lethe.tools.command.OutputDirectory;
import dev.lethe.tools.command.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/// Packs a file of text into token shards: `tokens-00000.safetensors` and on, `summary.json`, and
/// with characters the vocabulary, `tokenizer.json`.
abstract class PackCommand extends LetheCommand {
    private static final String SHARD = "tokens-%05d.safetensors";
    private static final String SUMMARY = "summary.json";
    private static final String CHARACTERS = "characters";
    private static final String VOCABULARY = "tokenizer.json";

    @Option(
            names = "--input",
            required = true,
            paramLabel = "FILE",
            description = "Where the text is.")
    private Path input;

    @Option(
            names = "--tokenizer",
            paramLabel = "bytes|characters|FILE",
            defaultValue = TokenizerFile.BYTES,
            description =
                    "What a token is: a byte, a character, or what a model's tokenizer.json says"
                            + " (default: ${DEFAULT-VALUE}).")
    private String kind;

    @Option(
            names = "--vocabulary",
            paramLabel = "FILE",
            description = "With characters: another run's tokenizer.json instead of a new one.")
    private Path vocabulary;

    @Option(
            names = "--length",
            required = true,
            paramLabel = "T",
            description = "Input tokens a window, which holds T+1.")
    private int length;

    @Option(
            names = "--eos",
            description = "Ends each document with its mark; it always begins with one.")
    private boolean ends;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description = "A new or empty directory for the shards.")
    private Path out;

    /// What `--json` prints and `summary.json` holds.
    ///
    /// @param vocabulary ids there are
    /// @param length T
    /// @param tokens marks included
    record Report(
            String input,
            String tokenizer,
            int vocabulary,
            int length,
            boolean eos,
            long documents,
            long tokens,
            long windows,
            long padding,
            int shards) {}

    /// Hands every document of the file to `documents`, in order.
    abstract void read(Path file, Consumer<String> documents);

    @Override
    protected void run(CommonOptions options, Console console) {
        if (length < 1) {
            throw new RefusedException(
                    "--length: expected at least 1, got %d; correct it".formatted(length));
        }
        boolean characters = kind.equals(CHARACTERS);
        boolean named = characters || kind.equals(TokenizerFile.BYTES);
        if (!named && !Files.isRegularFile(Path.of(kind))) {
            throw new RefusedException(
                    "--tokenizer: expected bytes or characters, got %s, which is no file either; name one or a tokenizer.json"
                            .formatted(kind));
        }
        if (vocabulary != null && !characters) {
            throw new RefusedException(
                    ("--vocabulary: expected --tokenizer characters, got %s, whose vocabulary is"
                                    + " fixed; leave it out")
                            .formatted(kind));
        }
        Report report = OutputDirectory.write("--out", out, this::write);
        console.json(report);
        console.line("documents  %d", report.documents());
        console.line("tokens     %d, vocabulary %d", report.tokens(), report.vocabulary());
        console.line("windows    %d of %d+1 tokens", report.windows(), length);
        console.line("padding    %d tokens in the last window", report.padding());
        console.line("shards     %d in %s", report.shards(), out);
    }

    private Report write(Path directory) throws IOException {
        Tokenizer tokenizer = tokenizer();
        int[] shards = new int[1];
        Consumer<Windows> next =
                windows ->
                        TokenShard.write(directory.resolve(SHARD.formatted(shards[0]++)), windows);
        Packer packer = new Packer(tokenizer, length, ends, next);
        long[] number = new long[1];
        read(input, text -> add(packer, text, ++number[0]));
        Packer.Counts counts = packer.finish();
        Report report =
                new Report(
                        input.toString(),
                        kind,
                        tokenizer.vocabulary(),
                        length,
                        ends,
                        counts.documents(),
                        counts.tokens(),
                        counts.windows(),
                        counts.padding(),
                        shards[0]);
        if (kind.equals(CHARACTERS) && tokenizer instanceof CharacterTokenizer characters) {
            characters.save(directory.resolve(VOCABULARY));
        }
        AtomicFile.write(
                directory.resolve(SUMMARY), new JsonMapper().writeValueAsBytes(report));
        return report;
    }

    private Tokenizer tokenizer() {
        if (!kind.equals(CHARACTERS)) {
            return TokenizerFile.open(kind);
        }
        if (vocabulary != null) {
            return CharacterTokenizer.load(vocabulary);
        }
        CharacterTokenizer.Builder characters = new CharacterTokenizer.Builder();
        read(input, characters::add);
        return characters.build();
    }

    private void add(Packer packer, String text, long number) {
        try {
            packer.add(text);
        } catch (IllegalArgumentException e) {
            throw new DataException(
                    "%s: document %d: %s".formatted(input, number, e.getMessage()), e);
        }
    }
}

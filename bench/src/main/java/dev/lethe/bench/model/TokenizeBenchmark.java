package dev.lethe.bench.model;

import dev.lethe.bench.results.Counters;
import dev.lethe.bench.results.Measured;
import dev.lethe.bench.results.Work;
import dev.lethe.model.data.ByteTokenizer;
import dev.lethe.model.data.CharacterTokenizer;
import dev.lethe.model.data.Tokenizer;
import java.nio.charset.StandardCharsets;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/// A document of 100,000 characters to ids and back. The ceiling is that of reading the text's
/// bytes and writing four bytes an id.
public class TokenizeBenchmark extends Measured {
    private static final int CHARACTERS = 100_000;

    @Param({"bytes", "characters"})
    String tokenizer;

    private Tokenizer kind;
    private String text;
    private int[] ids;
    private Work work;

    @Override
    protected void prepare() {
        text = Texts.of(1, CHARACTERS);
        kind =
                switch (tokenizer) {
                    case "bytes" -> new ByteTokenizer();
                    case "characters" -> new CharacterTokenizer.Builder().add(text).build();
                    default ->
                            throw new IllegalArgumentException(
                                    "tokenizer: none is named " + tokenizer);
                };
        ids = kind.encode(text);
        int units =
                tokenizer.equals("bytes")
                        ? text.getBytes(StandardCharsets.UTF_8).length
                        : text.codePointCount(0, text.length());
        if (ids.length != units || !kind.decode(ids).equals(text)) {
            throw new IllegalStateException(
                    "tokenize: expected %d ids that give the text back, got %d"
                            .formatted(units, ids.length));
        }
        work = Work.of(0, text.getBytes(StandardCharsets.UTF_8).length + 4.0 * ids.length);
    }

    /// Text to ids.
    @Benchmark
    public int[] encode(Counters counters) {
        counters.add(work);
        counters.tokens += ids.length;
        return kind.encode(text);
    }

    /// Ids to text.
    @Benchmark
    public String decode(Counters counters) {
        counters.add(work);
        counters.tokens += ids.length;
        return kind.decode(ids);
    }

    @Override
    protected void release() {
        ids = null;
    }
}

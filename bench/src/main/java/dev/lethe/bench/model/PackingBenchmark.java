package dev.lethe.bench.model;

import dev.lethe.bench.results.Counters;
import dev.lethe.bench.results.Measured;
import dev.lethe.bench.results.Work;
import dev.lethe.model.data.ByteTokenizer;
import dev.lethe.model.data.text.Packer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/// Documents of bytes to windows, tokenizing included. The ceiling is that of reading a byte and
/// writing four bytes an id.
public class PackingBenchmark extends Measured {
    private static final int DOCUMENTS = 200;
    private static final int CHARACTERS = 1_000;

    /// Inputs a window: those of S, of M, and an odd number.
    @Param({"64", "256", "129"})
    int inputs;

    private final ByteTokenizer tokenizer = new ByteTokenizer();
    private List<String> texts;
    private int tokens;

    @Override
    protected void prepare() {
        texts = IntStream.range(0, DOCUMENTS).mapToObj(i -> Texts.of(i, CHARACTERS)).toList();
        Packer.Packed packed = Packer.pack(texts, tokenizer, inputs, true);
        List<Integer> all = new ArrayList<>();
        for (String text : texts) {
            all.add(tokenizer.bosId());
            Arrays.stream(tokenizer.encode(text)).forEach(all::add);
            all.add(tokenizer.eosId());
        }
        tokens = all.size();
        while (all.size() % (inputs + 1) != 0) {
            all.add(tokenizer.padId());
        }
        int[] expected = all.stream().mapToInt(Integer::intValue).toArray();
        Checks.requireEqual("packing", expected, packed.windows().ids());
    }

    /// All windows.
    @Benchmark
    public Packer.Packed pack(Counters counters) {
        counters.add(Work.of(0, 5.0 * tokens));
        counters.tokens += tokens;
        return Packer.pack(texts, tokenizer, inputs, true);
    }

    @Override
    protected void release() {
        texts = null;
    }
}

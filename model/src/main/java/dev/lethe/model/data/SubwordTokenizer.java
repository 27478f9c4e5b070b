package dev.lethe.model.data;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Pieces of words by a `tokenizer.json` as Hugging Face has it, such as that of Gemma 2.
///
/// Texts are encoded whole and without the marks that the file would add; which ids the marks have is
/// read from the file's added tokens.
public final class SubwordTokenizer implements Tokenizer {
    private static final List<String> BEGIN = List.of("<bos>", "<s>", "[CLS]", "<|endoftext|>");
    private static final List<String> END = List.of("<eos>", "</s>", "[SEP]", "<|endoftext|>");
    private static final List<String> PAD = List.of("<pad>", "[PAD]", "<eos>", "</s>");

    static {
        // The library else asks an address of a cloud whether it runs there.
        System.setProperty("OPT_OUT_TRACKING", "true");
        System.setProperty("ai.djl.offline", "true");
    }

    private final HuggingFaceTokenizer tokenizer;
    private final int vocabulary;
    private final int pad;
    private final int bos;
    private final int eos;

    /// @throws DataException where the file is no such tokenizer, or has no marks
    public SubwordTokenizer(Path file) {
        try {
            JsonNode tree = new JsonMapper().readTree(file.toFile());
            Map<String, Integer> marks = new HashMap<>();
            int largest = tree.path("model").path("vocab").size() - 1;
            for (JsonNode token : tree.path("added_tokens")) {
                int id = token.path("id").asInt();
                marks.put(token.path("content").asText(), id);
                largest = Math.max(largest, id);
            }
            vocabulary = largest + 1;
            bos = mark(file, marks, BEGIN);
            eos = mark(file, marks, END);
            pad = mark(file, marks, PAD);
            tokenizer =
                    HuggingFaceTokenizer.builder()
                            .optTokenizerPath(file)
                            .optAddSpecialTokens(false)
                            .optTruncation(false)
                            .optPadding(false)
                            .build();
        } catch (IOException | RuntimeException e) {
            if (e instanceof DataException own) {
                throw own;
            }
            throw new DataException(
                    "%s: expected a tokenizer.json as Hugging Face has it, got: %s; fetch the model's own"
                            .formatted(file, firstLine(e)),
                    e);
        }
    }

    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason");
    }

    private static int mark(Path file, Map<String, Integer> marks, List<String> names) {
        return names.stream()
                .filter(marks::containsKey)
                .map(marks::get)
                .findFirst()
                .orElseThrow(
                        () ->
                                new DataException(
                                        "%s: expected an added token %s, got %s; use another tokenizer"
                                                .formatted(
                                                        file,
                                                        String.join(" or ", names),
                                                        marks.keySet())));
    }

    @Override
    public int[] encode(String text) {
        return Arrays.stream(tokenizer.encode(text, false, false).getIds())
                .mapToInt(Math::toIntExact)
                .toArray();
    }

    @Override
    public String decode(int[] ids) {
        for (int id : ids) {
            if (id < 0 || id >= vocabulary) {
                throw new IllegalArgumentException(
                        "tokenizer: id %d is outside the vocabulary; expected 0 to %d"
                                .formatted(id, vocabulary - 1));
            }
        }
        return tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), true);
    }

    @Override
    public int vocabulary() {
        return vocabulary;
    }

    @Override
    public int padId() {
        return pad;
    }

    @Override
    public int bosId() {
        return bos;
    }

    @Override
    public int eosId() {
        return eos;
    }
}

package dev.lethe.model.golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lethe.engine.backend.Backend;
import dev.lethe.engine.memory.DType;
import dev.lethe.engine.optim.Parameters;
import dev.lethe.engine.reference.ReferenceBackend;
import dev.lethe.model.checkpoint.SafeTensors;
import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Checkpoint;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// One case of the golden data, which public reference code made (`golden/README.md`), with its
/// models on the reference backend.
final class GoldenCase implements AutoCloseable {
    /// Their folders.
    static final List<String> NAMES = List.of("A_tiny", "B_wide");

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Backend backend = new ReferenceBackend();
    private final Map<String, SafeTensors> files = new HashMap<>();
    private final Path directory;
    private final JsonNode expected;
    private final Gemma2 model;
    private final Gemma2 teacher;
    private final Gemma2 frozen;
    private final StepBatch batch;

    GoldenCase(String name, DType dtype) throws IOException, URISyntaxException {
        URI config = GoldenCase.class.getResource("/golden/" + name + "/config.json").toURI();
        directory = Path.of(config).getParent();
        expected = JSON.readTree(directory.resolve("expected.json").toFile());
        model = Gemma2Checkpoint.load(directory, backend, dtype);
        Path teacherFile = directory.resolve("teacher.safetensors");
        teacher = Gemma2Checkpoint.load(teacherFile, model.config(), backend, dtype);
        frozen = model.copy();
        for (String parameter : frozenOverrides()) {
            String stored = "rmu.frozen." + parameter;
            Gemma2Checkpoint.copy(file("inputs"), stored, frozen.parameters(), parameter);
        }
        Map<StepBatch.Role, Batch> batches = new EnumMap<>(StepBatch.Role.class);
        for (StepBatch.Role role : StepBatch.Role.values()) {
            batches.put(role, batch(role.label()));
        }
        batch = StepBatch.of(batches);
    }

    private Batch batch(String role) {
        List<Long> shape = file("inputs").entry(role + ".input_ids").shape();
        int rows = shape.get(0).intValue();
        int tokens = shape.get(1).intValue();
        int[] mask = file("inputs").toInts(role + ".attention_mask");
        int[] lengths = Batch.lengths(role + ".attention_mask", rows, tokens, mask);
        return Batch.shifted(rows, tokens, file("inputs").toInts(role + ".input_ids"), lengths);
    }

    /// The weights in which the frozen model of RMU differs from the student.
    static List<String> frozenOverrides() {
        return List.of(
                "model.layers.0.mlp.down_proj.weight", "model.layers.1.mlp.down_proj.weight");
    }

    Backend backend() {
        return backend;
    }

    Gemma2 model() {
        return model;
    }

    Parameters parameters() {
        return model.parameters();
    }

    Gemma2 teacher() {
        return teacher;
    }

    Gemma2 frozen() {
        return frozen;
    }

    StepBatch batch() {
        return batch;
    }

    /// A value of `expected.json` by its path of keys.
    JsonNode expected(String... keys) {
        JsonNode node = expected;
        for (String key : keys) {
            node = node.required(key);
        }
        return node;
    }

    /// A safetensors file of the case, opened once.
    SafeTensors file(String stem) {
        return files.computeIfAbsent(
                stem, name -> SafeTensors.open(directory.resolve(name + ".safetensors")));
    }

    @Override
    public void close() {
        files.values().forEach(SafeTensors::close);
        frozen.close();
        teacher.close();
        model.close();
        backend.close();
    }
}

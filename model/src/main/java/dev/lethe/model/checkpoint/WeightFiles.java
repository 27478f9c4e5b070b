package dev.lethe.model.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The weights of one model, in one safetensors file or in shards listed by an index, seen as one.
public final class WeightFiles implements TensorSource {
    /// The file of a model that is not sharded.
    public static final String SINGLE = "model.safetensors";

    /// The index of a sharded model.
    public static final String INDEX = "model.safetensors.index.json";

    private final Path path;
    private final List<SafeTensors> files = new ArrayList<>();
    private final Map<String, SafeTensors> homes = new LinkedHashMap<>();

    private WeightFiles(Path path) {
        this.path = path;
    }

    /// Opens `model.safetensors` or else `model.safetensors.index.json` of a directory, or the file
    /// given.
    ///
    /// @throws CheckpointException where nothing is there, or the index or a shard is wrong in any
    /// way
    public static WeightFiles open(Path place) {
        Path path = Files.isDirectory(place) ? inDirectory(place) : place;
        WeightFiles weights = new WeightFiles(path);
        try {
            if (path.toString().endsWith(".json")) {
                weights.openShards(ShardIndex.read(path));
            } else {
                SafeTensors file = weights.openFile(path);
                file.names().forEach(name -> weights.homes.put(name, file));
            }
            return weights;
        } catch (RuntimeException e) {
            weights.close();
            throw e;
        }
    }

    private static Path inDirectory(Path directory) {
        for (String name : List.of(SINGLE, INDEX)) {
            if (Files.exists(directory.resolve(name))) {
                return directory.resolve(name);
            }
        }
        throw new CheckpointException(
                "%s: expected %s or %s in it, got neither; name a checkpoint directory"
                        .formatted(directory, SINGLE, INDEX));
    }

    private void openShards(Map<String, Path> index) {
        Map<Path, SafeTensors> shards = new LinkedHashMap<>();
        index.forEach(
                (name, shard) -> {
                    SafeTensors file = shards.computeIfAbsent(shard, this::openShard);
                    if (!file.contains(name)) {
                        throw new CheckpointException(
                                ("%s: weight `%s`: expected in shard %s, got a shard without it;"
                                                + " fetch the shard or write the index again")
                                        .formatted(path, name, shard.getFileName()));
                    }
                    homes.put(name, file);
                });
    }

    private SafeTensors openShard(Path shard) {
        if (!Files.exists(shard)) {
            throw new CheckpointException(
                    "%s: expected shard %s beside it, got no such file; fetch the missing shard"
                            .formatted(path, shard.getFileName()));
        }
        return openFile(shard);
    }

    private SafeTensors openFile(Path file) {
        SafeTensors opened = SafeTensors.open(file);
        files.add(opened);
        return opened;
    }

    @Override
    public Path path() {
        return path;
    }

    /// The names of all shards together, in the order of the index.
    @Override
    public List<String> names() {
        return List.copyOf(homes.keySet());
    }

    @Override
    public boolean contains(String name) {
        return homes.containsKey(name);
    }

    @Override
    public Entry entry(String name) {
        SafeTensors home = homes.get(name);
        if (home == null) {
            throw new CheckpointException(
                    ("%s: expected a weight `%s`, got %d others; "
                                    + "use a checkpoint that belongs to this configuration")
                            .formatted(path, name, homes.size()));
        }
        return home.entry(name);
    }

    @Override
    public void close() {
        files.forEach(SafeTensors::close);
    }
}

package dev.lethe.model.checkpoint;

import java.nio.file.Path;
import java.util.List;

/// Named tensors that stand in one file ([SafeTensors]) or in several ([WeightFiles]), mapped until
/// closed.
public sealed interface TensorSource extends AutoCloseable permits SafeTensors, WeightFiles {
    /// The file (or index) that errors name.
    Path path();

    /// All names, in the order of the data.
    List<String> names();

    boolean contains(String name);

    /// The tensor of this name.
    ///
    /// @throws CheckpointException where there is none
    Entry entry(String name);

    /// The tensor of this name and shape.
    ///
    /// @throws CheckpointException where there is none, or its shape differs
    default Entry entry(String name, List<Long> shape) {
        Entry entry = entry(name);
        if (!entry.shape().equals(shape)) {
            throw new CheckpointException(
                    ("%s: tensor `%s`: expected shape %s, got %s; "
                                    + "use a checkpoint that belongs to this configuration")
                            .formatted(path(), name, shape, entry.shape()));
        }
        return entry;
    }

    /// As [Entry#toDoubles()].
    default double[] toDoubles(String name) {
        return entry(name).toDoubles();
    }

    /// As [Entry#toFloats()].
    default float[] toFloats(String name) {
        return entry(name).toFloats();
    }

    /// As [Entry#toInts()].
    default int[] toInts(String name) {
        return entry(name).toInts();
    }

    /// Unmaps the files. Entries handed out are dead from then on.
    @Override
    void close();
}

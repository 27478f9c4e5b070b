package dev.lethe.tools.study;

import dev.lethe.tools.command.RefusedException;
import java.nio.file.Path;
import java.util.List;

/// What several runs are called beside each other: by as much of the ends of their paths as tells
/// them apart.
final class RunNames {
    private RunNames() {}

    /// Empty for one run alone.
    ///
    /// @param places all runs, this one among them
    /// @throws RefusedException for a run that is named twice
    static String of(Path place, List<Path> places) {
        if (places.size() == 1) {
            return "";
        }
        Path own = place.toAbsolutePath().normalize();
        for (int parts = 1; parts <= own.getNameCount(); parts++) {
            Path end = end(own, parts);
            long alike =
                    places.stream()
                            .map(other -> other.toAbsolutePath().normalize())
                            .filter(other -> other.endsWith(end))
                            .count();
            if (alike == 1) {
                return end.toString().replace('/', '-');
            }
        }
        throw new RefusedException(
                "--from: expected different runs, got %s twice; leave one out".formatted(place));
    }

    private static Path end(Path path, int parts) {
        return path.subpath(path.getNameCount() - parts, path.getNameCount());
    }
}

package dev.lethe.kernels.cpu;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Properties;

/// Takes OpenBLAS out of the `org.bytedeco:openblas` jar on the class path and loads it.
///
/// The files are kept in a directory of the temporary directory that only this user may write, one
/// a version; a file is written beside and renamed, so that processes starting at once do not meet
/// half a library.
final class OpenBlasLibrary {
    private static final String FOLDER = "/org/bytedeco/openblas/linux-x86_64/";
    private static final String PROPERTIES = "/META-INF/maven/org.bytedeco/openblas/pom.properties";

    // In the order of need: the loader finds each by name once it is in the process.
    private static final List<String> NEEDED =
            List.of("libgcc_s.so.1", "libquadmath.so.0", "libgfortran.so.5");
    private static final String LIBRARY = "libopenblas.so.0";

    private OpenBlasLibrary() {}

    /// @throws IOException if the jar is not on the class path or the files cannot be written
    /// @throws IllegalArgumentException if the system refuses to load them
    @SuppressWarnings("restricted") // loading native code is what this class is for
    static SymbolLookup load() throws IOException {
        Path directory = directory();
        for (String name : NEEDED) {
            SymbolLookup.libraryLookup(extract(name, directory), Arena.global());
        }
        return SymbolLookup.libraryLookup(extract(LIBRARY, directory), Arena.global());
    }

    private static Path directory() throws IOException {
        Path directory =
                Path.of(
                        System.getProperty("java.io.tmpdir"),
                        "lethe-%s".formatted(System.getProperty("user.name")),
                        "openblas-" + version());
        Files.createDirectories(
                directory,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        // Anyone may create names in a shared temporary directory: run nobody else's code.
        Path owned = directory.getParent();
        if (!Files.getOwner(owned).equals(Files.getOwner(Path.of("/proc/self")))) {
            throw new IOException(
                    "%s belongs to %s; set -Djava.io.tmpdir to a directory of your own"
                            .formatted(owned, Files.getOwner(owned)));
        }
        return directory;
    }

    private static String version() throws IOException {
        Properties properties = new Properties();
        try (InputStream in = resource(PROPERTIES).openStream()) {
            properties.load(in);
        }
        return properties.getProperty("version");
    }

    /// The file of that name in `directory`, copied there unless it is whole already.
    static Path extract(String name, Path directory) throws IOException {
        Path file = directory.resolve(name);
        URLConnection resource = resource(FOLDER + name).openConnection();
        long size = resource.getContentLengthLong();
        if (Files.isRegularFile(file) && Files.size(file) == size) {
            return file;
        }
        Path beside = Files.createTempFile(directory, name, ".part");
        try (InputStream in = resource.getInputStream()) {
            long copied = Files.copy(in, beside, StandardCopyOption.REPLACE_EXISTING);
            if (copied != size) {
                throw new IOException(
                        "%s: %d bytes were expected, got %d; free space in %s"
                                .formatted(name, size, copied, directory));
            }
            return Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(beside);
        }
    }

    private static URL resource(String path) throws IOException {
        URL url = OpenBlasLibrary.class.getResource(path);
        if (url == null) {
            throw new FileNotFoundException(
                    path.substring(1)
                            + " is not on the class path; add org.bytedeco:openblas:linux-x86_64");
        }
        return url;
    }
}

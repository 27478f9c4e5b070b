package dev.lethe.kernels.cpu;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Properties;

/// Takes a native library out of its `org.bytedeco` jar on the class path and loads it.
///
/// The files are kept in a directory of the temporary directory that only this user may write, one
/// a version; a file is written beside and renamed, so that processes starting at once do not meet
/// half a library.
///
/// @param artifact for instance `openblas`
/// @param needed files that the library needs, in the order of need: the loader finds each by name
///     once it is in the process
/// @param file the library itself
record BundledLibrary(String artifact, List<String> needed, String file) {
    /// @throws IOException if the jar is not on the class path or the files cannot be written
    /// @throws IllegalArgumentException if the system refuses to load them
    @SuppressWarnings("restricted") // loading native code is what this class is for
    SymbolLookup load() throws IOException {
        Path directory = directory();
        for (String name : needed) {
            SymbolLookup.libraryLookup(extract(name, directory), Arena.global());
        }
        return SymbolLookup.libraryLookup(extract(file, directory), Arena.global());
    }

    /// @throws java.util.NoSuchElementException if the library has no such function
    @SuppressWarnings("restricted") // calling native code is what this class is for
    static MethodHandle function(
            SymbolLookup library, String name, FunctionDescriptor descriptor) {
        return Linker.nativeLinker().downcallHandle(library.findOrThrow(name), descriptor);
    }

    private Path directory() throws IOException {
        Path directory =
                Path.of(
                        System.getProperty("java.io.tmpdir"),
                        "lethe-%s".formatted(System.getProperty("user.name")),
                        artifact + "-" + version());
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

    private String version() throws IOException {
        Properties properties = new Properties();
        String path = "/META-INF/maven/org.bytedeco/%s/pom.properties".formatted(artifact);
        try (InputStream in = resource(path).openStream()) {
            properties.load(in);
        }
        return properties.getProperty("version");
    }

    /// The file of that name in `directory`, copied there unless it is whole already.
    Path extract(String name, Path directory) throws IOException {
        Path file = directory.resolve(name);
        String path = "/org/bytedeco/%s/linux-x86_64/%s".formatted(artifact, name);
        URLConnection resource = resource(path).openConnection();
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

    private URL resource(String path) throws IOException {
        URL url = BundledLibrary.class.getResource(path);
        if (url == null) {
            throw new FileNotFoundException(
                    "%s is not on the class path; add org.bytedeco:%s:linux-x86_64"
                            .formatted(path.substring(1), artifact));
        }
        return url;
    }
}

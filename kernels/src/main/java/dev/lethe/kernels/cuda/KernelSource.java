package dev.lethe.kernels.cuda;

import dev.lethe.engine.memory.DType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/// A family's `.cu` file beside this class, and the prototypes of its kernels as Java calls them. A
/// test holds the two against each other.
///
/// @param family the file's name without `.cu`, with which every kernel's name begins
/// @param contraction whether products and sums may be joined to one rounding: faster, and no
///     longer the bits of plain loops
record KernelSource(String family, boolean contraction, List<KernelSignature> signatures) {
    /// What a source may include, by name; the first it must.
    static final List<String> HEADERS =
            List.of(
                    "element.cuh",
                    "block.cuh",
                    "pack.cuh",
                    "philox.cuh",
                    "tensorcore.cuh",
                    "tensortiles.cuh",
                    "plaintiles.cuh",
                    "tiles.cuh");

    /// Every product and every sum rounded by itself.
    static KernelSource exact(String family, String... prototypes) {
        return new KernelSource(family, false, parse(prototypes));
    }

    /// Products and sums joined where the compiler sees fit.
    static KernelSource contracted(String family, String... prototypes) {
        return new KernelSource(family, true, parse(prototypes));
    }

    private static List<KernelSignature> parse(String... prototypes) {
        return Arrays.stream(prototypes).map(KernelSignature::parse).toList();
    }

    /// A kernel to launch.
    Kernel kernel(String name) {
        return new Kernel(
                this,
                signatures.stream()
                        .filter(signature -> signature.name().equals(name))
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        new IllegalArgumentException(
                                                "%s.cu has no kernel %s; it has %s"
                                                        .formatted(family, name, signatures))));
    }

    /// One kernel; compared by identity, as launches are looked up by it.
    static final class Kernel {
        private final KernelSource source;
        private final KernelSignature signature;

        private Kernel(KernelSource source, KernelSignature signature) {
            this.source = source;
            this.signature = signature;
        }

        KernelSource source() {
            return source;
        }

        KernelSignature signature() {
            return signature;
        }
    }

    String fileName() {
        return family + ".cu";
    }

    String text() {
        return resource(fileName());
    }

    /// Texts of [#HEADERS].
    static List<String> headerTexts() {
        return HEADERS.stream().map(KernelSource::resource).toList();
    }

    private static String resource(String name) {
        try (InputStream in = KernelSource.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(
                        "kernel source %s is not on the class path; build the module anew"
                                .formatted(name));
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("kernel source " + name + " cannot be read", e);
        }
    }

    /// Options of the compiler, apart from the architecture.
    List<String> options(DType element) {
        return List.of(
                "--std=c++17", "--fmad=" + contraction, "-DELEMENT_" + element.name());
    }
}

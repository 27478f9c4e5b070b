package dev.lethe.model.checkpoint;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// Writes tensors for NumPy: a `.npz`, which is a ZIP archive of one `.npy` (format version 1.0 or
/// 2.0 of NumPy's specification) a tensor, not compressed. `numpy.load(file)[name]` reads one.
///
/// NumPy has no BF16: such tensors become F32, which holds each of their values.
public final class NpzWriter {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int ALIGNMENT = 64;
    private static final int LONGEST_VERSION_1 = 65_535;
    private static final int CHUNK = 1 << 20;

    private NpzWriter() {}

    /// Writes a file whole or not at all.
    ///
    /// @param tensors each with a name of its own; a name may have dots and slashes
    /// @throws CheckpointException where the place cannot be written
    public static void write(Path file, List<Entry> tensors) {
        AtomicFile.write(
                file,
                channel -> {
                    // Zip64, which NumPy reads, is the archive's own choice where it grows large.
                    ZipOutputStream archive =
                            new ZipOutputStream(
                                    Channels.newOutputStream(channel), StandardCharsets.UTF_8);
                    archive.setLevel(Deflater.NO_COMPRESSION);
                    for (Entry tensor : tensors) {
                        archive.putNextEntry(entry(tensor));
                        write(archive, tensor);
                        archive.closeEntry();
                    }
                    archive.finish();
                });
    }

    /// Equal tensors make equal files: no time of writing.
    private static ZipEntry entry(Entry tensor) {
        ZipEntry entry = new ZipEntry(tensor.name() + ".npy");
        entry.setTimeLocal(LocalDateTime.of(1980, 1, 1, 0, 0));
        return entry;
    }

    private static void write(OutputStream out, Entry tensor) throws IOException {
        out.write(header(tensor));
        if (stored(tensor.dtype()) == tensor.dtype()) {
            copy(tensor.bytes(), out);
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment wide = arena.allocate(Float.BYTES * tensor.elements(), Float.BYTES);
            tensor.copyTo(ElementType.F32, wide);
            copy(littleEndian(wide), out);
        }
    }

    private static MemorySegment littleEndian(MemorySegment floats) {
        if (ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN) {
            ValueLayout.OfInt to = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
            for (long at = 0; at < floats.byteSize(); at += Float.BYTES) {
                floats.set(to, at, floats.get(ValueLayout.JAVA_INT, at));
            }
        }
        return floats;
    }

    private static void copy(MemorySegment bytes, OutputStream out) throws IOException {
        byte[] chunk = new byte[(int) Math.min(CHUNK, bytes.byteSize())];
        for (long at = 0; at < bytes.byteSize(); at += chunk.length) {
            int length = (int) Math.min(chunk.length, bytes.byteSize() - at);
            MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, at, chunk, 0, length);
            out.write(chunk, 0, length);
        }
    }

    private static ElementType stored(ElementType dtype) {
        return dtype == ElementType.BF16 ? ElementType.F32 : dtype;
    }

    private static byte[] header(Entry tensor) {
        String shape =
                tensor.shape().stream().map(size -> size + ",").collect(Collectors.joining(" "));
        String described =
                "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }"
                        .formatted(description(stored(tensor.dtype())), shape);
        int version = described.length() + ALIGNMENT > LONGEST_VERSION_1 ? 2 : 1;
        int before = MAGIC.length + 2 + (version == 1 ? Short.BYTES : Integer.BYTES);
        int padding = Math.floorMod(-(before + described.length() + 1), ALIGNMENT);
        byte[] text =
                (described + " ".repeat(padding) + "\n").getBytes(StandardCharsets.US_ASCII);
        byte[] header = new byte[before + text.length];
        System.arraycopy(MAGIC, 0, header, 0, MAGIC.length);
        header[MAGIC.length] = (byte) version;
        for (int i = MAGIC.length + 2; i < before; i++) {
            header[i] = (byte) (text.length >>> 8 * (i - MAGIC.length - 2));
        }
        System.arraycopy(text, 0, header, before, text.length);
        return header;
    }

    /// The type string of NumPy's array interface.
    private static String description(ElementType dtype) {
        return switch (dtype) {
            case F64 -> "<f8";
            case F32, BF16 -> "<f4";
            case F16 -> "<f2";
            case I64 -> "<i8";
            case I32 -> "<i4";
        };
    }
}

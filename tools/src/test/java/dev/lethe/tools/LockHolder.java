package dev.lethe.tools;

import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Another process that works on a stage: holds its lock until it is told to end.
final class LockHolder {
    private LockHolder() {}

    /// @param arguments the lock's file
    public static void main(String[] arguments) throws Exception {
        Path lock = Path.of(arguments[0]);
        try (FileChannel channel =
                FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.lock();
            System.out.println("locked");
            System.in.read();
        }
    }
}

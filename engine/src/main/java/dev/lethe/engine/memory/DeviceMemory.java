package dev.lethe.engine.memory;

/// Memory of a device that is not the host's.
///
/// @param freeBytes that nobody has now
/// @param totalBytes that there are
public record DeviceMemory(long freeBytes, long totalBytes) {}

package dev.lethe.tools.command;

/// The words of `--device`.
public enum Device {
    AUTO,
    CPU,
    CUDA,
    REFERENCE
}

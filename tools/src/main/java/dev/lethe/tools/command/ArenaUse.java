package dev.lethe.tools.command;

import com.fasterxml.jackson.annotation.JsonProperty;

import dev.lethe.engine.memory.BlockPool;

/// What `--json` says of the memory that tensors lie in: arenas of steps, parameters, optimizer
/// state, on the host or the device.
///
/// @param peakBytes the most that was held at once
/// @param blocks held now, of the host or the device
public record ArenaUse(@JsonProperty("peak_bytes") long peakBytes, int blocks) {
    /// Of all that a backend handed out so far.
    public static ArenaUse of(BlockPool memory) {
        return new ArenaUse(memory.peakBytes(), memory.blocks());
    }
}

package dev.lethe.tools.progress;

import java.util.function.Consumer;

/// How to show that something goes on.
///
/// @param notes takes the lines of [Style#LINES]
public record Progress(Style style, Consumer<String> notes) {
    /// Ways to show it.
    public enum Style {
        /// A bar that moves, on the terminal's standard error.
        BAR,
        /// A line every few seconds and one at the end.
        LINES,
        /// Nothing.
        NONE
    }

    /// A bar on a terminal, else lines; nothing when quiet.
    public static Progress on(boolean quiet, Consumer<String> notes) {
        boolean terminal = System.console() != null && System.console().isTerminal();
        return new Progress(quiet ? Style.NONE : terminal ? Style.BAR : Style.LINES, notes);
    }

    /// Says a line between stages; nothing when quiet.
    public void announce(String line) {
        if (style != Style.NONE) {
            notes.accept(line);
        }
    }

    /// Begins a work.
    ///
    /// @param total in any unit
    public WorkProgress work(double total) {
        return new WorkProgress(this, total);
    }
}

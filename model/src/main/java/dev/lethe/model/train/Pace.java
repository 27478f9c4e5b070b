package dev.lethe.model.train;

/// How far the host may go ahead of a device that can keep a step and repeat it. Whatever the
/// pace, the bits are the same.
///
/// @param repeated whether steps are kept and repeated where backend, objective and rule allow it
/// @param readBack steps after which losses and norms are read, which waits for the device; 1 for
///     each. Observers hear of steps then; before a check and at the end all are read
public record Pace(boolean repeated, int readBack) {
    /// Far enough that waiting costs nothing, near enough to watch.
    public static final Pace USUAL = new Pace(true, 16);

    /// Every call from the host, every step.
    public static final Pace DIRECT = new Pace(false, 1);

    public Pace {
        if (readBack < 1) {
            throw new IllegalArgumentException(
                    "pace: readBack: expected at least 1 step, got " + readBack);
        }
    }
}

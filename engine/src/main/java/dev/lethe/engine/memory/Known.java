package dev.lethe.engine.memory;

/// Immutable values made before, by hash: a training step asks for the same few again and again, and
/// gets them without garbage. A place holds the value last kept there. Races are harmless as long as
/// the fields of a value are final.
///
/// @param <T> type of the values
public final class Known<T> {
    // 2^32 over the golden ratio: sizes are round numbers, whose low bits are alike.
    private static final int SPREAD = 0x9E3779B9;

    private final Object[] values;
    private final int shift;

    /// @param places a power of 2, at least 2
    public Known(int places) {
        values = new Object[places];
        shift = Integer.numberOfLeadingZeros(places - 1);
    }

    /// What was last kept where the hash leads, which may be another value than the one meant; null
    /// for nothing.
    @SuppressWarnings("unchecked") // only keep() puts values in
    public T get(int hash) {
        return (T) values[place(hash)];
    }

    /// Keeps a value for [#get] with its hash.
    ///
    /// @return the value
    public T keep(int hash, T value) {
        values[place(hash)] = value;
        return value;
    }

    private int place(int hash) {
        return hash * SPREAD >>> shift;
    }
}

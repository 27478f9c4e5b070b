package dev.lethe.model.spectra;

/// Told after every product, so that a person can be shown how far a long computation is.
@FunctionalInterface
public interface Progress {
    Progress NONE = (_, _) -> {};

    /// @param done products so far
    /// @param most products at most
    void after(int done, int most);
}

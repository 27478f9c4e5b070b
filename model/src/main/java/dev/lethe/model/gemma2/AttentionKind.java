package dev.lethe.model.gemma2;

/// Which earlier positions a layer's queries see.
public enum AttentionKind {
    /// The last `slidingWindow` positions, its own included: `i - window < j <= i`.
    SLIDING("sliding_attention"),
    /// All positions `j <= i`.
    FULL("full_attention");

    private final String huggingFaceName;

    AttentionKind(String huggingFaceName) {
        this.huggingFaceName = huggingFaceName;
    }

    /// The word of `layer_types` in `config.json`.
    String huggingFaceName() {
        return huggingFaceName;
    }
}

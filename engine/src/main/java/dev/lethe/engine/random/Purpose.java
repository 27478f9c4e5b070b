package dev.lethe.engine.random;

/// What random numbers are drawn for. Two purposes never share a number, whatever the seed.
///
/// The code is part of every draw's address, so it is written down here and never taken from the
/// order of the constants: changing one changes every run ever made with it. A retired code is not
/// given out again.
public enum Purpose {
    /// Fresh weights of a model.
    INITIALIZATION(1),
    /// Noise that UNDO mixes into the weights.
    PERTURBATION(2),
    /// RMU's direction for the forget activations.
    CONTROL_VECTOR(3),
    /// Order in which stored examples are visited.
    DATA_ORDER(4),
    /// Examples drawn or composed on the fly.
    DATA_GENERATION(5),
    /// Tokens drawn from a model.
    SAMPLING(6),
    /// Choice of examples, or of a part of them, on which a model is judged.
    EVALUATION(7),
    /// Rounding of weights to a shorter type with odds given by the remainder.
    STOCHASTIC_ROUNDING(8),
    /// Directions along which derivatives are checked or estimated.
    PROBE(9),
    /// Noise that hidden states of harmful data are drawn to (RepNoise).
    REPRESENTATION_NOISE(10);

    private final int code;

    Purpose(int code) {
        this.code = code;
    }

    /// The 32-bit word that stands for this purpose in the counter.
    public int code() {
        return code;
    }
}

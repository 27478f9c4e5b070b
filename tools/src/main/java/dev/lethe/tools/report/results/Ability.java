package dev.lethe.tools.report.results;

/// The unit in which a task counts ability, larger being more able: accuracy, or minus the
/// cross-entropy of a language.
public enum Ability {
    ACCURACY(Metric.FORGET_ACCURACY, Metric.RETAIN_ACCURACY, Metric.FORGET_HELDOUT_ACCURACY, 1),
    CROSS_ENTROPY(Metric.FORGET_CE, Metric.RETAIN_CE, Metric.FORGET_HELDOUT_CE, -1);

    private final Metric forget;
    private final Metric retain;
    private final Metric heldOut;
    private final int sign;

    Ability(Metric forget, Metric retain, Metric heldOut, int sign) {
        this.forget = forget;
        this.retain = retain;
        this.heldOut = heldOut;
        this.sign = sign;
    }

    public Metric forget() {
        return forget;
    }

    public Metric retain() {
        return retain;
    }

    public Metric heldOut() {
        return heldOut;
    }

    /// Ability of a measured value, and the measured value of an ability.
    public double of(double value) {
        return sign * value;
    }

    /// What a model lost of its teacher's retain ability: a difference of accuracies, or a share of
    /// the teacher's cross-entropy. Negative where it gained.
    public double loss(double model, double teacher) {
        return this == ACCURACY ? teacher - model : model / teacher - 1;
    }

    /// Whether an attack has brought a model back to base.
    ///
    /// @param value measured of the attacked model
    /// @param revival least share of base's accuracy, or greatest multiple of its cross-entropy
    public boolean revives(double value, double base, double revival) {
        return this == ACCURACY ? value >= revival * base : value <= revival * base;
    }
}

package dev.lethe.model.stage;

/// What a training took.
///
/// @param steps updates
/// @param tokens real tokens, padding not counted
/// @param flops forward and backward of the trained model, padding counted, evaluation not
/// @param teacherFlops forward passes of a model that is held fixed
public record Compute(long steps, long tokens, double flops, double teacherFlops) {
    /// Nothing yet.
    public static final Compute NONE = new Compute(0, 0, 0, 0);

    /// Both together.
    public Compute plus(Compute more) {
        return new Compute(
                steps + more.steps,
                tokens + more.tokens,
                flops + more.flops,
                teacherFlops + more.teacherFlops);
    }
}

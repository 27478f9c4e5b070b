package dev.lethe.model.stage;

import java.util.List;
import java.util.OptionalLong;

/// How one attack at one learning rate went.
///
/// @param points in the order of their steps; those after a divergence are missing
/// @param diverged the step that could not be made, where one could not
public record AttackRun(double learningRate, List<Point> points, OptionalLong diverged) {
    /// @param step updates of the attack so far
    /// @param ability what it brought back, from 0 to 1
    /// @param compute of the attack up to here
    public record Point(long step, double ability, Compute compute) {}

    public AttackRun {
        points = List.copyOf(points);
    }
}

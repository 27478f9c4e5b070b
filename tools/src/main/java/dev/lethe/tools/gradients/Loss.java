package dev.lethe.tools.gradients;

import static dev.lethe.model.data.StepBatch.Role.FORGET;
import static dev.lethe.model.data.StepBatch.Role.MAIN;
import static dev.lethe.model.data.StepBatch.Role.RETAIN;

import dev.lethe.model.data.StepBatch.Role;

import java.util.List;

/// The words of `--loss`.
enum Loss {
    CE(List.of(MAIN), List.of()),
    KL(List.of(MAIN), List.of("--teacher", "--positions")),
    MAXENT(List.of(FORGET, RETAIN), List.of("--alpha", "--positions")),
    GRADDIFF(List.of(FORGET, RETAIN), List.of("--alpha")),
    RMU(List.of(FORGET, RETAIN), List.of("--frozen", "--alpha", "--c", "--layer"));

    private final List<Role> roles;
    private final List<String> options;

    Loss(List<Role> roles, List<String> options) {
        this.roles = roles;
        this.options = options;
    }

    /// The data it is computed on.
    List<Role> roles() {
        return roles;
    }

    /// The options that mean something to it.
    List<String> options() {
        return options;
    }
}

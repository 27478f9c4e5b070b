/// What a person runs: the `lethe` command.
///
/// - **In:** a command line and, for experiments, YAML.
/// - **Out:** checkpoints, gradients, figures and reports in the runs directory.
/// - **Next:** nothing; `dev.lethe.bench` alone sees this package.
/// - **To add one:** a command is one file and its name in the list of `Lethe`.
package dev.lethe.tools;

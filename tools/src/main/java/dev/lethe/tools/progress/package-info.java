/// What a person sees while something trains.
///
/// - **In:** the trainer's reports.
/// - **Out:** a bar a stage on a terminal, now and then a line elsewhere, nothing when quiet.
/// - **Next:** the eye.
/// - **To add one:** another way to show progress is a constant of `Progress.Style`.
package dev.lethe.tools.progress;

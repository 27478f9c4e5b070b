/// What a person sees while something trains.
///
/// - **In:** how much of the work is done, and what is going on.
/// - **Out:** a bar on a terminal, now and then a line elsewhere, nothing when quiet.
/// - **Next:** the eye.
/// - **To add one:** another way to show progress is a constant of `Progress.Style`.
package dev.lethe.tools.progress;

/// `lethe doctor`: what this machine has, and what it lacks.
///
/// - **In:** the machine, its libraries and its environment.
/// - **Out:** devices, versions, warnings, and how to get what is missing.
/// - **Next:** nothing; a person reads it.
/// - **To add one:** a fact is a component of `Diagnosis`, found by `Examination`, and a line of
///   `DoctorCommand`.
package dev.lethe.tools.doctor;

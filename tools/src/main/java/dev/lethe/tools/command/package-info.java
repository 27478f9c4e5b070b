/// What every command shares: options, streams, one-line errors, exit codes.
///
/// - **In:** a parsed command line.
/// - **Out:** results on standard output, all else on standard error, and one of four exit codes.
/// - **Next:** the packages of the single commands.
/// - **To add one:** an option of every command is a field of `CommonOptions`.
package dev.lethe.tools.command;

/// `lethe data`: data sets as JSON lines and token shards.
///
/// - **In:** a seed, or a file of text.
/// - **Out:** a directory of data, and its counts on standard output.
/// - **Next:** `dev.lethe.model.data` and the packages under it make the data.
/// - **To add one:** a data set is a subcommand of `DataCommand`.
package dev.lethe.tools.data;

/// YAML files of numbers, with the changes of the command line, bound strictly to records.
///
/// - **In:** a file or resource, and each `--set a.b=c`.
/// - **Out:** a record, or one line that says where the file is wrong.
/// - **Next:** `dev.lethe.tools.experiment` and `dev.lethe.tools.study` say which records.
/// - **To add one:** another kind of value is a case in
///   [dev.lethe.tools.configuration.RecordBinder].
package dev.lethe.tools.configuration;

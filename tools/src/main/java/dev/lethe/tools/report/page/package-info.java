/// `report.html`: one file that opens from disk, on a phone, in print, in the dark, without script.
///
/// - **In:** a judged run and its figures.
/// - **Out:** the text of the page.
/// - **Next:** people.
/// - **To add one:** a section is a class of its own, called by [Page]; style and script are
///   resources beside it.
package dev.lethe.tools.report.page;

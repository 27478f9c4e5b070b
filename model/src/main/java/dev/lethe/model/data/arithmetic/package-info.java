/// Arithmetic problems of the paper's size (PAPER 3.1): equations and word problems.
///
/// *In:* a seed, templates and word lists among the resources, which are Lethe's own.
/// *Out:* problems as a function of seed and number, for training and for evaluation.
/// *Next:* `lethe data arithmetic` writes them; the miniature's smaller families are `Equations`.
/// *To add one:* a template is a line of a file under `templates`; its number is its name.
package dev.lethe.model.data.arithmetic;

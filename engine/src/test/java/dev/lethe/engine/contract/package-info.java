/// What every backend must do: one abstract test class a kernel family, and the formulas.
///
/// *In:* a [dev.lethe.engine.backend.Backend] that a subclass opens.
/// *Out:* passed or failed tests, with the worst element, the truth and what was allowed.
/// *Next:* each backend's own test package subclasses every contract, from the test-jar.
/// *To add one:* a family `XKernels` needs `XContract` here (a test fails without it), and a fused
/// one its formula as plain loops in `XFormula`, the gradient checked in `FormulaGradientTest`.
package dev.lethe.engine.contract;

package dev.lethe.bench.gpu;

/// One thing that a part found out.
///
/// @param what in words
/// @param value measured
/// @param unit of the value; empty where it has none
/// @param wanted what it should be, or empty
record Finding(String what, double value, String unit, String wanted, Verdict verdict) {
    enum Verdict {
        /// Correct.
        HOLDS,
        /// Not correct: the part has failed.
        FAILS,
        /// A target of speed or memory that was reached.
        MET,
        /// A target of speed or memory that was not reached.
        MISSED,
        /// A figure without a target.
        MEASURED
    }
}

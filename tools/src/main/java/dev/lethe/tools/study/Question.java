package dev.lethe.tools.study;

import dev.lethe.tools.configuration.Configuration;
import java.util.function.BiFunction;

/// A study with its numbers.
///
/// @param tokens of the rows of each role
/// @param wholeRows whether one of its losses has all rows in one graph
/// @param asked with a laboratory and the seed of what is drawn
record Question(int tokens, boolean wholeRows, BiFunction<Laboratory, Long, Answer> asked) {
    static Question of(StudyName study, Configuration file) {
        return switch (study) {
            case ANATOMY -> {
                AnatomyReport.Form form = file.bind(AnatomyReport.Form.class);
                yield new Question(
                        form.tokens(), true, (lab, seed) -> AnatomyReport.of(form, lab, seed));
            }
            case CURVATURE -> {
                CurvatureReport.Form form = file.bind(CurvatureReport.Form.class);
                yield new Question(
                        form.tokens(),
                        form.objective() == LossName.REPNOISE,
                        (lab, seed) -> CurvatureReport.of(form, lab, seed));
            }
            case TRAJECTORY -> {
                TrajectoryReport.Form form = file.bind(TrajectoryReport.Form.class);
                yield new Question(form.tokens(), false, (lab, _) -> TrajectoryReport.of(form, lab));
            }
            case PATHS -> {
                PathsReport.Form form = file.bind(PathsReport.Form.class);
                yield new Question(form.tokens(), false, (lab, _) -> PathsReport.of(form, lab));
            }
            case INFLUENCE -> {
                InfluenceReport.Form form = file.bind(InfluenceReport.Form.class);
                yield new Question(form.tokens(), false, (lab, _) -> InfluenceReport.of(form, lab));
            }
            case ROBUSTNESS_PREDICTORS -> {
                PredictorsReport.Form form = file.bind(PredictorsReport.Form.class);
                yield new Question(form.tokens(), false, (lab, _) -> PredictorsReport.of(form, lab));
            }
        };
    }
}

package dev.lethe.tools.study;

import dev.lethe.model.data.Batch;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gemma2.Gemma2Checkpoint;
import dev.lethe.model.gradients.Coordinates;
import dev.lethe.model.gradients.ExactGradients.Point;
import dev.lethe.model.gradients.LossSurface;
import dev.lethe.model.objective.NextToken;
import dev.lethe.model.spectra.Hutchinson;
import dev.lethe.model.spectra.Interval;
import dev.lethe.model.spectra.Progress;
import dev.lethe.model.spectra.Vectors;
import dev.lethe.model.study.GradientStudy.Grid;
import dev.lethe.model.study.Line;
import dev.lethe.model.study.Measure;
import dev.lethe.model.study.Prediction;
import dev.lethe.tools.command.FailedException;
import dev.lethe.tools.experiment.FinishedRun;
import dev.lethe.tools.report.findings.Findings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;

/// `robustness-predictors`: which numbers order the models of a run as its attack does.
final class PredictorsReport {
    static final String TRACE = "Gauss-Newton trace (nats per squared unit)";

    private PredictorsReport() {}

    /// What is known of a model.
    ///
    /// @param trace with its interval; its mean is among the numbers
    private record Known(SequencedMap<String, Double> numbers, Interval trace) {}

    /// @param models of all seeds
    record Form(List<String> models, int tokens, int traceDraws, int barrierPoints) {}

    /// A model with its R.
    ///
    /// @param base of the same run and seed
    private record Judged(
            String name, FinishedRun.Member member, FinishedRun.Member base, double robustness) {}

    static Answer of(Form form, Laboratory lab) {
        lab.requireRun("whose attack is to be predicted");
        List<Judged> judged = judged(form, lab);
        if (judged.size() < 4) {
            throw new FailedException(
                    "models: expected at least 4 models with a robustness R, got %d; study runs with more, or more of their models"
                            .formatted(judged.size()));
        }
        List<Prediction.Case> cases = new ArrayList<>();
        List<Interval> traces = new ArrayList<>();
        for (Judged one : judged) {
            lab.part(one.name(), 0, 1).after(cases.size(), judged.size());
            Known known = known(form, one, lab);
            traces.add(known.trace());
            cases.add(
                    new Prediction.Case(
                            one.name(), family(one.member()), known.numbers(), one.robustness()));
        }
        return new PredictorsDrawing(
                        lab.subjects().runs().size(),
                        cases,
                        traces,
                        lab.study().predictors(cases))
                .answer();
    }

    /// The models of all runs and seeds that the form names and the attack judged.
    private static List<Judged> judged(Form form, Laboratory lab) {
        List<Subject> selected = lab.select(form.models());
        List<Judged> judged = new ArrayList<>();
        for (Subjects.Group group : lab.subjects().groups()) {
            Set<String> names = new TreeSet<>();
            group.all().stream().filter(selected::contains).forEach(s -> names.add(s.plain()));
            for (FinishedRun run : group.run().stream().toList()) {
                Findings findings = run.findings();
                for (FinishedRun.Member one : run.members()) {
                    OptionalDouble r = findings.robustness(one.name(), one.seed());
                    if (names.contains(one.name()) && r.isPresent()) {
                        String name =
                                "%s%s (%d)".formatted(group.prefix(), one.name(), one.seed());
                        judged.add(new Judged(name, one, base(run, one), r.getAsDouble()));
                    }
                }
            }
        }
        return judged;
    }

    private static FinishedRun.Member base(FinishedRun run, FinishedRun.Member of) {
        return run.members().stream()
                .filter(one -> one.name().equals(Findings.BASE))
                .filter(one -> one.seed() == of.seed())
                .findFirst()
                .orElseThrow();
    }

    /// How it was made: what is left out in turn.
    private static String family(FinishedRun.Member member) {
        String name = member.name();
        return name.substring(0, name.indexOf('-'));
    }

    private static Known known(Form form, Judged judged, Laboratory lab) {
        try (Gemma2 model = load(judged.member(), lab);
                Gemma2 origin = load(judged.base(), lab);
                LossSurface forget = surface(model, lab.rows().forget(), lab);
                LossSurface retain = surface(model, lab.rows().retain(), lab)) {
            SequencedMap<String, Double> numbers = new LinkedHashMap<>();
            double[] g = forget.gradient();
            double norm = Vectors.norm(g);
            double[] descent = Vectors.scaled(-1 / norm, g);
            Coordinates all = forget.coordinates();
            double[] home =
                    Vectors.difference(
                            all.read(origin.parameters()), all.read(model.parameters()));
            numbers.put("forget CE (nats a token)", forget.loss());
            numbers.put("gradient norm (nats per unit)", norm);
            numbers.put(
                    "curvature downhill, g H g / |g|²",
                    Vectors.dot(descent, forget.hessianTimes(descent)));
            numbers.put(
                    "cosine of forget and retain gradients",
                    Vectors.cosine(g, retain.gradient()));
            numbers.put("cosine of descent and way to base", Vectors.cosine(descent, home));
            numbers.put(
                    "distance to base (share of its length)",
                    Vectors.norm(home) / Vectors.norm(all.read(origin.parameters())));
            numbers.put("barrier to base (nats a token)", barrier(form, model, origin, lab));
            Interval trace =
                    Hutchinson.trace(forget.gaussNewton(), form.traceDraws(), 1, Progress.NONE);
            numbers.put(TRACE, trace.mean());
            return new Known(numbers, trace);
        }
    }

    private static double barrier(Form form, Gemma2 model, Gemma2 base, Laboratory lab) {
        SequencedMap<String, Measure> measures = new LinkedHashMap<>();
        measures.put(
                "ce",
                Measure.loss(
                        new NextToken(), StepBatch.main(lab.rows().forget()), lab.workers()));
        Line line =
                lab.study()
                        .line(
                                model,
                                base,
                                new Grid(form.barrierPoints(), 0, Progress.NONE),
                                measures);
        return line.barrier("ce");
    }

    private static Gemma2 load(FinishedRun.Member member, Laboratory lab) {
        return Gemma2Checkpoint.load(member.directory(), lab.backend(), lab.dtype());
    }

    private static LossSurface surface(Gemma2 model, Batch rows, Laboratory lab) {
        return LossSurface.of(
                new Point(model, new NextToken(), StepBatch.main(rows)), lab.workers());
    }
}

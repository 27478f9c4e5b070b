package dev.lethe.model.study;

import dev.lethe.engine.parallel.Workers;
import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import dev.lethe.model.gradients.Coordinates;
import dev.lethe.model.gradients.ExactGradients;
import dev.lethe.model.gradients.ExactGradients.Point;
import dev.lethe.model.gradients.TermGradient;
import dev.lethe.model.objective.Objective;
import dev.lethe.model.objective.OutputTerm;
import dev.lethe.model.spectra.Progress;
import dev.lethe.model.spectra.Vectors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// Takes gradients apart: by objective, term, parameter, position and logit.
final class AnatomyStudy {
    private final Gemma2 model;
    private final StepBatch batch;
    private final Workers workers;
    private final Coordinates coordinates;
    private final SequencedMap<String, double[]> vectors = new LinkedHashMap<>();
    private final List<Anatomy.OfObjective> found = new ArrayList<>();
    private final Progress progress;
    private int steps;
    private int done;

    AnatomyStudy(Gemma2 model, StepBatch batch, Workers workers, Progress progress) {
        this.model = model;
        this.batch = batch;
        this.workers = workers;
        this.progress = progress;
        this.coordinates = Coordinates.of(model.parameters());
    }

    Anatomy of(SequencedMap<String, Objective> objectives) {
        steps = objectives.values().stream().mapToInt(one -> 1 + separate(one).size()).sum();
        objectives.forEach(this::add);
        return new Anatomy(List.copyOf(found), Cosines.of(vectors, coordinates));
    }

    /// A gradient is there.
    private void step() {
        progress.after(++done, steps);
    }

    private void add(String name, Objective objective) {
        Point point = new Point(model, objective, batch);
        double loss;
        double[] gradient;
        double[][] byPosition;
        SequencedMap<String, Double> denominators;
        try (ExactGradients whole = 
                ExactGradients.withPositions(point, coordinates.names(), workers)) {
            loss = whole.loss();
            denominators = whole.denominators();
            gradient = coordinates.read(whole.gradient());
            byPosition = whole.byPosition().orElseThrow();
        }
        vectors.put(name, gradient);
        step();
        List<Anatomy.OfTerm> terms = new ArrayList<>();
        double[] sum = new double[gradient.length];
        for (OutputTerm term : separate(objective)) {
            TermGradient one = TermGradient.of(point, term, coordinates, workers);
            Vectors.addTo(term.weight(), one.byParameters(), sum);
            double sign = Math.signum(term.weight());
            vectors.put(
                    name + "." + term.name(),
                    sign < 0 ? Vectors.scaled(-1, one.byParameters()) : one.byParameters());
            terms.add(ofTerm(term, one, denominators.get(term.name())));
            step();
        }
        Optional<Double> error =
                terms.isEmpty()
                        ? Optional.empty()
                        : Optional.of(apart(gradient, sum));
        found.add(
                new Anatomy.OfObjective(
                        name,
                        loss,
                        Vectors.norm(gradient),
                        ParameterNorm.of(gradient, coordinates),
                        byPosition,
                        error,
                        List.copyOf(terms)));
    }

    /// None where they would be a part of the whole only.
    private static List<OutputTerm> separate(Objective objective) {
        return objective.jointTerms().isEmpty() ? objective.outputTerms() : List.of();
    }

    private Anatomy.OfTerm ofTerm(OutputTerm term, TermGradient one, double denominator) {
        return new Anatomy.OfTerm(
                term.name(),
                term.weight(),
                one.value(),
                denominator,
                Vectors.norm(one.byParameters()),
                ParameterNorm.of(one.byParameters(), coordinates),
                one.byPosition(),
                one.byLogits());
    }

    private static double apart(double[] gradient, double[] sum) {
        double size = Vectors.norm(sum);
        double distance = Vectors.norm(Vectors.difference(gradient, sum));
        return size == 0 ? distance : distance / size;
    }
}

package dev.lethe.model.pipeline;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.perturb.Perturbation;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A stage of a study as data: everything that its result depends on, the stages before it
/// included. Equal specifications have equal results, so a store keeps one of each.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "stage")
@JsonSubTypes({
    @JsonSubTypes.Type(value = StageSpec.Given.class, name = "given"),
    @JsonSubTypes.Type(value = StageSpec.Pretrain.class, name = "pretrain"),
    @JsonSubTypes.Type(value = StageSpec.Unlearn.class, name = "unlearn"),
    @JsonSubTypes.Type(value = StageSpec.Perturb.class, name = "perturb"),
    @JsonSubTypes.Type(value = StageSpec.Distill.class, name = "distill"),
    @JsonSubTypes.Type(value = StageSpec.Relearn.class, name = "relearn"),
    @JsonSubTypes.Type(value = StageSpec.Evaluate.class, name = "evaluate")
})
public sealed interface StageSpec
        permits StageSpec.MakesModel, StageSpec.Relearn, StageSpec.Evaluate {
    Subject subject();

    default Task task() {
        return subject().task();
    }

    /// The stages whose results this one reads.
    List<StageSpec> inputs();

    /// A stage that ends in a model.
    sealed interface MakesModel extends StageSpec permits Given, Pretrain, Unlearn, Perturb, Distill {
        /// The model's configuration.
        Gemma2Config model();
    }

    /// A model that was made elsewhere and taken into the store ([StageRunner#adopt]).
    ///
    /// @param weights SHA-256 of its weights
    record Given(Task task, Gemma2Config model, String weights) implements MakesModel {
        @Override
        public Subject subject() {
            return Subject.of(task);
        }

        @Override
        public List<StageSpec> inputs() {
            return List.of();
        }
    }

    /// Next-token training from random weights.
    ///
    /// @param seed of weights and data
    record Pretrain(
            @JsonProperty("task") Subject subject,
            Gemma2Config model,
            long seed,
            Data data,
            Optimization optimization)
            implements MakesModel {
        /// On the data of a task's miniature.
        public Pretrain(
                Task task, Gemma2Config model, long seed, Data data, Optimization optimization) {
            this(Subject.of(task), model, seed, data, optimization);
        }

        public Pretrain {
            data.requireSubject(subject);
        }

        @Override
        public List<StageSpec> inputs() {
            return List.of();
        }
    }

    /// Suppresses the forget data.
    ///
    /// @param seed of data, control vector and noise
    record Unlearn(
            MakesModel from,
            Method method,
            Guard guard,
            long seed,
            ForgetRetain data,
            Optimization optimization)
            implements MakesModel {
        public Unlearn {
            data.requireSubject(from.subject());
            method.requireLayers(from.model().layers());
            if (guard instanceof Guard.RepNoise && optimization.microBatches() != 1) {
                throw new IllegalArgumentException(
                        ("unlearn: repnoise compares the rows of a whole batch:"
                                        + " expected microBatches 1, got %d; correct it")
                                .formatted(optimization.microBatches()));
            }
        }

        @Override
        public Gemma2Config model() {
            return from.model();
        }

        @Override
        public Subject subject() {
            return from.subject();
        }

        @Override
        public List<StageSpec> inputs() {
            return List.of(from);
        }
    }

    /// UNDO's shrink and perturb (PAPER 1.6).
    record Perturb(MakesModel from, double alpha, double beta, long seed) implements MakesModel {
        public Perturb {
            new Perturbation(alpha, beta); // refuses what cannot be
        }

        @Override
        public Gemma2Config model() {
            return from.model();
        }

        @Override
        public Subject subject() {
            return from.subject();
        }

        @Override
        public List<StageSpec> inputs() {
            return List.of(from);
        }
    }

    /// Forward KL to a teacher (PAPER 1.2).
    ///
    /// @param from the student's first weights; absent: random ones of the teacher's configuration
    /// @param seed of random weights and data
    record Distill(
            Optional<MakesModel> from,
            MakesModel teacher,
            long seed,
            Data data,
            Optimization optimization,
            Stop stop)
            implements MakesModel {
        public Distill {
            data.requireSubject(teacher.subject());
            if (stop instanceof Stop.KlMatches(Distill other, _)
                    && !other.teacher().equals(teacher)) {
                throw new IllegalArgumentException(
                        "distill: kl-matches: expected a distillation from the same teacher, got"
                                + " one from another; correct it");
            }
        }

        @Override
        public Gemma2Config model() {
            return teacher.model();
        }

        @Override
        public Subject subject() {
            return teacher.subject();
        }

        @Override
        public List<StageSpec> inputs() {
            Stream<StageSpec> student = from.stream().map(model -> model);
            Stream<StageSpec> matched =
                    stop instanceof Stop.KlMatches(Distill other, _)
                            ? Stream.of(other)
                            : Stream.empty();
            return Stream.concat(Stream.concat(student, Stream.of(teacher)), matched).toList();
        }
    }

    /// The attack: trains a copy on forget data at one learning rate and looks at given steps how
    /// much has come back.
    ///
    /// @param seed of the data
    /// @param optimization its last step is that of the attack
    /// @param lookAt steps at which to look, rising from 0
    /// @param questions asked at each look
    record Relearn(
            MakesModel target,
            long seed,
            Data data,
            Optimization optimization,
            List<Long> lookAt,
            Questions questions)
            implements StageSpec {
        /// Asks nothing.
        public Relearn(
                MakesModel target,
                long seed,
                Data data,
                Optimization optimization,
                List<Long> lookAt) {
            this(target, seed, data, optimization, lookAt, Questions.NONE);
        }

        public Relearn {
            data.requireSubject(target.subject());
            lookAt = List.copyOf(lookAt);
            boolean rising = !lookAt.isEmpty() && lookAt.getFirst() == 0;
            for (int i = 1; i < lookAt.size(); i++) {
                rising &= lookAt.get(i) > lookAt.get(i - 1);
            }
            if (!rising || lookAt.getLast() > optimization.steps()) {
                throw new IllegalArgumentException(
                        ("relearn: lookAt: expected steps rising from 0 to at most %d,"
                                        + " got %s; correct them")
                                .formatted(optimization.steps(), lookAt));
            }
        }

        @Override
        public Subject subject() {
            return target.subject();
        }

        @Override
        public List<StageSpec> inputs() {
            return List.of(target);
        }
    }

    /// Abilities of a model before any attack.
    record Evaluate(MakesModel target) implements StageSpec {
        @Override
        public Subject subject() {
            return target.subject();
        }

        @Override
        public List<StageSpec> inputs() {
            return List.of(target);
        }
    }
}

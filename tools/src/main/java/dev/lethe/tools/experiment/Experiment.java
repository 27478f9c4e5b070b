package dev.lethe.tools.experiment;

import dev.lethe.model.gemma2.AttentionKind;
import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.gemma2.Gemma2ConfigBuilder;
import dev.lethe.model.data.ByteTokenizer;
import dev.lethe.model.pipeline.Corpus;
import dev.lethe.model.pipeline.Mixtures;
import dev.lethe.model.pipeline.Task;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// A study as its YAML file has it: every number that is chosen rather than found. Seeds, threads and
/// places are the command line's.
///
/// @param experiment its name among results and in the runs directory
/// @param task which data, and how abilities are measured
/// @param data text of the user's own; absent: that of the miniature
/// @param model every model's size
/// @param mixtures how often each kind of row is drawn
/// @param pretraining of base, and of filter unless that has its own
/// @param filtering the filter's own pretraining
/// @param unlearning the three methods
/// @param guards baselines on top of MaxEnt
/// @param matching of both students to filter
/// @param distillation of fresh students from each unlearned model
/// @param undo perturbed and distilled copies of unlearn-maxent
/// @param attack relearning on all forget data
/// @param halfAttack relearning on half of it
/// @param thresholds of the claims
/// @param answers what attacked models are asked
record Experiment(
        String experiment,
        Task task,
        Optional<Sources> data,
        Size model,
        Mixtures mixtures,
        Training pretraining,
        Optional<Training> filtering,
        Unlearning unlearning,
        Guards guards,
        Matching matching,
        Training distillation,
        Undo undo,
        Attack attack,
        Attack halfAttack,
        Limits thresholds,
        Asked answers) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9_.-]*");
    private static final String STAGES = "stages"; // the store's directory among the runs

    Experiment {
        if (!NAME.matcher(experiment).matches() || experiment.equals(STAGES)) {
            throw new IllegalArgumentException(
                    "experiment: expected a name of letters, digits, dot, dash or underscore other than %s, got '%s'; rename it"
                            .formatted(STAGES, experiment));
        }
        if (!attack.lookAt().contains(thresholds.horizon())) {
            throw new IllegalArgumentException(
                    "thresholds: horizon: expected one of attack.lookAt %s, got %d; add it there"
                            .formatted(attack.lookAt(), thresholds.horizon()));
        }
        if (!answers.prompts().isEmpty() && !attack.rates().contains(answers.rate())) {
            throw new IllegalArgumentException(
                    "answers: rate: expected one of attack.rates %s, got %s; choose one"
                            .formatted(attack.rates(), answers.rate()));
        }
    }

    /// The text that it names, read far enough to tell it from other text.
    ///
    /// @throws dev.lethe.tools.command.RefusedException where it names none, or cannot be read
    Optional<Corpus> corpus() {
        return data.map(text -> text.open(experiment, task, model.config().vocabSize()));
    }

    /// A Gemma 2, of byte tokens and without sliding windows unless it says otherwise.
    ///
    /// @param vocabulary ids there are; absent: those of bytes
    /// @param slidingWindow of every other layer; absent: none slides
    /// @param queryPreAttnScalar absent: headDim
    /// @param eosIds what ends a text; absent: the end mark
    record Size(
            int layers,
            int hiddenSize,
            int intermediateSize,
            int heads,
            int kvHeads,
            int headDim,
            int maxPositions,
            Optional<Integer> vocabulary,
            Optional<Integer> slidingWindow,
            Optional<Integer> queryPreAttnScalar,
            Optional<List<Integer>> eosIds) {
        /// Of byte tokens.
        Size(
                int layers,
                int hiddenSize,
                int intermediateSize,
                int heads,
                int kvHeads,
                int headDim,
                int maxPositions) {
            this(
                    layers,
                    hiddenSize,
                    intermediateSize,
                    heads,
                    kvHeads,
                    headDim,
                    maxPositions,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());
        }

        /// Refuses what cannot be, in one line.
        Gemma2Config config() {
            Gemma2ConfigBuilder builder =
                    Gemma2Config.builder()
                            .vocabSize(vocabulary.orElse(new ByteTokenizer().vocabulary()))
                            .hiddenSize(hiddenSize)
                            .intermediateSize(intermediateSize)
                            .layerKinds(
                                    Collections.nCopies(Math.max(layers, 0), AttentionKind.FULL))
                            .heads(heads)
                            .kvHeads(kvHeads)
                            .headDim(headDim)
                            .queryPreAttnScalar(queryPreAttnScalar.orElse(headDim))
                            .maxPositions(maxPositions);
            eosIds.ifPresent(builder::eosIds);
            return slidingWindow
                    .map(window -> builder.slidingWindow(window).layers(Math.max(layers, 0)))
                    .orElse(builder)
                    .build();
        }
    }

    /// @param graddiff negated cross-entropy on forget data
    /// @param maxent uniform answers on forget data
    /// @param rmu hidden states of forget data driven to a random direction
    /// @param custom one more, reported beside the others; the claims are about those
    record Unlearning(Weighted graddiff, Weighted maxent, Rmu rmu, Optional<Custom> custom) {}

    record Custom(CustomMethod method, Training training) {}

    /// @param alpha weight of the retain term
    record Weighted(double alpha, Training training) {}

    /// @param layer 0-based, after which hidden states are taken
    /// @param c length of the goal
    /// @param alpha weight of the retain term
    /// @param trainedLayers whose `down_proj` moves
    record Rmu(
            int layer, double c, double alpha, List<Integer> trainedLayers, Training training) {}

    record Guards(Sam sam, RepNoise repnoise) {}

    /// @param rho length of the step uphill
    record Sam(double rho, Training training) {}

    /// @param alpha weight of the ascent on forget data
    /// @param beta weight of the noise term
    record RepNoise(double alpha, double beta, Training training) {}

    /// @param checkEvery steps between looks at the KL
    record Matching(long checkEvery, Training training) {}

    /// @param alphas shares of the weights replaced, one model each
    /// @param beta gain of the noise
    /// @param margin what a student may still lack of its teacher's retain ability when it stops
    /// @param checkEvery steps between looks at it
    record Undo(
            List<Double> alphas, double beta, double margin, long checkEvery, Training training) {
        Undo {
            alphas.forEach(
                    alpha -> {
                        if (!(alpha >= 0 && alpha <= 1)) {
                            throw new IllegalArgumentException(
                                    "alphas: expected shares from 0 to 1, got %s; correct it"
                                            .formatted(alpha));
                        }
                    });
            if (alphas.stream().distinct().count() < alphas.size()) {
                throw new IllegalArgumentException(
                        "alphas: expected each once, got %s; remove one".formatted(alphas));
            }
        }
    }

    /// @param rates constant learning rates, one run each
    /// @param rows of forget data a step
    /// @param lookAt steps at which to look, from 0; the last ends the attack
    record Attack(List<Double> rates, int rows, int microBatches, List<Long> lookAt) {
        Attack {
            if (rates.isEmpty() || rates.stream().distinct().count() < rates.size()) {
                throw new IllegalArgumentException(
                        "rates: expected at least one learning rate, each once, got %s; correct them"
                                .formatted(rates));
            }
            if (lookAt.isEmpty()) {
                throw new IllegalArgumentException(
                        "lookAt: expected steps rising from 0, got none; name some");
            }
        }
    }

    /// What the claims are judged by; see the contract.
    record Limits(
            long horizon,
            double margin,
            double robustness,
            double correlation,
            double retainLoss,
            double revival) {}

    /// @param rate of the attack during which it is asked
    /// @param maxTokens the most that an answer has
    record Asked(double rate, int maxTokens, List<Prompt> prompts) {}

    /// @param about whether the answer is to be forgotten or kept
    /// @param expected the right answer, where there is one
    record Prompt(String text, About about, Optional<String> expected) {}

    enum About {
        FORGET,
        RETAIN
    }
}

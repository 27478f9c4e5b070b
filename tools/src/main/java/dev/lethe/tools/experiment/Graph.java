package dev.lethe.tools.experiment;

import dev.lethe.model.gemma2.Gemma2Config;
import dev.lethe.model.pipeline.Corpus;
import dev.lethe.model.pipeline.Data;
import dev.lethe.model.pipeline.Guard;
import dev.lethe.model.pipeline.Method;
import dev.lethe.model.pipeline.Optimization;
import dev.lethe.model.pipeline.Questions;
import dev.lethe.model.pipeline.StageSpec;
import dev.lethe.model.pipeline.Stop;
import dev.lethe.model.pipeline.Subject;
import dev.lethe.tools.report.results.Attack;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/// The stages of one seed of an experiment, with the names of the contract.
///
/// Base, filter and students begin with weights of their own. All students of one seed, perturbed ones
/// included, see the same rows in the same order, and so do all attacks.
///
/// @param corpus whose data the experiment has; absent: the miniature's
record Graph(Experiment experiment, Optional<Corpus> corpus, long seed) {
    /// Numbers of the seeds of one run; part of its numbers, so none is ever renumbered.
    private enum Role {
        BASE,
        FILTER,
        UNLEARNING,
        STUDENT,
        NOISE,
        ATTACK
    }

    private static final long SEEDS_OF_A_RUN = 1000;

    /// @param name as in `results.csv`
    /// @param method of unlearning behind it, empty where there is none
    /// @param alpha UNDO's only
    /// @param beta UNDO's only
    record Model(
            String name,
            String method,
            OptionalDouble alpha,
            OptionalDouble beta,
            StageSpec.MakesModel stage) {
        static Model of(String name, String method, StageSpec.MakesModel stage) {
            return new Model(name, method, OptionalDouble.empty(), OptionalDouble.empty(), stage);
        }

        StageSpec.Evaluate evaluation() {
            return new StageSpec.Evaluate(stage);
        }
    }

    /// An attack on a model.
    record Relearning(Attack kind, double rate, StageSpec.Relearn stage) {}

    /// On the data of a miniature.
    Graph(Experiment experiment, long seed) {
        this(experiment, Optional.empty(), seed);
    }

    private long seed(Role role) {
        return seed * SEEDS_OF_A_RUN + role.ordinal();
    }

    private Data data(Data.Mixture mixture) {
        return experiment.mixtures().data(mixture, 0);
    }

    /// All models, each after those that it is made of.
    List<Model> models() {
        StageSpec.Pretrain base =
                pretrain(Role.BASE, Data.Mixture.MIXED, experiment.pretraining());
        StageSpec.Pretrain filter =
                pretrain(
                        Role.FILTER,
                        Data.Mixture.RETAIN,
                        experiment.filtering().orElse(experiment.pretraining()));
        StageSpec.Unlearn graddiff = graddiff(base);
        StageSpec.Unlearn maxent = maxent(base);
        StageSpec.Unlearn rmu = rmu(base);
        Experiment.Matching matching = experiment.matching();
        Stop watched = new Stop.NeverWatched(matching.checkEvery());
        StageSpec.Distill random =
                distill(Optional.empty(), filter, matching.training(), watched);
        Stop matched = new Stop.KlMatches(random, matching.checkEvery());
        StageSpec.Distill reference =
                distill(Optional.of(base), filter, matching.training(), matched);
        List<Model> models = new ArrayList<>();
        models.add(Model.of("base", "", base));
        models.add(Model.of("filter", "", filter));
        models.add(Model.of("unlearn-graddiff", "graddiff", graddiff));
        models.add(Model.of("unlearn-maxent", "maxent", maxent));
        models.add(Model.of("unlearn-rmu", "rmu", rmu));
        models.add(Model.of("unlearn-maxent-sam", "maxent", sam(base)));
        models.add(Model.of("unlearn-maxent-repnoise", "maxent", repnoise(base)));
        models.add(Model.of("student-random", "", random));
        models.add(Model.of("student-reference", "", reference));
        models.add(Model.of("distill-graddiff", "graddiff", distilled(graddiff)));
        models.add(Model.of("distill-maxent", "maxent", distilled(maxent)));
        models.add(Model.of("distill-rmu", "rmu", distilled(rmu)));
        experiment.unlearning().custom().ifPresent(custom -> addCustom(models, base, custom));
        experiment.undo().alphas().forEach(alpha -> models.add(undo(maxent, alpha)));
        return models;
    }

    private StageSpec.Pretrain pretrain(Role role, Data.Mixture mixture, Training training) {
        Gemma2Config model = experiment.model().config();
        return new StageSpec.Pretrain(
                new Subject(experiment.task(), corpus),
                model,
                seed(role),
                data(mixture),
                training.optimization());
    }

    private StageSpec.Unlearn graddiff(StageSpec.Pretrain base) {
        Experiment.Weighted how = experiment.unlearning().graddiff();
        return unlearn(base, new Method.GradDiff(how.alpha()), new Guard.None(), how.training());
    }

    private StageSpec.Unlearn maxent(StageSpec.Pretrain base) {
        Experiment.Weighted how = experiment.unlearning().maxent();
        return unlearn(base, new Method.MaxEnt(how.alpha()), new Guard.None(), how.training());
    }

    private StageSpec.Unlearn rmu(StageSpec.Pretrain base) {
        Experiment.Rmu how = experiment.unlearning().rmu();
        Method method = new Method.Rmu(how.layer(), how.c(), how.alpha(), how.trainedLayers());
        return unlearn(base, method, new Guard.None(), how.training());
    }

    private void addCustom(
            List<Model> models, StageSpec.Pretrain base, Experiment.Custom custom) {
        Method.Custom method = custom.method().method();
        StageSpec.Unlearn unlearned =
                unlearn(base, method, new Guard.None(), custom.training());
        String name = method.label();
        models.add(Model.of("unlearn-" + name, name, unlearned));
        models.add(Model.of("distill-" + name, name, distilled(unlearned)));
    }

    private StageSpec.Unlearn sam(StageSpec.Pretrain base) {
        Experiment.Sam how = experiment.guards().sam();
        return unlearn(base, guarded(), new Guard.Sam(how.rho()), how.training());
    }

    private StageSpec.Unlearn repnoise(StageSpec.Pretrain base) {
        Experiment.RepNoise how = experiment.guards().repnoise();
        Guard guard = new Guard.RepNoise(how.alpha(), how.beta());
        return unlearn(base, guarded(), guard, how.training());
    }

    private Method guarded() {
        return new Method.MaxEnt(experiment.unlearning().maxent().alpha());
    }

    private StageSpec.Unlearn unlearn(
            StageSpec.Pretrain base, Method method, Guard guard, Training training) {
        return new StageSpec.Unlearn(
                base,
                method,
                guard,
                seed(Role.UNLEARNING),
                experiment.mixtures().forgetRetain(),
                training.optimization());
    }

    private StageSpec.Distill distilled(StageSpec.Unlearn teacher) {
        return distill(Optional.empty(), teacher, experiment.distillation(), new Stop.Never());
    }

    private StageSpec.Distill distill(
            Optional<StageSpec.MakesModel> from,
            StageSpec.MakesModel teacher,
            Training training,
            Stop stop) {
        return new StageSpec.Distill(
                from,
                teacher,
                seed(Role.STUDENT),
                data(Data.Mixture.MIXED),
                training.optimization(),
                stop);
    }

    private Model undo(StageSpec.Unlearn teacher, double alpha) {
        Experiment.Undo undo = experiment.undo();
        StageSpec.Perturb perturbed =
                new StageSpec.Perturb(teacher, alpha, undo.beta(), seed(Role.NOISE));
        Stop stop = new Stop.RetainWithin(undo.margin(), undo.checkEvery());
        return new Model(
                "undo-" + plain(alpha),
                "maxent",
                OptionalDouble.of(alpha),
                OptionalDouble.of(undo.beta()),
                distill(Optional.of(perturbed), teacher, undo.training(), stop));
    }

    /// On every model but base, which has nothing to relearn.
    List<Relearning> attacks(Model model) {
        List<Relearning> attacks = new ArrayList<>();
        if (!model.name().equals("base")) {
            Experiment.Attack whole = experiment.attack();
            for (double rate : whole.rates()) {
                Questions asked =
                        rate == experiment.answers().rate() ? questions() : Questions.NONE;
                attacks.add(relearn(model, Attack.RELEARN, Data.Mixture.FORGET, whole, rate, asked));
            }
            Experiment.Attack half = experiment.halfAttack();
            for (double rate : half.rates()) {
                attacks.add(
                        relearn(
                                model,
                                Attack.RELEARN_HALF,
                                Data.Mixture.FORGET_HALF,
                                half,
                                rate,
                                Questions.NONE));
            }
        }
        return attacks;
    }

    private Relearning relearn(
            Model model,
            Attack kind,
            Data.Mixture mixture,
            Experiment.Attack attack,
            double rate,
            Questions asked) {
        Optimization how =
                Training.constant(
                        attack.lookAt().getLast(), attack.rows(), attack.microBatches(), rate);
        return new Relearning(
                kind,
                rate,
                new StageSpec.Relearn(
                        model.stage(),
                        seed(Role.ATTACK),
                        data(mixture),
                        how,
                        attack.lookAt(),
                        asked));
    }

    private Questions questions() {
        Experiment.Asked asked = experiment.answers();
        return new Questions(
                asked.prompts().stream().map(Experiment.Prompt::text).toList(), asked.maxTokens());
    }

    /// Everything to run by name, each stage after its inputs.
    Map<StageSpec, String> stages() {
        Map<StageSpec, String> names = new LinkedHashMap<>();
        for (Model model : models()) {
            add(names, model.stage(), model.name());
            names.put(model.evaluation(), "evaluate " + model.name());
            for (Relearning attack : attacks(model)) {
                names.put(
                        attack.stage(),
                        attack.kind().word() + " " + model.name() + " " + plain(attack.rate()));
            }
        }
        return names;
    }

    /// Inputs that are no models of their own, such as the noise of UNDO, come before.
    private static void add(Map<StageSpec, String> names, StageSpec stage, String name) {
        for (StageSpec input : stage.inputs()) {
            if (!names.containsKey(input)) {
                add(names, input, "perturb " + name);
            }
        }
        names.put(stage, name);
    }

    static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    static String plain(double number) {
        return new BigDecimal(Double.toString(number)).stripTrailingZeros().toPlainString();
    }
}

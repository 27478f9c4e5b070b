package dev.lethe.model.objective;

import dev.lethe.model.data.StepBatch;
import dev.lethe.model.gemma2.Gemma2;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Supplier;
import java.util.zip.ZipFile;

/// A [CustomObjective] from a user's JAR, by the name of its class: the one place where a class is
/// found by name. It has a class loader of its own above that of this project, so its JAR may bring
/// classes of its own.
///
/// Whatever the class throws becomes an [ObjectiveException] of one line that names it.
public final class ObjectiveJar implements AutoCloseable {
    private final String name;
    private final URLClassLoader loader;
    private final Constructor<? extends CustomObjective> constructor;

    private ObjectiveJar(
            String name, URLClassLoader loader, Constructor<? extends CustomObjective> constructor) {
        this.name = name;
        this.loader = loader;
        this.constructor = constructor;
    }

    /// Finds the class; makes nothing yet.
    ///
    /// @param className fully qualified
    /// @throws ObjectiveException where the JAR or the class is missing or is not what it must be
    public static ObjectiveJar open(Path jar, String className) {
        requireJar(jar, className);
        ClassLoader ours = CustomObjective.class.getClassLoader();
        URLClassLoader loader = new URLClassLoader(new URL[] {url(jar)}, ours);
        try {
            Class<?> found = loader.loadClass(className);
            return new ObjectiveJar(className, loader, constructor(found));
        } catch (ClassNotFoundException | LinkageError e) {
            close(loader);
            throw new ObjectiveException(
                    "objective %s: expected a class of %s, got %s; correct the name or the JAR"
                            .formatted(
                                    className,
                                    jar,
                                    e instanceof ClassNotFoundException ? "none" : e.toString()),
                    e);
        } catch (ObjectiveException e) {
            close(loader);
            throw e;
        }
    }

    private static void requireJar(Path jar, String className) {
        try (ZipFile _ = new ZipFile(jar.toFile())) {
            return;
        } catch (IOException e) {
            throw new ObjectiveException(
                    "objective %s: expected a JAR, got %s, which is %s; name the JAR that has the class"
                            .formatted(className, jar, Files.exists(jar) ? "none" : "not there"),
                    e);
        }
    }

    private static URL url(Path jar) {
        try {
            return jar.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new UncheckedIOException(e); // a file always has one
        }
    }

    private static Constructor<? extends CustomObjective> constructor(Class<?> found) {
        if (!CustomObjective.class.isAssignableFrom(found)) {
            throw new ObjectiveException(
                    "objective %s: expected a class that implements %s, got another; implement it"
                            .formatted(found.getName(), CustomObjective.class.getName()),
                    null);
        }
        try {
            return found.asSubclass(CustomObjective.class).getConstructor(ObjectiveSetup.class);
        } catch (NoSuchMethodException e) {
            throw new ObjectiveException(
                    "objective %s: expected a public class with a public constructor that takes an %s, got none; add it"
                            .formatted(found.getName(), ObjectiveSetup.class.getSimpleName()),
                    e);
        }
    }

    /// Makes the objective.
    public CustomObjective create(ObjectiveSetup setup) {
        CustomObjective made =
                guarded(
                        "its constructor",
                        () -> {
                            try {
                                return constructor.newInstance(setup);
                            } catch (InvocationTargetException e) {
                                throw thrown("its constructor", e.getCause());
                            } catch (ReflectiveOperationException e) {
                                throw thrown("its constructor", e);
                            }
                        });
        try {
            setup.requireAllAsked();
        } catch (IllegalArgumentException e) {
            throw new ObjectiveException("objective %s: %s".formatted(name, e.getMessage()), e);
        }
        return new Guarded(this, made);
    }

    private ObjectiveException thrown(String where, Throwable cause) {
        String what =
                cause instanceof IllegalArgumentException && cause.getMessage() != null
                        ? cause.getMessage()
                        : "%s threw %s; correct the class (--debug shows where)"
                                .formatted(where, cause);
        return new ObjectiveException("objective %s: %s".formatted(name, what), cause);
    }

    private <T> T guarded(String where, Supplier<T> call) {
        try {
            T result = call.get();
            if (result == null) {
                throw new ObjectiveException(
                        "objective %s: expected a result of %s, got null; correct the class"
                                .formatted(name, where),
                        null);
            }
            return result;
        } catch (ObjectiveException e) {
            throw e;
        } catch (RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
            throw thrown(where, e);
        }
    }

    /// Classes that are needed later than this cannot be found any more.
    @Override
    public void close() {
        close(loader);
    }

    private static void close(URLClassLoader loader) {
        try {
            loader.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Passes everything on and names the class in what it throws.
    private record Guarded(ObjectiveJar jar, CustomObjective objective) implements CustomObjective {
        @Override
        public SequencedMap<String, Double> denominators(StepBatch whole) {
            return jar.guarded("denominators", () -> objective.denominators(whole));
        }

        @Override
        public LossTerms terms(
                Gemma2 model, StepBatch part, SequencedMap<String, Double> denominators) {
            return jar.guarded("terms", () -> objective.terms(model, part, denominators));
        }

        @Override
        public List<OutputTerm> outputTerms() {
            return jar.guarded("outputTerms", objective::outputTerms);
        }

        @Override
        public List<JointTerm> jointTerms() {
            return jar.guarded("jointTerms", objective::jointTerms);
        }

        @Override
        public boolean separable() {
            return jar.guarded("separable", objective::separable);
        }

        @Override
        public Set<StepBatch.Role> fixedRoles() {
            return jar.guarded("fixedRoles", objective::fixedRoles);
        }
    }
}

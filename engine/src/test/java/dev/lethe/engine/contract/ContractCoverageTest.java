package dev.lethe.engine.contract;

import dev.lethe.engine.backend.Backend;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/// Every kernel family has its contract, and the reference runs every contract.
class ContractCoverageTest {
    /// Simple names of the classes compiled into the package of `neighbour`, without nested ones.
    private static Set<String> classesBeside(Class<?> neighbour)
            throws IOException, URISyntaxException {
        Path root =
                Path.of(neighbour.getProtectionDomain().getCodeSource().getLocation().toURI());
        Path folder = root.resolve(neighbour.getPackageName().replace('.', '/'));
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".class") && !name.contains("$"))
                    .map(name -> name.substring(0, name.length() - ".class".length()))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static List<String> families() throws IOException, URISyntaxException {
        return classesBeside(Backend.class).stream()
                .filter(name -> name.endsWith("Kernels"))
                .map(name -> name.substring(0, name.length() - "Kernels".length()))
                .toList();
    }

    @Test
    void everyFamilyHasAContract() throws Exception {
        Assertions.assertTrue(families().size() >= 13, () -> "families not found");
        for (String family : families()) {
            Class<?> contract =
                    Class.forName(getClass().getPackageName() + "." + family + "Contract");
            Assertions.assertTrue(KernelContract.class.isAssignableFrom(contract), family);
            Assertions.assertTrue(Modifier.isPublic(contract.getModifiers()), family);
            Assertions.assertTrue(Modifier.isAbstract(contract.getModifiers()), family);
        }
    }

    /// What [Backend] offers as an option is a fused contract, what it requires is not.
    @Test
    void everyFamilyIsAMethodOfTheBackend() throws Exception {
        for (String family : families()) {
            String name = Character.toLowerCase(family.charAt(0)) + family.substring(1);
            Method method =
                    Stream.of(Backend.class.getMethods())
                            .filter(one -> one.getName().equals(name))
                            .findFirst()
                            .orElseThrow(() -> new AssertionError("Backend has no " + name));
            Class<?> contract =
                    Class.forName(getClass().getPackageName() + "." + family + "Contract");
            Assertions.assertEquals(
                    method.getReturnType() == Optional.class,
                    FusedContract.class.isAssignableFrom(contract),
                    family);
        }
    }

    @Test
    void theReferenceRunsEveryContract() throws Exception {
        for (String name : classesBeside(getClass())) {
            Class<?> contract = Class.forName(getClass().getPackageName() + "." + name);
            boolean concreteContract =
                    name.endsWith("Contract")
                            && contract != KernelContract.class
                            && contract != FusedContract.class;
            if (concreteContract) {
                String family = name.substring(0, name.length() - "Contract".length());
                Class<?> test =
                        Class.forName("dev.lethe.engine.reference.Reference" + family + "Test");
                Assertions.assertTrue(contract.isAssignableFrom(test), name);
            }
        }
    }
}

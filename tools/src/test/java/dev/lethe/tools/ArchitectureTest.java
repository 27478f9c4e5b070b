package dev.lethe.tools;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ServiceLoader;

/// The arrows between the modules, on the classes that the command is made of. The benchmarks see
/// everything and nothing sees them, so they are not on this module's class path.
///
/// A rule about a package without classes holds; `PackageDocumentationTest` makes sure that no
/// module is overlooked.
@AnalyzeClasses(packages = "dev.lethe", importOptions = DoNotIncludeTests.class)
final class ArchitectureTest {
    private static final String ENGINE = "dev.lethe.engine..";
    private static final String KERNELS = "dev.lethe.kernels..";
    private static final String MODEL = "dev.lethe.model..";
    private static final String TOOLS = "dev.lethe.tools..";
    private static final String BENCH = "dev.lethe.bench..";

    @ArchTest
    static final ArchRule engineSeesNoOtherModule = never(ENGINE, KERNELS, MODEL, TOOLS, BENCH);

    @ArchTest
    static final ArchRule kernelsSeeOnlyTheEngine = never(KERNELS, MODEL, TOOLS, BENCH);

    @ArchTest static final ArchRule modelSeesOnlyTheEngine = never(MODEL, KERNELS, TOOLS, BENCH);

    @ArchTest static final ArchRule toolsDoNotSeeTheBenchmarks = never(TOOLS, BENCH);

    @ArchTest
    static final ArchRule onlyTheCudaBackendSeesJcuda =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("dev.lethe.kernels.cuda..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("jcuda..");

    @ArchTest
    static final ArchRule theCudaColumnSeesNoVectors =
            noClasses()
                    .that()
                    .resideInAPackage("dev.lethe.kernels.cuda..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("dev.lethe.kernels.cpu..")
                    .because("each is tested against the reference, not against its neighbour");

    @ArchTest
    static final ArchRule theCpuColumnSeesNoDevice =
            noClasses()
                    .that()
                    .resideInAPackage("dev.lethe.kernels.cpu..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("dev.lethe.kernels.cuda..")
                    .because("each is tested against the reference, not against its neighbour");

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching("dev.lethe.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule packagesAreNamedAfterThings =
            noClasses()
                    .should()
                    .resideInAnyPackage(
                            "..util..",
                            "..utils..",
                            "..common..",
                            "..helper..",
                            "..helpers..",
                            "..impl..")
                    .because("a name says what the thing is");

    @ArchTest
    static final ArchRule classesAreNotLookedUpByName =
            noClasses()
                    .that()
                    .doNotHaveFullyQualifiedName("dev.lethe.model.objective.ObjectiveJar")
                    .should()
                    .callMethodWhere(
                            target(owner(assignableTo(Class.class))).and(target(name("forName"))))
                    .orShould()
                    .callMethodWhere(
                            target(owner(assignableTo(ClassLoader.class)))
                                    .and(target(name("loadClass"))))
                    .orShould()
                    .dependOnClassesThat()
                    .areAssignableTo(ServiceLoader.class)
                    .because("a permits clause is the registry");

    private static ArchRule never(String from, String... to) {
        return noClasses()
                .that()
                .resideInAPackage(from)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(to)
                .allowEmptyShould(true);
    }
}

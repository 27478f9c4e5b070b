package dev.lethe.kernels.cpu;

import static org.junit.platform.engine.discovery.ClassNameFilter.excludeClassNamePatterns;
import static org.junit.platform.engine.discovery.ClassNameFilter.includeClassNamePatterns;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectPackage;

import java.io.PrintWriter;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/// The contracts of all families on the CPU backend: a main class for a JVM with flags of its own.
final class ContractRun {
    private ContractRun() {}

    public static void main(String[] args) {
        LauncherDiscoveryRequest request =
                LauncherDiscoveryRequestBuilder.request()
                        .selectors(selectPackage(ContractRun.class.getPackageName()))
                        .filters(
                                includeClassNamePatterns(".*\\.Cpu\\w+Test"),
                                excludeClassNamePatterns(".*MemoryTest"))
                        .build();
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create().execute(request, listener);
        TestExecutionSummary summary = listener.getSummary();
        summary.printFailuresTo(new PrintWriter(System.out, true));
        try (CpuBackend backend = new CpuBackend()) {
            System.out.println(backend.description());
        }
        System.out.printf(
                "%d passed, %d failed%n",
                summary.getTestsSucceededCount(), summary.getTotalFailureCount());
        System.exit(summary.getTotalFailureCount() == 0 ? 0 : 1);
    }
}

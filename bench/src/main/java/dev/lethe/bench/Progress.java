package dev.lethe.bench;

import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

/// JMH's own output without the lines of each iteration and the counters, which the table has; and
/// each result as soon as it is there.
final class Progress {
    private static final Set<String> LEFT_OUT =
            Set.of("iteration", "iterationResult", "endBenchmark", "startRun", "endRun");

    private Progress() {}

    static OutputFormat on(PrintStream out, Consumer<RunResult> each) {
        OutputFormat jmh = OutputFormatFactory.createFormatInstance(out, VerboseMode.NORMAL);
        return (OutputFormat)
                Proxy.newProxyInstance(
                        Progress.class.getClassLoader(),
                        new Class<?>[] {OutputFormat.class},
                        (_, method, args) -> {
                            if (method.getName().equals("startBenchmark")) {
                                out.println(((BenchmarkParams) args[0]).id());
                                return null;
                            }
                            if (method.getName().equals("endBenchmark") && args[0] != null) {
                                BenchmarkResult found = (BenchmarkResult) args[0];
                                each.accept(new RunResult(found.getParams(), List.of(found)));
                                return null;
                            }
                            if (LEFT_OUT.contains(method.getName())) {
                                return null;
                            }
                            try {
                                return method.invoke(jmh, args);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }
}

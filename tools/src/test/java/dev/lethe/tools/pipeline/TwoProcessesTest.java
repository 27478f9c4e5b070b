package dev.lethe.tools.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.model.pipeline.StageListener;
import dev.lethe.model.pipeline.StageRunner;
import dev.lethe.model.pipeline.StageSpec;
import dev.lethe.model.train.TrainingObserver;
import dev.lethe.tools.ChildJvm;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Two processes that need the same stages.
class TwoProcessesTest {
    @TempDir private Path root;

    @Test
    void theSecondSaysThatItWaitsAndTakesWhatTheFirstMade() throws Exception {
        Process first = ChildJvm.start(List.of(), SmallStudy.class, root.toString(), "stop");
        try (BufferedReader output = first.inputReader()) {
            assertEquals("begin 0 100", SmallStudy.nextLine(output));
            CountDownLatch waiting = new CountDownLatch(1);
            List<StageSpec> begun = Collections.synchronizedList(new ArrayList<>());
            List<Path> waitedFor = Collections.synchronizedList(new ArrayList<>());
            StageListener listener =
                    new StageListener() {
                        @Override
                        public TrainingObserver onBegin(StageSpec spec, long made, long total) {
                            begun.add(spec);
                            return _ -> {};
                        }

                        @Override
                        public void onWaiting(StageSpec spec, Path directory) {
                            waitedFor.add(directory);
                            waiting.countDown();
                        }
                    };
            CompletableFuture<Void> second =
                    CompletableFuture.runAsync(
                            () ->
                                    SmallStudy.run(
                                            root,
                                            List.of(SmallStudy.BASE),
                                            StageRunner.EVERY,
                                            1,
                                            listener));
            assertTrue(waiting.await(20, TimeUnit.SECONDS), "it did not say that it waits");
            assertEquals(List.of(SmallStudy.store(root).directory(SmallStudy.BASE)), waitedFor);
            assertEquals(List.of(), begun);
            first.outputWriter().write("\n");
            first.outputWriter().flush();
            assertEquals("end", output.lines().reduce("", (_, line) -> line));
            assertEquals(0, first.waitFor());
            second.get();
            assertEquals(List.of(), begun);
            assertTrue(SmallStudy.store(root).find(SmallStudy.BASE).isPresent());
        } finally {
            first.destroyForcibly();
        }
    }
}

package dev.lethe.model.pipeline;

import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// Studies of corpora, each opened once a process: text is mapped, problems take a while to write.
final class OpenCorpora {
    private static final ConcurrentMap<Subject, StudyData> STUDIES = new ConcurrentHashMap<>();

    private OpenCorpora() {}

    static StudyData study(Task task, Corpus corpus) {
        return STUDIES.computeIfAbsent(
                new Subject(task, Optional.of(corpus)),
                _ ->
                        switch (task) {
                            case ARITHMETIC -> new CorpusArithmeticStudy(corpus);
                            case LANGUAGE -> new CorpusLanguageStudy(corpus);
                        });
    }
}

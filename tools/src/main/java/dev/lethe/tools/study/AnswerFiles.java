package dev.lethe.tools.study;

import dev.lethe.model.checkpoint.SafeTensorsWriter;
import dev.lethe.tools.report.RunDirectory;
import dev.lethe.tools.report.figure.Figure;
import dev.lethe.tools.report.page.Document;
import dev.lethe.tools.report.results.Csv;
import java.util.StringJoiner;

/// The files of a study: `report.html`, `figures/`, `results.csv`, `tensors.safetensors`,
/// `config.yaml`.
///
/// @param study its word
record AnswerFiles(String study, Answer answer, String configuration) {
    static final String HEADER = "study,model,quantity,part,at,value,low,high";
    private static final String FIGURES = "figures";

    /// @param document the page
    void write(RunDirectory directory, Document document) {
        directory.write("results.csv", csv());
        directory.write("config.yaml", configuration);
        directory.write("report.html", document.html());
        directory.directory(FIGURES);
        for (Document.Section section : document.sections()) {
            for (Figure figure : section.figures()) {
                directory.write(FIGURES + "/" + figure.name() + ".svg", figure.svg());
                directory.write(FIGURES + "/" + figure.name() + ".png", figure.png());
            }
        }
        SafeTensorsWriter.write(
                directory.directory().resolve("tensors.safetensors"), answer.tensors());
    }

    private String csv() {
        StringBuilder text = new StringBuilder(HEADER).append('\n');
        for (Answer.Cell cell : answer.cells()) {
            text.append(
                            new StringJoiner(",")
                                    .add(study)
                                    .add(cell.model())
                                    .add(cell.quantity())
                                    .add(cell.part().replace(',', ';'))
                                    .add(number(cell.at()))
                                    .add(number(cell.value()))
                                    .add(number(cell.low()))
                                    .add(number(cell.high())))
                    .append('\n');
        }
        return text.toString();
    }

    private static String number(double value) {
        return Double.isFinite(value) ? Csv.number(value) : "";
    }
}

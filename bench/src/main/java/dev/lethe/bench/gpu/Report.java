package dev.lethe.bench.gpu;

import java.util.List;
import java.util.Locale;

/// All that was found out about a card.
///
/// @param device `cuda`, or `cuda (simulated)`, of which no figure says anything about a GPU
record Report(String card, String device, String description, List<PartResult> parts) {
    String markdown() {
        StringBuilder text = new StringBuilder();
        text.append("# %s (`%s`)%n%n%s%n%n".formatted(card, device, description));
        text.append("| part | what | value | wanted | |\n|---|---|---|---|---|\n");
        for (PartResult part : parts) {
            String note = part.note().isEmpty() ? "" : ": " + cell(part.note());
            text.append(
                    "| **%s** | %s%s | %.1f s | | %s |%n"
                            .formatted(
                                    part.part(),
                                    part.status().name().toLowerCase(Locale.ROOT),
                                    note,
                                    part.seconds(),
                                    cell(part.date() + " " + part.commit())));
            for (Finding one : part.findings()) {
                text.append(
                        "| | %s | %s | %s | %s |%n"
                                .formatted(
                                        cell(one.what()),
                                        ("%.5g %s".formatted(one.value(), one.unit())).strip(),
                                        cell(one.wanted()),
                                        one.verdict().name().toLowerCase(Locale.ROOT)));
            }
        }
        return text.toString();
    }

    private static String cell(String text) {
        return text.replace("|", "\\|").replaceAll("\\R", " ");
    }
}

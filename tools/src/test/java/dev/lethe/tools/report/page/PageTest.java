package dev.lethe.tools.report.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import dev.lethe.tools.report.Miniature;
import dev.lethe.tools.report.Report;
import dev.lethe.tools.report.Rows;
import dev.lethe.tools.report.findings.Findings;
import dev.lethe.tools.report.results.Answers;
import dev.lethe.tools.report.results.Run;
import dev.lethe.tools.report.results.Thresholds;

import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import javax.xml.parsers.DocumentBuilderFactory;

class PageTest {
    private static final int LARGEST = 3_000_000;

    private static String page(Run run) {
        Report report = Report.of(run);
        return Page.of(report.run(), report.findings(), report.figures());
    }

    private static Document parsed(String page) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(page)));
    }

    private static List<Element> elements(Document document, String name) {
        NodeList nodes = document.getElementsByTagName(name);
        return IntStream.range(0, nodes.getLength())
                .mapToObj(i -> (Element) nodes.item(i))
                .toList();
    }

    private static Element withId(Document document, String id) {
        return elements(document, "*").stream()
                .filter(element -> element.getAttribute("id").equals(id))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void isWellFormedAndNeedsNothingElse() throws Exception {
        for (Run run : List.of(Miniature.arithmetic(1, 2, 3), Miniature.language(4))) {
            String page = page(run);
            assertTrue(page.getBytes(StandardCharsets.UTF_8).length < LARGEST);
            Document document = parsed(page);
            Set<String> ids = new HashSet<>();
            for (Element element : elements(document, "*")) {
                assertFalse(element.hasAttribute("src"), element.getTagName());
                assertFalse(List.of("link", "img", "iframe").contains(element.getTagName()));
                String id = element.getAttribute("id");
                assertTrue(id.isEmpty() || ids.add(id), "twice: " + id);
            }
            for (Element link : elements(document, "a")) {
                String target = link.getAttribute("href");
                assertTrue(target.startsWith("#"), target);
                assertTrue(ids.contains(target.substring(1)), target);
            }
            String style = elements(document, "style").getFirst().getTextContent();
            assertFalse(style.contains("url(") || style.contains("@import"));
            assertEquals(
                    Set.of("http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"),
                    addresses(page));
        }
    }

    /// Everything that looks like an address; names of XML namespaces are never fetched.
    private static Set<String> addresses(String page) {
        Set<String> found = new HashSet<>();
        Pattern.compile("https?://[^\\s\"'<>)]+")
                .matcher(page)
                .results()
                .forEach(match -> found.add(match.group()));
        return found;
    }

    @Test
    void tellsEachClaimWithVerdictAndFigure() throws Exception {
        Run run = Miniature.arithmetic(1, 2, 3);
        Document document = parsed(page(run));
        for (var claim : Report.of(run).summary().claims()) {
            Element article = withId(document, claim.name());
            assertFalse(
                    IntStream.range(0, article.getElementsByTagName("svg").getLength())
                            .boxed()
                            .toList()
                            .isEmpty(),
                    claim.name());
            assertTrue(article.getTextContent().contains(claim.verdict().words()));
            assertTrue(article.getTextContent().contains("Measured: "), claim.name());
        }
        String models = withId(document, "models").getTextContent();
        assertTrue(Stream.of("undo-0.8", "teacher TFLOP", "rule").allMatch(models::contains));
    }

    @Test
    void textIsOnlyText() throws Exception {
        Document document = parsed(page(Miniature.language(4)));
        String answers = withId(document, "all-answers").getTextContent();
        assertTrue(answers.contains("위 명령으로 파일을 <열고> 저장할 수 있다"));
        assertTrue(answers.contains("the file & the \uFFFD directory"));
        assertTrue(withId(document, "settings").getTextContent().contains("# <steps> & \"rates\""));
    }

    @Test
    void thePanelsDataAreTheAnswers() throws Exception {
        Run run = Miniature.arithmetic(1, 2);
        Document document = parsed(page(run));
        String text = withId(document, "answers-data").getTextContent();
        assertFalse(text.contains("<") || text.contains("&"));
        JsonNode data = new ObjectMapper().readTree(text);
        int found = 0;
        for (Answers.Answer answer : run.answers().answers()) {
            JsonNode said =
                    data.get("runs")
                            .get(Long.toString(answer.seed()))
                            .get(answer.model())
                            .get("said")
                            .get(Long.toString(answer.step()));
            for (int i = 0; i < data.get("prompts").size(); i++) {
                if (data.get("prompts").get(i).get("text").asText().equals(answer.prompt())) {
                    assertEquals(answer.answer(), said.get(i).asText());
                    found++;
                }
            }
        }
        assertEquals(run.answers().answers().size(), found);
    }

    @Test
    void saysWhatIsMissing() throws Exception {
        Run whole = Miniature.arithmetic(1);
        Findings findings =
                Rows.ofAccuracy().model("base", 1, 1, 1).judgedBy(Thresholds.ofAccuracy(50, 0.1));
        Run bare =
                new Run(
                        findings.results(),
                        whole.summary().with(findings.claims()),
                        List.of(),
                        Answers.NONE,
                        "");
        String text =
                parsed(Page.of(bare, findings, List.of())).getDocumentElement().getTextContent();
        assertTrue(text.contains("0 of 9 hold."));
        assertTrue(text.contains("not evaluated: the attack on unlearn-graddiff"));
        assertTrue(text.contains("This run asked no fixed prompts."));
        assertTrue(text.contains("This run has no config.yaml."));
    }
}

package dev.lethe.tools.report.figure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lethe.tools.report.Miniature;
import dev.lethe.tools.report.Rows;
import dev.lethe.tools.report.findings.Findings;
import dev.lethe.tools.report.results.Run;
import dev.lethe.tools.report.results.Thresholds;

import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.StringReader;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;

class FiguresTest {
    private static List<Figure> figures(Run run) {
        Findings findings =
                new Findings(run.results(), run.summary().models(), run.summary().thresholds());
        return Figures.of(findings, run.series());
    }

    private static Document parsed(Figure figure) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        return factory.newDocumentBuilder().parse(new InputSource(new StringReader(figure.svg())));
    }

    private static List<Element> elements(Document document, String name) {
        NodeList nodes = document.getElementsByTagNameNS("*", name);
        return IntStream.range(0, nodes.getLength())
                .mapToObj(i -> (Element) nodes.item(i))
                .toList();
    }

    private static List<String> texts(Figure figure) throws Exception {
        return elements(parsed(figure), "text").stream()
                .map(text -> text.getTextContent().strip())
                .toList();
    }

    private static Figure named(List<Figure> figures, String name) {
        return figures.stream().filter(f -> f.name().equals(name)).findFirst().orElseThrow();
    }

    @Test
    void eachClaimHasOne() {
        assertEquals(
                List.of(
                        "recovery-unlearned",
                        "kl-students",
                        "recovery-students",
                        "recovery-graddiff",
                        "recovery-maxent",
                        "recovery-rmu",
                        "untouched-half",
                        "undo-recovery",
                        "undo-alpha",
                        "undo-compute",
                        "pareto",
                        "retain"),
                figures(Miniature.arithmetic(1, 3)).stream().map(Figure::name).toList());
    }

    @Test
    void svgIsXmlWithIdsOfItsOwnAndNothingFromElsewhere() throws Exception {
        Set<String> ids = new HashSet<>();
        for (Figure figure : figures(Miniature.arithmetic(1, 3))) {
            Document document = parsed(figure);
            Element root = document.getDocumentElement();
            assertEquals("http://www.w3.org/2000/svg", root.getNamespaceURI());
            assertEquals("svg", root.getLocalName());
            assertFalse(root.getAttribute("viewBox").isEmpty());
            assertEquals(figure.caption(), root.getAttribute("aria-label"));
            for (Element element : elements(document, "*")) {
                String id = element.getAttribute("id");
                assertTrue(id.isEmpty() || ids.add(id), "twice: " + id);
                assertFalse(element.hasAttributeNS("http://www.w3.org/1999/xlink", "href"));
                assertFalse(element.hasAttribute("href"));
            }
        }
    }

    @Test
    void axesHaveUnitsAndLinesNames() throws Exception {
        List<String> texts = texts(named(figures(Miniature.arithmetic(1, 3)), "recovery-maxent"));
        for (String expected :
                List.of(
                        "filter",
                        "unlearn-maxent",
                        "distill-maxent",
                        "attack steps (updates)",
                        "forget accuracy (share of answers)",
                        "base, before unlearning",
                        "A: mean height to here",
                        "Mean of 2 seeds with 95% interval; at each step the best of learning rates"
                                + " 0.0003, 0.001, 0.003")) {
            assertTrue(texts.contains(expected), expected + " in " + texts);
        }
        List<String> language = texts(named(figures(Miniature.language(7)), "recovery-maxent"));
        assertTrue(language.contains("forget CE (nats a token)"), language.toString());
        assertTrue(
                language.stream().anyMatch(text -> text.startsWith("Seed 7; ")),
                language.toString());
    }

    @Test
    void pngHasTwiceTheSize() throws Exception {
        Figure figure = named(figures(Miniature.arithmetic(1)), "undo-alpha");
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(figure.png()));
        assertEquals(2 * figure.size().width, image.getWidth());
        assertEquals(2 * figure.size().height, image.getHeight());
        assertEquals(0xFFFFFFFF, image.getRGB(1, 1));
    }

    @Test
    void whatWasNotRunIsNotDrawn() {
        Findings findings =
                Rows.ofAccuracy().model("base", 1, 1, 1).judgedBy(Thresholds.ofAccuracy(50, 0.1));
        assertEquals(List.of(), Figures.of(findings, List.of()));
    }
}

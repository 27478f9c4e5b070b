package dev.lethe.tools.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringReader;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class RecoveryFigureTest {
    private static Document parsed(String svg) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
        return factory.newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
    }

    private static List<String> texts(Document document) {
        NodeList texts = document.getElementsByTagName("text");
        return IntStream.range(0, texts.getLength())
                .mapToObj(i -> texts.item(i).getTextContent().strip())
                .toList();
    }

    @Test
    void isXmlWithALabelledLineForEachAttackedModel() throws Exception {
        Findings findings = new Findings(List.of(Examples.seed(42)), Examples.THRESHOLDS);
        Document document = parsed(RecoveryFigure.svg(findings, "the title"));
        assertEquals("svg", document.getDocumentElement().getTagName());
        List<String> texts = texts(document);
        for (String expected :
                List.of(
                        "filter",
                        "unlearn-maxent",
                        "distill-maxent",
                        "the title",
                        "seed 42",
                        "relearning (updates)",
                        "forget accuracy (share of answers, best learning rate)")) {
            assertTrue(texts.contains(expected), expected + " in " + texts);
        }
    }

    @Test
    void severalSeedsAreDrawnButNotInTheLegend() throws Exception {
        Findings findings =
                new Findings(List.of(Examples.seed(42), Examples.seed(43)), Examples.THRESHOLDS);
        List<String> texts = texts(parsed(RecoveryFigure.svg(findings, "two")));
        assertEquals(1, texts.stream().filter("filter"::equals).count());
        assertTrue(texts.contains("mean of 2 seeds (thick), each seed (thin)"), texts.toString());
        assertTrue(texts.stream().noneMatch("filter seed 42"::equals), texts.toString());
    }
}

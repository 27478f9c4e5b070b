package dev.lethe.tools.report.figure;

import org.apache.batik.svggen.SVGGeneratorContext;
import org.apache.batik.svggen.SVGGraphics2D;
import org.apache.batik.svggen.SVGIDGenerator;
import org.apache.batik.svggen.SVGSyntax;
import org.jfree.chart.text.TextUtils;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

import java.awt.geom.Rectangle2D;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;

/// Figures as SVG, through Batik.
final class Svg {
    private static final String NAMESPACE = "http://www.w3.org/2000/svg";

    private Svg() {}

    static String of(Figure figure) {
        TextUtils.setUseDrawRotatedStringWorkaround(false); // which would draw words as outlines
        Document document = document();
        SVGGeneratorContext context = SVGGeneratorContext.createDefault(document);
        context.setComment("Lethe");
        context.setIDGenerator(
                new SVGIDGenerator() {
                    @Override
                    public String generateID(String prefix) {
                        return super.generateID(figure.name() + "-" + prefix);
                    }
                });
        SVGGraphics2D graphics = new SVGGraphics2D(context, false);
        int width = figure.size().width;
        int height = figure.size().height;
        graphics.setSVGCanvasSize(figure.size());
        figure.drawing().get().draw(graphics, new Rectangle2D.Double(0, 0, width, height));
        Element root = graphics.getRoot();
        ownDefinitions(root);
        root.setAttribute("viewBox", "0 0 %d %d".formatted(width, height));
        root.setAttribute("role", "img");
        root.setAttribute("aria-label", figure.caption());
        StringWriter text = new StringWriter();
        try {
            graphics.stream(root, text, false, false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // Declaration and document type name a file elsewhere, and may not stand within a page.
        String whole = text.toString();
        return whole.substring(whole.indexOf("<svg")).strip() + "\n";
    }

    /// Batik calls them the same in every document; nothing refers to them by that.
    private static void ownDefinitions(Element root) {
        NodeList definitions = root.getElementsByTagNameNS(NAMESPACE, "defs");
        for (int i = 0; i < definitions.getLength(); i++) {
            Element each = (Element) definitions.item(i);
            if (each.getAttribute("id").equals(SVGSyntax.ID_PREFIX_GENERIC_DEFS)) {
                each.removeAttribute("id");
            }
        }
    }

    private static Document document() {
        try {
            return DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .getDOMImplementation()
                    .createDocument(NAMESPACE, "svg", null);
        } catch (ParserConfigurationException e) {
            throw new IllegalStateException("figure: this Java has no XML documents", e);
        }
    }
}

package dev.lethe.tools.report.figure;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Shape;
import java.awt.Stroke;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// How a model is drawn, in every figure alike: Okabe and Ito's colours, which the colour-blind
/// tell apart, and markers and dashes, which tell apart in grey too.
public record Look(Color color, Shape marker, Stroke stroke) {
    private static final float WIDTH = 2.4f;
    private static final Color BLACK = new Color(0x222222);
    private static final Color GREY = new Color(0x777777);
    private static final Color ORANGE = new Color(0xE69F00);
    private static final Color SKY = new Color(0x56B4E9);
    private static final Color GREEN = new Color(0x009E73);
    private static final Color BLUE = new Color(0x0072B2);
    private static final Color VERMILION = new Color(0xD55E00);
    private static final Color INDIGO = new Color(0x332288);
    private static final Color PURPLE = new Color(0xCC79A7);

    /// From light to dark, evenly for the eye: a sample of the viridis map, read backwards.
    private static final Color[] RAMP = {
        new Color(0x8FD744),
        new Color(0x35B779),
        new Color(0x21918C),
        new Color(0x31688E),
        new Color(0x443983),
        new Color(0x440154),
    };

    private static final Set<String> KNOWN =
            Set.of(
                    "base",
                    "filter",
                    "unlearn-graddiff",
                    "unlearn-maxent",
                    "unlearn-rmu",
                    "unlearn-maxent-sam",
                    "unlearn-maxent-repnoise",
                    "student-random",
                    "student-reference",
                    "distill-maxent");

    /// @param model by name; those not known get grey
    public static Look of(String model) {
        return switch (model) {
            case "base" -> new Look(GREY, cross(), line(2));
            case "filter" -> new Look(GREEN, disc(), line());
            case "unlearn-graddiff" -> new Look(ORANGE, square(), line());
            case "unlearn-maxent" -> new Look(VERMILION, triangle(1), line());
            case "unlearn-rmu" -> new Look(PURPLE, diamond(), line());
            case "unlearn-maxent-sam" -> new Look(BLACK, cross(), line(7, 4));
            case "unlearn-maxent-repnoise" -> new Look(GREY, square(), line(2, 3));
            case "student-random" -> new Look(SKY, square(), line());
            case "student-reference" -> new Look(INDIGO, triangle(-1), line());
            case "distill-graddiff", "distill-maxent", "distill-rmu" ->
                    new Look(BLUE, diamond(), line(9, 4));
            default -> new Look(GREY, cross(), line(4, 3));
        };
    }

    /// @param share of the way from the least to the greatest alpha
    public static Look ofUndo(double share) {
        int place = (int) Math.round(share * (RAMP.length - 1));
        return new Look(RAMP[place], disc(), line());
    }

    /// The i-th of several things that are no known models.
    public static Look nth(int i) {
        Color[] colors = {BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, INDIGO, BLACK};
        Shape[] markers = {disc(), triangle(1), square(), diamond(), triangle(-1), cross()};
        float[][] dashes = {{}, {9, 4}, {2, 3}};
        return new Look(
                colors[i % colors.length],
                markers[i % markers.length],
                line(dashes[i / colors.length % dashes.length]));
    }

    /// Looks of several models, by name: UNDO's by rising alpha, those not known by their order.
    public static Map<String, Look> ofAll(List<String> models) {
        List<String> undone = models.stream().filter(m -> m.startsWith("undo-")).sorted().toList();
        Map<String, Look> looks = new LinkedHashMap<>();
        int others = 0;
        for (String model : models) {
            int place = undone.indexOf(model);
            if (place >= 0) {
                looks.put(
                        model, ofUndo(undone.size() == 1 ? 1 : place / (undone.size() - 1.0)));
            } else if (KNOWN.contains(model)) {
                looks.put(model, of(model));
            } else {
                looks.put(model, nth(others++));
            }
        }
        return looks;
    }

    /// A line of its own that is no model.
    public static Look plain() {
        return new Look(BLUE, disc(), line());
    }

    /// The same without markers, for lines of many spots.
    public Look bare() {
        return new Look(color, new Rectangle2D.Double(0, 0, 0, 0), stroke);
    }

    private static Stroke line(float... dashes) {
        return new BasicStroke(
                WIDTH,
                BasicStroke.CAP_BUTT,
                BasicStroke.JOIN_ROUND,
                10,
                dashes.length == 0 ? null : dashes,
                0);
    }

    private static Shape disc() {
        return new Ellipse2D.Double(-4, -4, 8, 8);
    }

    private static Shape square() {
        return new Rectangle2D.Double(-4, -4, 8, 8);
    }

    /// @param up 1, or -1 for one that stands on its tip
    private static Shape triangle(int up) {
        return path(0, -5 * up, 5, 4 * up, -5, 4 * up);
    }

    private static Shape diamond() {
        return path(0, -5.5, 5.5, 0, 0, 5.5, -5.5, 0);
    }

    private static Shape cross() {
        return path(
                -1.5, -5, 1.5, -5, 1.5, -1.5, 5, -1.5, 5, 1.5, 1.5, 1.5, 1.5, 5, -1.5, 5, -1.5, 1.5,
                -5, 1.5, -5, -1.5, -1.5, -1.5);
    }

    private static Shape path(double... coordinates) {
        Path2D path = new Path2D.Double();
        path.moveTo(coordinates[0], coordinates[1]);
        for (int i = 2; i < coordinates.length; i += 2) {
            path.lineTo(coordinates[i], coordinates[i + 1]);
        }
        path.closePath();
        return path;
    }
}

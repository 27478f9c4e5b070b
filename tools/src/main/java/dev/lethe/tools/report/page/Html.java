package dev.lethe.tools.report.page;

import java.util.ArrayDeque;
import java.util.Deque;

/// Writes elements so that every one is closed, and text and attributes so that they are only text.
/// The result is HTML and well-formed XML at once.
final class Html {
    private final StringBuilder out = new StringBuilder();
    private final Deque<String> open = new ArrayDeque<>();

    /// @param attributes names and values in turn
    Html open(String tag, String... attributes) {
        start(tag, attributes).append('>');
        open.push(tag);
        return this;
    }

    Html close() {
        out.append("</").append(open.pop()).append(">\n");
        return this;
    }

    Html text(String text) {
        out.append(escape(text));
        return this;
    }

    /// An element that holds text and nothing else.
    Html element(String tag, String text, String... attributes) {
        start(tag, attributes).append('>').append(escape(text));
        out.append("</").append(tag).append(">\n");
        return this;
    }

    /// An element that cannot hold anything.
    Html empty(String tag, String... attributes) {
        start(tag, attributes).append("/>\n");
        return this;
    }

    /// Markup made elsewhere.
    Html markup(String markup) {
        out.append(markup);
        return this;
    }

    private StringBuilder start(String tag, String... attributes) {
        out.append('<').append(tag);
        for (int i = 0; i < attributes.length; i += 2) {
            out.append(' ').append(attributes[i]).append("=\"");
            out.append(escape(attributes[i + 1])).append('"');
        }
        return out;
    }

    static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        visible(text)
                .codePoints()
                .forEach(
                        c -> {
                            switch (c) {
                                case '&' -> escaped.append("&amp;");
                                case '<' -> escaped.append("&lt;");
                                case '>' -> escaped.append("&gt;");
                                case '"' -> escaped.append("&quot;");
                                default -> escaped.appendCodePoint(c);
                            }
                        });
        return escaped.toString();
    }

    /// Models of bytes may answer with characters that no page may contain.
    static String visible(String text) {
        return text.codePoints()
                .map(c -> isText(c) ? c : 0xFFFD)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static boolean isText(int c) {
        boolean control = c < 0x20 && c != '\n' && c != '\t' || c >= 0x7F && c < 0xA0;
        boolean none =
                c >= 0xD800 && c < 0xE000 || (c & 0xFFFE) == 0xFFFE || c >= 0xFDD0 && c < 0xFDF0;
        return !control && !none;
    }

    @Override
    public String toString() {
        if (!open.isEmpty()) {
            throw new IllegalStateException("page: not closed: " + open);
        }
        return out.toString();
    }
}

package io.github.jconv.check.report;

import java.awt.Color;

/**
 * The colours of the plots. A plot is drawn with stand-ins, for which the page's own colours are put in afterwards, so that the same
 * SVG follows light and dark.
 */
enum Ink {
    TEXT("text"), MUTED("muted"), LINE("line"), PAGE("page"), GOOD("good"), BAD("bad"), BAR("bar"),
    SERIES_1("s1"), SERIES_2("s2"), SERIES_3("s3"), SERIES_4("s4"), SERIES_5("s5"), SERIES_6("s6"),
    NO_CHECKS("h0"), ALL_AGREE("h1"), FEW_DIFFER("h2"), SOME_DIFFER("h3"), MANY_DIFFER("h4");

    private static final int STAND_IN = 0x0B0D00;

    private final String variable;

    Ink(String variable) {
        this.variable = variable;
    }

    /** What to draw with. */
    Color color() {
        return new Color(STAND_IN + ordinal() + 1);
    }

    /** The colours of the page in the place of the stand-ins. */
    static String onPage(String svg) {
        String themed = svg;
        for (Ink ink : values()) {
            Color color = ink.color();
            themed = themed.replace("rgb(" + color.getRed() + "," + color.getGreen() + "," + color.getBlue() + ")",
                    "var(--" + ink.variable + ")");
        }
        return themed;
    }

    /** The colour of a series; they repeat, the shapes of the points with a period of their own. */
    static Ink ofSeries(int index) {
        return values()[SERIES_1.ordinal() + index % (SERIES_6.ordinal() - SERIES_1.ordinal() + 1)];
    }
}

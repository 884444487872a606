package io.usageapi.http;

import java.util.ArrayList;
import java.util.List;

/** The header {@code Prefer} (RFC 7240), of which one preference counts: how to handle errors. */
public final class Prefer {
  /** The name of the header. */
  public static final String HEADER = "Prefer";

  /** The name of the header that says which preferences counted. */
  public static final String APPLIED = "Preference-Applied";

  /** The preference for an answer that fails when anything was wrong. */
  public static final String STRICT = "handling=strict";

  private static final String HANDLING = "handling";

  private Prefer() {}

  /**
   * Whether a caller prefers {@link #STRICT}. Of several values the first counts.
   *
   * @param lines the lines of the header
   */
  public static boolean isStrict(List<String> lines) {
    for (String preference : split(String.join(",", lines), ',')) {
      // Behind a semicolon are its parameters; this one has none.
      String[] parts = split(preference, ';').get(0).split("=", 2);
      if (parts[0].strip().equalsIgnoreCase(HANDLING)) {
        return parts.length == 2
            && parts[1].strip().replaceFirst("^\"(.*)\"$", "$1").equalsIgnoreCase("strict");
      }
    }
    return false;
  }

  /** Splits at a character outside of quoted strings. */
  private static List<String> split(String text, char separator) {
    List<String> parts = new ArrayList<>();
    boolean quoted = false;
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' && quoted) {
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == separator && !quoted) {
        parts.add(text.substring(start, i));
        start = i + 1;
      }
    }
    parts.add(text.substring(start));
    return parts;
  }
}

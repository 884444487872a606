package io.usageapi.account;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A regular expression of Postgres that finds a text in another one without regard to case. It
 * names the cases of each character itself: to the database, which compares by code point, only
 * ASCII letters have cases.
 */
final class SearchPattern {
  private SearchPattern() {}

  /** The expression for a text. */
  static String of(String text) {
    return text.codePoints().mapToObj(SearchPattern::anyCase).collect(Collectors.joining());
  }

  private static String anyCase(int codePoint) {
    Set<Integer> cases =
        new TreeSet<>(
            List.of(codePoint, Character.toLowerCase(codePoint), Character.toUpperCase(codePoint)));
    String literals = cases.stream().map(SearchPattern::literal).collect(Collectors.joining());
    return cases.size() == 1 ? literals : "[" + literals + "]";
  }

  /**
   * A backslash before a letter or digit would have a meaning, before anything else it has none.
   */
  private static String literal(int codePoint) {
    String text = Character.toString(codePoint);
    return Character.isLetterOrDigit(codePoint) || codePoint >= 0x80 ? text : "\\" + text;
  }
}

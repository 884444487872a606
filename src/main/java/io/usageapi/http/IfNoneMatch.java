package io.usageapi.http;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a caller holds, as {@code If-None-Match} says it (RFC 9110 section 13.1.2): a list of entity
 * tags, over one line or several, or {@code *} for anything. A value that is neither is as if it
 * were not there: the caller then gets the whole answer, which is never wrong.
 *
 * @param lines the lines of the header; none without the header
 */
record IfNoneMatch(List<String> lines) {
  /** An element of the list, which may be empty, with what separates it from the next. */
  private static final Pattern ELEMENT =
      Pattern.compile("\\G[ \\t]*(?:(?:W/)?\"([\\x21\\x23-\\x7E\\x80-\\xFF]*)\")?[ \\t]*(?:,|$)");

  IfNoneMatch {
    lines = List.copyOf(lines);
  }

  /** Whether the header was sent at all. */
  boolean isPresent() {
    return !lines.isEmpty();
  }

  /**
   * Whether the caller holds the representation of a tag. The comparison is weak: {@code W/} makes
   * no difference.
   *
   * @param opaque the tag, without its quotes
   */
  boolean holds(String opaque) {
    String list = String.join(",", lines);
    if (list.strip().equals("*")) {
      return true;
    }
    boolean held = false;
    int end = 0;
    Matcher element = ELEMENT.matcher(list);
    while (end < list.length() && element.find()) {
      held |= opaque.equals(element.group(1));
      end = element.end();
    }
    return held && end == list.length();
  }
}

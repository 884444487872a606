package io.usageapi.http;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Reads {@code Accept} and {@code Content-Type} (RFC 9110 sections 8.3 and 12.5.1) in one pass, as
 * the caller chooses their length. It also takes a lone {@code *} and {@code q=.2}, which old Java
 * clients send.
 */
public final class MediaTypes {
  /**
   * What methods produce that answer {@code text/csv; profile=focus}. Nobody sees this type: the
   * framework ignores parameters when it chooses a method.
   */
  public static final String FOCUS = "text/vnd.usage-api.focus";

  /** The most media ranges in an {@code Accept}, over all its lines. */
  static final int MAX_RANGES = 100;

  /** The most parameters of a media type or range. */
  static final int MAX_PARAMETERS = 20;

  private static final String JSON = "application/json";
  private static final String CSV = "text/csv";
  private static final String PROFILE = ";profile=";

  /** What the server produces, by preference. */
  private static final List<String> PRODUCED =
      List.of(JSON, "application/hal+json", CSV, FOCUS, "application/x-ndjson");

  /** The answer for most callers. */
  private static final List<String> JSON_ALONE = List.of(JSON);

  private static final int FULL_WEIGHT = 1000;
  private static final int NO_WEIGHT = -1;

  private MediaTypes() {}

  /**
   * A type, or a range of them.
   *
   * @param type in lower case, without its parameters
   * @param profile the parameter of this name, or null
   * @param weight in thousandths
   */
  private record Range(String type, String profile, int weight) {
    /** The type, for text with its profile, which makes it another type. */
    String name() {
      return profile != null && type.startsWith("text/") ? type + PROFILE + profile : type;
    }
  }

  /** Whether the value of a {@code Content-Type} is one, without wildcards. */
  static boolean isConcrete(String contentType) {
    Reader reader = new Reader(contentType);
    Range range = reader.range();
    return range != null && range.type().indexOf('*') < 0 && reader.atEnd();
  }

  /**
   * The types that the server produces and the caller accepts, best first. Empty when there is
   * none, and when the header is malformed or has too many ranges or parameters.
   *
   * @param accept the lines of the header
   */
  static List<String> accepted(List<String> accept) {
    if (accept.size() == 1 && accept.get(0).equals(JSON)) {
      return JSON_ALONE;
    }
    List<Range> ranges = new ArrayList<>();
    Reader reader = new Reader(String.join(",", accept));
    while (!reader.atEnd()) {
      // An element may be empty.
      if (!reader.skip(',')) {
        Range range = reader.range();
        if (range == null || ranges.size() == MAX_RANGES || !(reader.atEnd() || reader.skip(','))) {
          return List.of();
        }
        ranges.add(range);
      }
    }
    return PRODUCED.stream()
        .map(type -> new Range(type, null, weight(type, ranges)))
        .filter(range -> range.weight() > 0)
        .sorted(Comparator.comparing(Range::weight).reversed())
        .map(Range::type)
        .toList();
  }

  /** The weight of the most specific range that matches a type; 0 without one. */
  private static int weight(String type, List<Range> ranges) {
    List<String> matching =
        switch (type) {
          case JSON -> List.of(type, "application/*", "*/*");
          case CSV -> List.of(type, "text/*");
          case FOCUS -> List.of(CSV + PROFILE + "focus");
          default -> List.of(type);
        };
    for (String name : matching) {
      for (Range range : ranges) {
        if (range.name().equals(name)) {
          return range.weight();
        }
      }
    }
    return 0;
  }

  /** In thousandths; {@link #NO_WEIGHT} for what is no weight (RFC 9110 section 12.4.2). */
  private static int weight(String text) {
    int point = text.indexOf('.');
    String whole = point < 0 ? text : text.substring(0, point);
    String fraction = point < 0 ? "" : text.substring(point + 1);
    boolean hasDigits = !whole.isEmpty() || !fraction.isEmpty();
    if (!hasDigits || fraction.length() > 3 || !(whole.isEmpty() || isZeroOrOne(whole))) {
      return NO_WEIGHT;
    }
    int thousandths = whole.equals("1") ? FULL_WEIGHT : 0;
    int place = FULL_WEIGHT;
    for (int i = 0; i < fraction.length(); i++) {
      char digit = fraction.charAt(i);
      if (digit < '0' || digit > '9') {
        return NO_WEIGHT;
      }
      place /= 10;
      thousandths += (digit - '0') * place;
    }
    return thousandths > FULL_WEIGHT ? NO_WEIGHT : thousandths;
  }

  private static boolean isZeroOrOne(String text) {
    return text.equals("0") || text.equals("1");
  }

  /** Goes over the text of a header once. */
  private static final class Reader {
    private static final String OTHER_TOKEN_CHARACTERS = "!#$%&'*+.^_`|~-";

    private final String text;
    private int at;

    Reader(String text) {
      this.text = text;
      skipSpace();
    }

    boolean atEnd() {
      return at >= text.length();
    }

    /** Goes past a character, and the space after it, where it is the next. */
    boolean skip(char expected) {
      if (atEnd() || text.charAt(at) != expected) {
        return false;
      }
      at++;
      skipSpace();
      return true;
    }

    /** A range with its parameters, and the space after them; null where there is none. */
    Range range() {
      String type = type();
      if (type == null) {
        return null;
      }
      skipSpace();
      int weight = FULL_WEIGHT;
      boolean weighed = false;
      String profile = null;
      int parameters = 0;
      while (skip(';')) {
        // A parameter may be missing.
        String name = token();
        if (!name.isEmpty()) {
          int start = at + 1;
          if (parameters++ == MAX_PARAMETERS || !parameterValue()) {
            return null;
          }
          if (!weighed && name.equalsIgnoreCase("q")) {
            weight = weight(text.substring(start, at));
            weighed = true;
          } else if (profile == null && name.equalsIgnoreCase("profile")) {
            profile = unquoted(text.substring(start, at).strip());
          }
          skipSpace();
        }
      }
      return weight == NO_WEIGHT ? null : new Range(type, profile, weight);
    }

    private String type() {
      int start = at;
      String type = token();
      if (type.isEmpty()) {
        return null;
      }
      if (atEnd() || text.charAt(at) != '/') {
        return type.equals("*") ? "*/*" : null;
      }
      at++;
      return token().isEmpty() ? null : text.substring(start, at).toLowerCase(Locale.ROOT);
    }

    /** Goes past {@code =} and a token or a quoted string. */
    private boolean parameterValue() {
      if (atEnd() || text.charAt(at) != '=') {
        return false;
      }
      at++;
      if (atEnd() || text.charAt(at) != '"') {
        return !token().isEmpty();
      }
      at++;
      while (!atEnd() && text.charAt(at) != '"') {
        // A backslash, and the character it makes an ordinary one.
        at += text.charAt(at) == '\\' ? 2 : 1;
      }
      return skip('"');
    }

    private static String unquoted(String value) {
      return value.startsWith("\"") ? value.substring(1, value.length() - 1) : value;
    }

    private String token() {
      int start = at;
      while (!atEnd() && isTokenCharacter(text.charAt(at))) {
        at++;
      }
      return text.substring(start, at);
    }

    private void skipSpace() {
      while (!atEnd() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
        at++;
      }
    }

    private static boolean isTokenCharacter(char c) {
      return (c >= 'a' && c <= 'z')
          || (c >= 'A' && c <= 'Z')
          || (c >= '0' && c <= '9')
          || OTHER_TOKEN_CHARACTERS.indexOf(c) >= 0;
    }
  }
}

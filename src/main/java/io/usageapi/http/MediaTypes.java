package io.usageapi.http;

import jakarta.ws.rs.core.MediaType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

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

  /** The name of the parameter of a JSON type whose decimals are strings, as OData spells it. */
  static final String COMPATIBLE = "IEEE754Compatible";

  /** The parameter. */
  static final String TEXT_DECIMALS = ";" + COMPATIBLE + "=true";

  private static final String JSON = "application/json";
  private static final String HAL = "application/hal+json";
  private static final String CSV = "text/csv";
  private static final String PROFILE = ";profile=";

  /** What the server produces, by preference. */
  private static final List<String> PRODUCED =
      List.of(JSON, HAL, CSV, FOCUS, "application/x-ndjson");

  /** The same for a caller who names a type with {@link #TEXT_DECIMALS}. */
  private static final List<String> PRODUCED_WITH_TEXT =
      Stream.concat(Stream.of(JSON + TEXT_DECIMALS, HAL + TEXT_DECIMALS), PRODUCED.stream())
          .toList();

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
   * @param textDecimals whether it has {@link #TEXT_DECIMALS}
   * @param weight in thousandths
   */
  private record Range(String type, String profile, boolean textDecimals, int weight) {
    /** The type, with the parameters that make it another type. */
    String name() {
      if (profile != null && type.startsWith("text/")) {
        return type + PROFILE + profile;
      }
      return isText() ? type + TEXT_DECIMALS : type;
    }

    boolean isText() {
      return textDecimals && (type.equals(JSON) || type.equals(HAL));
    }
  }

  /** A type that the server produces, with the weight that it has for a caller. */
  private record Weighed(String type, int weight) {
    /** The type without {@link #TEXT_DECIMALS}. */
    String plain() {
      return type.replace(TEXT_DECIMALS, "");
    }
  }

  /** Whether the value of a {@code Content-Type} is one, without wildcards. */
  static boolean isConcrete(String contentType) {
    Reader reader = new Reader(contentType);
    Range range = reader.range();
    return range != null && range.type().indexOf('*') < 0 && reader.atEnd();
  }

  /**
   * The types that the server produces and the caller accepts, best first. A JSON type comes once,
   * with or without {@link #TEXT_DECIMALS}. Empty when there is none, and when the header is
   * malformed or has too many ranges or parameters.
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
    return ranges.stream().anyMatch(Range::isText)
        ? withText(ranges)
        : weighed(PRODUCED, ranges).map(Weighed::type).toList();
  }

  private static List<String> withText(List<Range> ranges) {
    Map<String, String> best = new LinkedHashMap<>();
    weighed(PRODUCED_WITH_TEXT, ranges)
        .forEach(each -> best.putIfAbsent(each.plain(), each.type()));
    return List.copyOf(best.values());
  }

  private static Stream<Weighed> weighed(List<String> types, List<Range> ranges) {
    return types.stream()
        .map(type -> new Weighed(type, weight(type, ranges)))
        .filter(each -> each.weight() > 0)
        .sorted(Comparator.comparing(Weighed::weight).reversed());
  }

  /** Whether a type has {@link #TEXT_DECIMALS}. */
  static boolean hasTextDecimals(MediaType type) {
    return "true".equalsIgnoreCase(type.getParameters().get(COMPATIBLE));
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
      boolean textDecimals = false;
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
          } else if (name.equalsIgnoreCase(COMPATIBLE)) {
            textDecimals = unquoted(text.substring(start, at).strip()).equalsIgnoreCase("true");
          }
          skipSpace();
        }
      }
      return weight == NO_WEIGHT ? null : new Range(type, profile, textDecimals, weight);
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

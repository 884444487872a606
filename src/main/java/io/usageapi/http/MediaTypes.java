package io.usageapi.http;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@code Accept} and {@code Content-Type} (RFC 9110 sections 8.3 and 12.5.1). */
final class MediaTypes {
  private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
  private static final String PARAMETERS =
      "((?:\\s*;\\s*(?:" + TOKEN + "=(?:" + TOKEN + "|\"[^\"]*\"))?)*)";

  /** A lone {@code *} and {@code q=.2} are not in the RFC, but are what old Java clients send. */
  private static final Pattern RANGE =
      Pattern.compile("\\s*(\\*|" + TOKEN + "/" + TOKEN + ")" + PARAMETERS + "\\s*");

  private static final Pattern WEIGHT = Pattern.compile(";\\s*[qQ]=([^;\\s]*)");
  private static final Pattern WEIGHT_VALUE =
      Pattern.compile("0?\\.[0-9]{1,3}|0\\.?|1(?:\\.0{0,3})?");

  private static final Pattern CONCRETE =
      Pattern.compile(
          "\\s*" + TOKEN.replace("*", "") + "/" + TOKEN.replace("*", "") + PARAMETERS + "\\s*");

  /** What the server produces, the first first where a caller does not mind. */
  private static final List<String> PRODUCED =
      List.of("application/json", "application/hal+json", "text/csv", "application/x-ndjson");

  private MediaTypes() {}

  private record Range(String type, BigDecimal weight) {}

  /** Whether the value of a {@code Content-Type} is one, without wildcards. */
  static boolean isConcrete(String contentType) {
    return CONCRETE.matcher(contentType).matches();
  }

  /**
   * What a caller accepts of what the server produces, best first; empty when nothing is, or when
   * the header is malformed.
   *
   * @param accept the lines of the header
   */
  static List<String> accepted(List<String> accept) {
    List<Range> ranges = new ArrayList<>();
    for (String element : String.join(",", accept).split(",", -1)) {
      if (element.isBlank()) {
        continue;
      }
      Optional<Range> range = range(element);
      if (range.isEmpty()) {
        return List.of();
      }
      ranges.add(range.get());
    }
    return PRODUCED.stream()
        .map(type -> new Range(type, weight(type, ranges)))
        .filter(range -> range.weight().signum() > 0)
        .sorted(Comparator.comparing(Range::weight).reversed())
        .map(Range::type)
        .toList();
  }

  private static Optional<Range> range(String element) {
    Matcher matcher = RANGE.matcher(element);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    Matcher weight = WEIGHT.matcher(matcher.group(2));
    String value = weight.find() ? weight.group(1) : "1";
    if (!WEIGHT_VALUE.matcher(value).matches()) {
      return Optional.empty();
    }
    String type = matcher.group(1).toLowerCase(Locale.ROOT);
    return Optional.of(new Range(type.equals("*") ? "*/*" : type, new BigDecimal(value)));
  }

  /** The weight by the most specific range that counts for a type; 0 without one. */
  private static BigDecimal weight(String type, List<Range> ranges) {
    List<String> matching =
        switch (type) {
          case "application/json" -> List.of(type, "application/*", "*/*");
          case "text/csv" -> List.of(type, "text/*");
          default -> List.of(type);
        };
    return matching.stream()
        .flatMap(name -> ranges.stream().filter(range -> range.type().equals(name)))
        .map(Range::weight)
        .findFirst()
        .orElse(BigDecimal.ZERO);
  }
}

package io.usageapi.http;

import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.error.FieldError;
import io.usageapi.text.TextLimit;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The query parameters of a request, read strictly (OpenAPI document, "Conventions"): one that is
 * unknown, given twice, empty or malformed is an error. Errors are collected, so that one answer
 * names them all.
 */
public final class QueryParameters {
  private static final String NOT_UTF_8 = "is not percent-encoded UTF-8 without U+0000";
  private static final Pattern DIGITS = Pattern.compile("[0-9]+");

  /** The JDK's decoder takes signs and digits of other scripts behind the percent sign. */
  private static final Pattern MALFORMED = Pattern.compile("%(?![0-9A-Fa-f]{2})");

  private final Map<String, String> values = new LinkedHashMap<>();
  private final Map<String, FieldError> errors = new LinkedHashMap<>();
  private ErrorCode code;

  private QueryParameters() {}

  /**
   * Reads the query of a request.
   *
   * @param rawQuery the query as sent, still encoded, or null
   * @param known the names there are
   */
  public static QueryParameters of(String rawQuery, Set<String> known) {
    QueryParameters parameters = new QueryParameters();
    if (rawQuery != null && !rawQuery.isEmpty()) {
      for (String pair : rawQuery.split("&", -1)) {
        parameters.add(pair, known);
      }
    }
    return parameters;
  }

  /** The parameters of a query, whatever their names, that are not percent-encoded UTF-8. */
  static List<FieldError> malformed(String rawQuery) {
    return Arrays.stream(rawQuery == null ? new String[0] : rawQuery.split("&", -1))
        .filter(pair -> decode(pair).isEmpty())
        .map(pair -> new FieldError(TextLimit.shown(pair.replaceFirst("=.*", "")), NOT_UTF_8))
        .toList();
  }

  private void add(String pair, Set<String> known) {
    int equals = pair.indexOf('=');
    String rawName = equals < 0 ? pair : pair.substring(0, equals);
    Optional<String> name = decode(rawName);
    if (name.isEmpty() || !known.contains(name.get())) {
      reject(name.orElse(rawName), "is not a parameter of this resource");
      return;
    }
    Optional<String> value = decode(equals < 0 ? "" : pair.substring(equals + 1));
    if (value.isEmpty()) {
      reject(name.get(), NOT_UTF_8);
    } else if (value.get().isEmpty()) {
      reject(name.get(), "must not be empty");
    } else if (values.putIfAbsent(name.get(), value.get()) != null) {
      reject(name.get(), "must be given once");
    }
  }

  /** Refuses what is not UTF-8; the JDK alone would put a replacement character. */
  static Optional<String> decode(String encoded) {
    if (MALFORMED.matcher(encoded).find()) {
      return Optional.empty();
    }
    try {
      // ISO 8859-1 keeps each byte, so that malformed UTF-8 can still be told apart.
      byte[] bytes =
          URLDecoder.decode(encoded, StandardCharsets.ISO_8859_1)
              .getBytes(StandardCharsets.ISO_8859_1);
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return text.indexOf('\0') < 0 ? Optional.of(text) : Optional.empty();
    } catch (IllegalArgumentException | CharacterCodingException e) {
      return Optional.empty();
    }
  }

  /** The value of a parameter, if it was given once and well-formed. */
  public Optional<String> text(String name) {
    return errors.containsKey(name) ? Optional.empty() : Optional.ofNullable(values.get(name));
  }

  /** Whether the parameter was given, well-formed or not. */
  public boolean has(String name) {
    return values.containsKey(name) || errors.containsKey(name);
  }

  /** Whether one of these parameters is at fault. */
  public boolean anyRejected(String... names) {
    return Arrays.stream(names).anyMatch(errors::containsKey);
  }

  /** The value of a parameter of at most {@code maxLength} characters. */
  public Optional<String> text(String name, int maxLength) {
    Optional<String> text = text(name);
    if (text.isPresent() && text.get().codePointCount(0, text.get().length()) > maxLength) {
      reject(name, "must have at most " + maxLength + " characters");
      return Optional.empty();
    }
    return text;
  }

  /** The value of a parameter that is a whole number, or {@code fallback} without one. */
  public int number(String name, int min, int max, int fallback) {
    Optional<String> text = text(name);
    if (text.isEmpty()) {
      return fallback;
    }
    int number = DIGITS.matcher(text.get()).matches() ? parseInt(text.get()) : -1;
    if (number < min || number > max) {
      reject(
          name,
          max == Integer.MAX_VALUE
              ? "must be a whole number, " + min + " or more"
              : "must be a whole number from " + min + " to " + max);
      return fallback;
    }
    return number;
  }

  /** The number that digits spell, at most {@link Integer#MAX_VALUE}. */
  private static int parseInt(String digits) {
    try {
      return Integer.parseInt(digits);
    } catch (NumberFormatException e) {
      return Integer.MAX_VALUE;
    }
  }

  /** Notes that a parameter is at fault. */
  public void reject(String name, String description) {
    reject(name, ErrorCode.INVALID_PARAMETER, description);
  }

  /** Notes that a parameter is at fault, with the code of its own that the error then has. */
  public void reject(String name, ErrorCode errorCode, String description) {
    if (errors.putIfAbsent(name, new FieldError(name, description)) == null) {
      code = errors.size() == 1 ? errorCode : ErrorCode.INVALID_PARAMETER;
    }
  }

  /**
   * Ends reading.
   *
   * @throws ApiException 400 that names every parameter at fault, if there is one
   */
  public void check() {
    if (!errors.isEmpty()) {
      throw ApiException.of(code, List.copyOf(errors.values()));
    }
  }
}

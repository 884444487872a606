package io.usageapi.explorer;

import static java.math.BigDecimal.ZERO;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.usageapi.fixture.Api;
import java.math.BigDecimal;
import java.time.YearMonth;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** All usage of an organization as it is exported; the sums are made here and not by the server. */
record ExportedUsage(List<Map<String, Object>> lines) {
  private static final Set<String> TOP_UPS = Set.of("RECHARGE", "CREDIT_COMMIT");

  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  static ExportedUsage of(String token) {
    String body =
        Api.as(token)
            .accept("application/x-ndjson")
            .get(Api.USAGE)
            .then()
            .statusCode(200)
            .extract()
            .asString();
    return new ExportedUsage(body.lines().map(ExportedUsage::parse).toList());
  }

  /** The lines of consumption or of top-ups. */
  ExportedUsage ofKind(String kind) {
    return only(line -> TOP_UPS.contains(line.get("type")) == kind.equals("top_up"));
  }

  ExportedUsage in(String currency) {
    return only(line -> line.get("currency").equals(currency));
  }

  ExportedUsage of(YearMonth month) {
    return only(line -> line.get("month").equals(month.toString()));
  }

  Stream<String> currencies() {
    return lines.stream().map(line -> (String) line.get("currency")).distinct();
  }

  BigDecimal sum() {
    return lines.stream().map(ExportedUsage::amount).reduce(ZERO, BigDecimal::add);
  }

  /** The sum of each value of a field; a value that is absent is the key "null". */
  Map<String, BigDecimal> sumsBy(String field) {
    Map<String, BigDecimal> sums = new HashMap<>();
    lines.forEach(
        line -> sums.merge(String.valueOf(line.get(field)), amount(line), BigDecimal::add));
    return sums;
  }

  private ExportedUsage only(Predicate<Map<String, Object>> wanted) {
    return new ExportedUsage(lines.stream().filter(wanted).toList());
  }

  private static BigDecimal amount(Map<String, Object> line) {
    return new BigDecimal(line.get("total_amount").toString());
  }

  private static Map<String, Object> parse(String line) {
    try {
      return JSON.readValue(line, new TypeReference<>() {});
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(line, e);
    }
  }
}

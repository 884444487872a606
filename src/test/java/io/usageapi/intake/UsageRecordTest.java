package io.usageapi.intake;

import static org.assertj.core.api.Assertions.assertThat;

import io.usageapi.aggregate.AggregateKey;
import io.usageapi.aggregate.Dimension;
import io.usageapi.security.OrganizationId;
import io.usageapi.text.Rfc3339;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UsageRecordTest {
  private static final OrganizationId ACME = new OrganizationId("acme");

  /** A record with a value in every field. */
  private static Map<String, String> fields() {
    return new TreeMap<>(
        Map.ofEntries(
            Map.entry("id", "r1"),
            Map.entry("account_id", "acme-eu"),
            Map.entry("product_id", "prod"),
            Map.entry("aggr_product_id", "voice"),
            Map.entry("occurred_at", "2024-08-31T22:30:00Z"),
            Map.entry("type", "CALL"),
            Map.entry("description", "Calls"),
            Map.entry("currency", "EUR"),
            Map.entry("direction", "INBOUND"),
            Map.entry("resolution", "ANSWERED"),
            Map.entry("unit", "OTHER"),
            Map.entry("unit_word", "Hours"),
            Map.entry("price", "1.5"),
            Map.entry("wallet_name", "main"),
            Map.entry("number_of_units", "2"),
            Map.entry("total_amount", "3")));
  }

  private static UsageRecord record(Map<String, String> fields) {
    return new UsageRecord(
        fields.get("id"),
        Instant.parse(fields.get("occurred_at")),
        AggregateKey.of(dimension -> value(dimension, fields)),
        new BigDecimal(fields.get("number_of_units")),
        new BigDecimal(fields.get("total_amount")));
  }

  private static Object value(Dimension dimension, Map<String, String> fields) {
    String text = fields.get(dimension.column());
    return switch (dimension.kind()) {
      case MONTH -> UsageRecord.monthOf(Instant.parse(fields.get("occurred_at")));
      case NUMBER -> text == null ? null : new BigDecimal(text);
      default -> dimension.fromColumn(text);
    };
  }

  private static UsageRecord with(String name, String value) {
    Map<String, String> fields = fields();
    fields.put(name, value);
    return record(fields);
  }

  private static final UsageRecord RECORD = record(fields());

  @ParameterizedTest
  @CsvSource({
    "2024-08-31T22:30:00Z, 2024-08",
    "2024-08-01T00:00:00Z, 2024-08",
    "2024-08-31T23:59:59.999999Z, 2024-08",
    "2024-09-01T00:00:00Z, 2024-09",
    "2024-02-29T12:00:00Z, 2024-02"
  })
  void the_month_is_cut_at_utc_midnight(String occurredAt, YearMonth month) {
    assertThat(with("occurred_at", occurredAt).month()).isEqualTo(month);
  }

  /** Known once and for all: an id that changed would be another aggregate to every reader. */
  @Test
  void the_id_of_an_aggregate_is_the_same_on_every_machine_and_in_every_release() {
    UsageRecord record =
        record(
            Map.ofEntries(
                Map.entry("id", "r"),
                Map.entry("account_id", "a"),
                Map.entry("product_id", "p"),
                Map.entry("occurred_at", "2026-01-15T12:00:00Z"),
                Map.entry("type", "CALL"),
                Map.entry("description", "ö"),
                Map.entry("currency", "EUR"),
                Map.entry("unit", "OTHER"),
                Map.entry("unit_word", "GB-Months"),
                Map.entry("price", "1.50"),
                Map.entry("number_of_units", "1"),
                Map.entry("total_amount", "10")));

    assertThat(aggregateId(new OrganizationId("acme"), record))
        .hasToString("9cddd6be-ca86-709b-68cc-c61d00a7507d");
  }

  @Test
  void half_past_midnight_of_september_in_berlin_is_august() {
    String time = Rfc3339.parse("2024-09-01T00:30:00+02:00").orElseThrow().toString();
    assertThat(with("occurred_at", time).month()).isEqualTo(YearMonth.of(2024, 8));
  }

  @Test
  void the_identity_is_the_account_and_the_id() {
    assertThat(RECORD.identity()).isEqualTo(new UsageRecord.Identity("acme-eu", "r1"));
    assertThat(with("total_amount", "4").identity()).isEqualTo(RECORD.identity());
    assertThat(with("id", "r2").identity()).isNotEqualTo(RECORD.identity());
    assertThat(with("account_id", "acme-us").identity()).isNotEqualTo(RECORD.identity());
  }

  @ParameterizedTest
  @CsvSource({
    "account_id, acme-us",
    "product_id, prod1",
    "aggr_product_id, ",
    "aggr_product_id, text",
    "occurred_at, 2024-09-01T00:00:00Z",
    "type, OTHER",
    "description, ",
    "description, calls",
    "currency, USD",
    "direction, ",
    "direction, OUTBOUND",
    "resolution, ",
    "resolution, MISSED",
    "unit, MINUTES",
    "unit_word, ",
    "unit_word, GB-Months",
    "price, ",
    "price, 1.51",
    "wallet_name, ",
    "wallet_name, other"
  })
  void each_field_of_the_grouping_makes_another_aggregate_and_other_content(
      String name, String value) {
    UsageRecord other = with(name, value);
    assertThat(aggregateId(ACME, other)).isNotEqualTo(aggregateId(ACME, RECORD));
    assertThat(other.content()).isNotEqualTo(RECORD.content());
  }

  @Test
  void another_organization_makes_another_aggregate() {
    assertThat(aggregateId(new OrganizationId("acme2"), RECORD))
        .isNotEqualTo(aggregateId(ACME, RECORD));
  }

  @ParameterizedTest
  @CsvSource({
    "id, r2",
    "occurred_at, 2024-08-01T00:00:00Z",
    "number_of_units, 5",
    "number_of_units, -2",
    "total_amount, 7.5",
    "total_amount, -3"
  })
  void the_id_the_time_within_the_month_and_the_sums_do_not(String name, String value) {
    assertThat(aggregateId(ACME, with(name, value))).isEqualTo(aggregateId(ACME, RECORD));
  }

  @ParameterizedTest
  @CsvSource({
    "occurred_at, 2024-08-31T22:30:00.000001Z",
    "number_of_units, 2.000000000000000000000000000001",
    "number_of_units, -2",
    "total_amount, 3.01",
    "total_amount, 0"
  })
  void the_time_and_the_amounts_are_content(String name, String value) {
    assertThat(with(name, value).content()).isNotEqualTo(RECORD.content());
  }

  @ParameterizedTest
  @CsvSource({
    "price, 1.50",
    "price, 15e-1",
    "number_of_units, 2.00",
    "number_of_units, 0.2e1",
    "total_amount, 3.000",
    "occurred_at, 2024-08-31T22:30:00.000Z"
  })
  void the_spelling_of_numbers_and_times_is_neither(String name, String value) {
    assertThat(with(name, value).content()).isEqualTo(RECORD.content());
    assertThat(aggregateId(ACME, with(name, value))).isEqualTo(aggregateId(ACME, RECORD));
  }

  @Test
  void two_nulls_are_equal() {
    assertThat(aggregateId(ACME, with("wallet_name", null)))
        .isEqualTo(aggregateId(ACME, with("wallet_name", null)));
  }

  @Test
  void a_null_is_another_than_a_null_elsewhere_and_than_a_word() {
    Set<UUID> ids = new HashSet<>();
    ids.add(aggregateId(ACME, with("aggr_product_id", null)));
    ids.add(aggregateId(ACME, with("description", null)));
    ids.add(aggregateId(ACME, with("wallet_name", null)));
    ids.add(aggregateId(ACME, with("wallet_name", "null")));
    ids.add(aggregateId(ACME, with("wallet_name", "")));
    assertThat(ids).hasSize(5);
  }

  @Test
  void neighbouring_fields_do_not_run_together() {
    Map<String, String> one = fields();
    one.put("product_id", "prod1");
    one.put("aggr_product_id", "1");
    Map<String, String> other = fields();
    other.put("product_id", "prod");
    other.put("aggr_product_id", "11");
    assertThat(aggregateId(ACME, record(one))).isNotEqualTo(aggregateId(ACME, record(other)));
    assertThat(aggregateId(ACME, with("account_id", "2acme")))
        .isNotEqualTo(aggregateId(new OrganizationId("acme2"), with("account_id", "acme")));
  }

  @Test
  void no_price_is_another_than_a_price_of_0() {
    assertThat(aggregateId(ACME, with("price", null)))
        .isNotEqualTo(aggregateId(ACME, with("price", "0")));
  }

  private static UUID aggregateId(OrganizationId organization, UsageRecord record) {
    return record.key().id(organization);
  }
}

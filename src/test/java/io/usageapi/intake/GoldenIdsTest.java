package io.usageapi.intake;

import static org.assertj.core.api.Assertions.assertThat;

import io.usageapi.aggregate.AggregateId;
import io.usageapi.aggregate.AggregateKey;
import io.usageapi.aggregate.Dimension;
import io.usageapi.aggregate.Direction;
import io.usageapi.aggregate.Resolution;
import io.usageapi.aggregate.UsageType;
import io.usageapi.aggregate.UsageUnit;
import io.usageapi.security.OrganizationId;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * Ids of aggregates and digests of records that readers and databases already have. A change of the
 * code must not change one of them.
 */
class GoldenIdsTest {
  private static final OrganizationId ACME = new OrganizationId("acme");

  private static final UsageRecord EVERY_FIELD =
      new UsageRecord(
          "r-1",
          Instant.parse("2026-08-31T22:30:00.000001Z"),
          AggregateKey.of(
              Map.ofEntries(
                      Map.entry(Dimension.ACCOUNT_ID, "acme-eu"),
                      Map.entry(Dimension.PRODUCT_ID, "voice-out"),
                      Map.entry(Dimension.AGGR_PRODUCT_ID, "voice"),
                      Map.entry(Dimension.MONTH, YearMonth.of(2026, 8)),
                      Map.entry(Dimension.TYPE, UsageType.CALL),
                      Map.entry(Dimension.DESCRIPTION, "Anrufe, täglich"),
                      Map.entry(Dimension.CURRENCY, "EUR"),
                      Map.entry(Dimension.DIRECTION, Direction.OUTBOUND),
                      Map.entry(Dimension.RESOLUTION, Resolution.ANSWERED),
                      Map.entry(Dimension.UNIT, UsageUnit.MINUTES),
                      Map.entry(Dimension.PRICE, new BigDecimal("0.0250")),
                      Map.entry(Dimension.WALLET_NAME, "main"))
                  ::get),
          new BigDecimal("12.50"),
          new BigDecimal("0.3125"));

  private static final UsageRecord FEWEST_FIELDS =
      new UsageRecord(
          "r-2",
          Instant.parse("2024-02-29T00:00:00Z"),
          AggregateKey.of(
              Map.ofEntries(
                      Map.entry(Dimension.ACCOUNT_ID, "acme-us"),
                      Map.entry(Dimension.PRODUCT_ID, "number"),
                      Map.entry(Dimension.MONTH, YearMonth.of(2024, 2)),
                      Map.entry(Dimension.TYPE, UsageType.NUMBER),
                      Map.entry(Dimension.CURRENCY, "USD"),
                      Map.entry(Dimension.UNIT, UsageUnit.NUMBERS))
                  ::get),
          BigDecimal.ONE,
          new BigDecimal("-1E+1"));

  private static final UsageRecord OTHER_UNIT =
      new UsageRecord(
          "r-3",
          Instant.parse("2025-12-31T23:59:59Z"),
          AggregateKey.of(
              Map.ofEntries(
                      Map.entry(Dimension.ACCOUNT_ID, "acme"),
                      Map.entry(Dimension.PRODUCT_ID, "disk"),
                      Map.entry(Dimension.AGGR_PRODUCT_ID, "Storage"),
                      Map.entry(Dimension.MONTH, YearMonth.of(2025, 12)),
                      Map.entry(Dimension.TYPE, UsageType.OTHER),
                      Map.entry(Dimension.DESCRIPTION, "Disk 😀"),
                      Map.entry(Dimension.CURRENCY, "EUR"),
                      Map.entry(Dimension.UNIT, UsageUnit.OTHER),
                      Map.entry(Dimension.UNIT_WORD, "GB-Months"),
                      Map.entry(Dimension.PRICE, new BigDecimal("1E+2")))
                  ::get),
          new BigDecimal("0.000000000001"),
          BigDecimal.ZERO);

  @Test
  void the_ids_of_aggregates_are_frozen() {
    assertThat(id(EVERY_FIELD.key())).isEqualTo("a52da7ec3aba8c0c2b6b5c736c2e21bb");
    assertThat(id(FEWEST_FIELDS.key())).isEqualTo("3e3ef453c26b5da60bc6ef30d3c62b51");
    assertThat(id(OTHER_UNIT.key())).isEqualTo("bbe8dfd2087472fedc8ff1806cc109c9");
  }

  @Test
  void the_id_of_a_later_month_is_frozen() {
    assertThat(id(EVERY_FIELD.key().in(YearMonth.of(2026, 10))))
        .isEqualTo("37952b66e66b16f4e1d6bc4075f616dd");
  }

  @Test
  void the_id_of_a_day_is_frozen() {
    assertThat(AggregateId.ofDay(id(OTHER_UNIT.key()), LocalDate.of(2025, 12, 31)))
        .isEqualTo("bbe8dfd2087472fedc8ff18020251231");
  }

  @Test
  void the_digests_of_records_are_frozen() {
    assertThat(EVERY_FIELD.content())
        .isEqualTo(UUID.fromString("d4fac280-d8c7-f120-5d55-76d37fe738ac"));
    assertThat(FEWEST_FIELDS.content())
        .isEqualTo(UUID.fromString("489289f6-23c5-0b3d-352a-b5d92c77d8c3"));
    assertThat(OTHER_UNIT.content())
        .isEqualTo(UUID.fromString("a006ef60-6df6-0b3e-6b8f-524cc5027a6a"));
  }

  private static String id(AggregateKey key) {
    return AggregateId.text(key.id(ACME));
  }
}

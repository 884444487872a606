package io.usageapi.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.usageapi.aggregate.Direction;
import io.usageapi.aggregate.Resolution;
import io.usageapi.aggregate.UsageType;
import io.usageapi.aggregate.UsageUnit;
import io.usageapi.text.CanonicalDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class DemoDataTest {
  private static final List<Map<String, Object>> RECORDS = DemoData.records().toList();

  @Test
  void it_is_the_same_on_every_machine() {
    CanonicalDigest digest = new CanonicalDigest();
    RECORDS.forEach(record -> digest.add(record.toString()));

    assertThat(digest.toHex())
        .isEqualTo("bb609e06bb3077796ddacfb5e95fbd3b34d93d19f3d8e6b98edf3fd1530ff348");
  }

  @Test
  void it_has_every_value_of_every_enum() {
    assertThat(values("type")).containsAll(names(UsageType.values()));
    assertThat(values("direction")).containsAll(names(Direction.values()));
    assertThat(values("resolution")).containsAll(names(Resolution.values()));
    assertThat(values("unit")).containsAll(names(UsageUnit.values()));
  }

  @Test
  void it_has_two_years_of_months_and_several_currencies() {
    assertThat(
            RECORDS.stream()
                .map(record -> record.get("occurred_at").toString().substring(0, 7))
                .distinct()
                .count())
        .isEqualTo(24);
    assertThat(values("currency")).hasSizeGreaterThanOrEqualTo(3);
  }

  @Test
  void it_makes_tens_of_thousands_of_aggregates() {
    assertThat(
            RECORDS.stream()
                .map(
                    record ->
                        List.of(
                            record.get("account_id"),
                            record.get("product_id"),
                            record.get("occurred_at").toString().substring(0, 7)))
                .distinct()
                .count())
        .isGreaterThan(30_000);
  }

  @Test
  void it_has_a_reseller_with_many_accounts_two_ordinary_organizations_and_an_empty_one() {
    Map<String, Long> accounts =
        DemoData.accounts().stream()
            .collect(Collectors.groupingBy(DemoData.Account::organization, Collectors.counting()));

    assertThat(accounts).containsKeys("reseller", "acme", "globex", "newcomer");
    assertThat(accounts.get("reseller")).isGreaterThan(50);
    assertThat(values("account_id")).doesNotContain("newcomer");
  }

  private static Set<String> values(String field) {
    return RECORDS.stream()
        .map(record -> record.get(field))
        .filter(Objects::nonNull)
        .map(Object::toString)
        .collect(Collectors.toSet());
  }

  private static Set<String> names(Enum<?>[] values) {
    return Arrays.stream(values).map(Enum::name).collect(Collectors.toSet());
  }
}

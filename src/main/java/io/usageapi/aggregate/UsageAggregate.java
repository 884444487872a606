package io.usageapi.aggregate;

import com.fasterxml.jackson.annotation.JsonValue;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * The usage of one key in a month, or on a day of it (operation {@code getMonthlyUsage}).
 *
 * @param monthlyId the id of the month's aggregate
 * @param day the day, or null where it is of the whole month
 * @param updatedAt when it last changed, or null where the caller did not ask for it
 * @param monthStatus whether its month may still change, or null likewise
 */
// Jackson meets the types of these values only at run time.
@RegisterForReflection(
    targets = {Direction.class, Resolution.class, UsageType.class, UsageUnit.class})
public record UsageAggregate(
    UUID monthlyId,
    AggregateKey key,
    LocalDate day,
    BigDecimal numberOfUnits,
    BigDecimal totalAmount,
    Instant updatedAt,
    MonthStatus monthStatus) {

  /** Its own id, of the month or the day. */
  public String id() {
    String id = AggregateId.text(monthlyId);
    return day == null ? id : AggregateId.ofDay(id, day);
  }

  /** Its fields as JSON and CSV have them, in their order. */
  @JsonValue
  public Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("id", id());
    key.putFields(
        fields,
        () -> {
          fields.put(Granularity.MONTH.period(), key.month());
          putIfAny(fields, Granularity.DAY.period(), day);
        });
    fields.put("number_of_units", numberOfUnits);
    fields.put("total_amount", totalAmount);
    putIfAny(fields, "updated_at", updatedAt);
    putIfAny(fields, "month_status", monthStatus);
    return fields;
  }

  private static void putIfAny(Map<String, Object> fields, String name, Object value) {
    if (value != null) {
      fields.put(name, value);
    }
  }
}

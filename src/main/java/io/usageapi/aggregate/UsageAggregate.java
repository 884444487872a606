package io.usageapi.aggregate;

import io.usageapi.json.JsonFields;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.UUID;

/**
 * The usage of one key in a month, or on a day of it (operation {@code getMonthlyUsage}).
 *
 * @param monthlyId the id of the month's aggregate
 * @param day the day, or null where it is of the whole month
 * @param updatedAt when it last changed, or null where the caller did not ask for it
 * @param monthStatus whether its month may still change, or null likewise
 */
public record UsageAggregate(
    UUID monthlyId,
    AggregateKey key,
    LocalDate day,
    BigDecimal numberOfUnits,
    BigDecimal totalAmount,
    Instant updatedAt,
    MonthStatus monthStatus)
    implements JsonFields {

  /** Its own id, of the month or the day. */
  public String id() {
    String id = AggregateId.text(monthlyId);
    return day == null ? id : AggregateId.ofDay(id, day);
  }

  @Override
  public <E extends Exception> void fields(Sink<E> sink) throws E {
    sink.field("id", id());
    for (Dimension dimension : Dimension.onWire()) {
      sink.field(dimension.column(), key.value(dimension));
      if (dimension == Dimension.MONTH && day != null) {
        sink.field(Granularity.DAY.period(), day);
      }
    }
    sink.field("number_of_units", numberOfUnits);
    sink.field("total_amount", totalAmount);
    if (updatedAt != null) {
      sink.field("updated_at", updatedAt);
    }
    if (monthStatus != null) {
      sink.field("month_status", monthStatus);
    }
  }
}

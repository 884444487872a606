package io.usageapi.aggregate;

import com.fasterxml.jackson.core.io.SerializedString;
import io.usageapi.json.JsonFields;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.UUID;

/**
 * The usage of one key in a month, or on a day of it (operation {@code getMonthlyUsage}).
 *
 * @param monthlyId the id of the month's aggregate
 * @param day the day, or null for the whole month
 * @param updatedAt when it last changed, or null if the caller did not ask for it
 * @param monthStatus whether its month may still change, or null if the caller did not ask for it
 * @param withUnitWord whether the caller asked for the word of the unit {@code OTHER}
 */
public record UsageAggregate(
    UUID monthlyId,
    AggregateKey key,
    LocalDate day,
    BigDecimal numberOfUnits,
    BigDecimal totalAmount,
    Instant updatedAt,
    MonthStatus monthStatus,
    boolean withUnitWord)
    implements JsonFields {
  private static final SerializedString ID = new SerializedString("id");
  private static final SerializedString DAY = new SerializedString(Granularity.DAY.period());
  private static final SerializedString NUMBER_OF_UNITS = new SerializedString("number_of_units");
  private static final SerializedString TOTAL_AMOUNT = new SerializedString("total_amount");
  private static final SerializedString UPDATED_AT = new SerializedString("updated_at");
  private static final SerializedString MONTH_STATUS = new SerializedString("month_status");

  /** Its own id, of the month or the day. */
  public String id() {
    String id = AggregateId.text(monthlyId);
    return day == null ? id : AggregateId.ofDay(id, day);
  }

  @Override
  public <E extends Exception> void fields(Sink<E> sink) throws E {
    sink.field(ID, id());
    for (Dimension dimension : Dimension.onWire()) {
      sink.field(dimension.wireName(), key.value(dimension));
      if (dimension == Dimension.MONTH && day != null) {
        sink.field(DAY, day);
      }
    }
    sink.field(NUMBER_OF_UNITS, numberOfUnits);
    sink.field(TOTAL_AMOUNT, totalAmount);
    if (updatedAt != null) {
      sink.field(UPDATED_AT, updatedAt);
    }
    if (monthStatus != null) {
      sink.field(MONTH_STATUS, monthStatus);
    }
    if (withUnitWord) {
      sink.field(Dimension.UNIT_WORD.wireName(), key.value(Dimension.UNIT_WORD));
    }
  }
}

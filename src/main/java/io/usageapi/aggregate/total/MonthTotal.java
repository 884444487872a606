package io.usageapi.aggregate.total;

import io.usageapi.aggregate.AggregateKey;
import io.usageapi.aggregate.Dimension;
import io.usageapi.aggregate.UsageType;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/** The sums of an organization's monthly aggregates that have one value of one field in common. */
public record MonthTotal(Key key, BigDecimal units, BigDecimal amount) {
  /**
   * The fields that aggregates are added up by, each by itself. They have few values: each costs a
   * row a month. Accounts and wallets are not among them, because there may be as many of those as
   * aggregates.
   */
  public static final List<Dimension> FIELDS =
      List.of(
          Dimension.TYPE,
          Dimension.PRODUCT_ID,
          Dimension.AGGR_PRODUCT_ID,
          Dimension.DIRECTION,
          Dimension.RESOLUTION);

  /** The columns of aggregates that totals are made of. */
  static final List<Dimension> COLUMNS =
      Stream.concat(
              Stream.of(Dimension.MONTH, Dimension.CURRENCY, Dimension.UNIT, Dimension.UNIT_WORD),
              FIELDS.stream())
          .toList();

  /**
   * The key of a total within an organization.
   *
   * @param field the name of the field
   * @param topUp whether the aggregates are top-ups, which are never added to others
   * @param month its first day
   * @param value the value of the field; empty if the aggregates have none
   * @param unitWord empty if the aggregates have none
   */
  public record Key(
      String field,
      boolean topUp,
      LocalDate month,
      String value,
      String currency,
      String unit,
      String unitWord) {
    private static Key of(AggregateKey aggregate, Dimension field) {
      return new Key(
          field.column(),
          ((UsageType) aggregate.value(Dimension.TYPE)).isTopUp(),
          aggregate.month().atDay(1),
          text(aggregate, field),
          text(aggregate, Dimension.CURRENCY),
          text(aggregate, Dimension.UNIT),
          text(aggregate, Dimension.UNIT_WORD));
    }

    private static String text(AggregateKey aggregate, Dimension dimension) {
      Object column = aggregate.column(dimension);
      return column == null ? "" : column.toString();
    }
  }

  private MonthTotal plus(AggregateDelta delta) {
    return new MonthTotal(key, units.add(delta.units()), amount.add(delta.amount()));
  }

  /** The changes of totals that follow from changes of aggregates. */
  static Collection<MonthTotal> of(Collection<AggregateDelta> deltas) {
    // First what has all columns in common: few remain to be added up by each field.
    Map<List<Object>, AggregateDelta> alike = new LinkedHashMap<>();
    for (AggregateDelta delta : deltas) {
      alike.merge(columns(delta.key()), delta, AggregateDelta::plus);
    }
    Map<Key, MonthTotal> totals = new LinkedHashMap<>();
    for (AggregateDelta delta : alike.values()) {
      for (Dimension field : FIELDS) {
        totals.compute(
            Key.of(delta.key(), field),
            (key, total) ->
                total == null
                    ? new MonthTotal(key, delta.units(), delta.amount())
                    : total.plus(delta));
      }
    }
    return totals.values();
  }

  private static List<Object> columns(AggregateKey aggregate) {
    Object[] values = new Object[COLUMNS.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = aggregate.value(COLUMNS.get(i));
    }
    return Arrays.asList(values);
  }

  /** A text of each total, for an array parameter. */
  static String[] texts(Collection<MonthTotal> totals, Function<MonthTotal, String> text) {
    return totals.stream().map(text).toArray(String[]::new);
  }
}

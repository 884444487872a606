package io.usageapi.aggregate;

import io.usageapi.security.OrganizationId;
import io.usageapi.text.CanonicalDigest;
import java.math.BigDecimal;
import java.time.YearMonth;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;

/**
 * What the records of one aggregate have in common.
 *
 * @param values the values by dimension, of the types that {@link Dimension.Kind} says; a dimension
 *     without a value is absent
 */
public record AggregateKey(Map<Dimension, Object> values) {
  public AggregateKey {
    values = Collections.unmodifiableMap(new EnumMap<>(values));
  }

  /** A key whose values {@code value} gives, asked in the order of the dimensions; null is none. */
  public static AggregateKey of(Function<Dimension, Object> value) {
    Map<Dimension, Object> values = new EnumMap<>(Dimension.class);
    for (Dimension dimension : Dimension.values()) {
      Object each = value.apply(dimension);
      if (each != null) {
        values.put(dimension, each);
      }
    }
    return new AggregateKey(values);
  }

  /** The account that is charged. */
  public String accountId() {
    return (String) values.get(Dimension.ACCOUNT_ID);
  }

  /** The month it counts in. */
  public YearMonth month() {
    return (YearMonth) values.get(Dimension.MONTH);
  }

  /** The price of one unit, or null. */
  public BigDecimal price() {
    return (BigDecimal) values.get(Dimension.PRICE);
  }

  /** The same in another month. */
  public AggregateKey in(YearMonth month) {
    return of(dimension -> dimension == Dimension.MONTH ? month : values.get(dimension));
  }

  /** The id of the aggregate in an organization: a digest, the same on every machine. */
  public UUID id(OrganizationId organization) {
    return digest(new CanonicalDigest().add(organization.value())).toUuid();
  }

  /** Adds the values to a digest. */
  public CanonicalDigest digest(CanonicalDigest digest) {
    for (Dimension dimension : Dimension.values()) {
      Object column = column(dimension);
      digest.add(column == null ? null : column.toString());
    }
    return digest;
  }

  /** What the database is given for a dimension: a day, a text or null. */
  Object column(Dimension dimension) {
    Object value = values.get(dimension);
    return value == null ? null : dimension.toColumn(value);
  }

  /**
   * Puts the fields on the wire, null where there is no value.
   *
   * @param putTimes puts the fields that stand in the place of the month
   */
  public void putFields(Map<String, Object> fields, Runnable putTimes) {
    for (Dimension dimension : Dimension.values()) {
      switch (dimension.kind()) {
        case HIDDEN -> {}
        case MONTH -> putTimes.run();
        default -> fields.put(dimension.column(), values.get(dimension));
      }
    }
  }
}

package io.usageapi.aggregate;

import io.usageapi.security.OrganizationId;
import io.usageapi.text.CanonicalDigest;
import java.math.BigDecimal;
import java.time.YearMonth;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;

/** The value, or none, that the records of one aggregate have in common in each dimension. */
public final class AggregateKey {
  /** One for each dimension, at its index, or null; {@link Dimension.Kind} says its type. */
  private final Object[] values;

  private AggregateKey(Object[] values) {
    this.values = values;
  }

  /** Makes a key: {@code value} is called for each dimension in order, and returns it or null. */
  public static AggregateKey of(Function<Dimension, Object> value) {
    List<Dimension> dimensions = Dimension.all();
    Object[] values = new Object[dimensions.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = value.apply(dimensions.get(i));
    }
    return new AggregateKey(values);
  }

  /** The value of a dimension, or null. */
  public Object value(Dimension dimension) {
    return values[dimension.index()];
  }

  /** The account that is charged. */
  public String accountId() {
    return (String) value(Dimension.ACCOUNT_ID);
  }

  /** The month it counts in. */
  public YearMonth month() {
    return (YearMonth) value(Dimension.MONTH);
  }

  /** The price of one unit, or null. */
  public BigDecimal price() {
    return (BigDecimal) value(Dimension.PRICE);
  }

  /** The same in another month. */
  public AggregateKey in(YearMonth month) {
    return of(dimension -> dimension == Dimension.MONTH ? month : value(dimension));
  }

  /** The id of the aggregate in an organization: a digest, the same on every machine. */
  public UUID id(OrganizationId organization) {
    return digest(new CanonicalDigest().add(organization.value())).toUuid();
  }

  /** Adds the values to a digest. */
  public CanonicalDigest digest(CanonicalDigest digest) {
    for (Dimension dimension : Dimension.all()) {
      Object column = column(dimension);
      digest.add(column == null ? null : column.toString());
    }
    return digest;
  }

  /** What the database is given for a dimension: a day, a text or null. */
  public Object column(Dimension dimension) {
    Object value = value(dimension);
    return value == null ? null : dimension.toColumn(value);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AggregateKey key && Arrays.equals(values, key.values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return Arrays.toString(values);
  }
}

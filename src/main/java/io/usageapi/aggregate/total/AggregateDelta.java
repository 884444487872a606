package io.usageapi.aggregate.total;

import io.usageapi.aggregate.AggregateKey;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.function.Function;

/**
 * The change of an aggregate.
 *
 * @param key the key of the month's aggregate
 */
public record AggregateDelta(AggregateKey key, BigDecimal units, BigDecimal amount) {
  /** The sum of two deltas of one aggregate. */
  public AggregateDelta plus(AggregateDelta other) {
    return new AggregateDelta(key, units.add(other.units), amount.add(other.amount));
  }

  /** A number of each delta, for an array parameter. */
  public static String[] texts(
      Collection<AggregateDelta> deltas, Function<AggregateDelta, BigDecimal> number) {
    return deltas.stream().map(number).map(BigDecimal::toPlainString).toArray(String[]::new);
  }
}

package io.usageapi.imports;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;

/**
 * What an import contributes.
 *
 * @param replacedAt when its latest file began to count; null while the first one is still counted
 * @param rows the number of its rows
 * @param sums its rows and amounts by organization and currency, at most {@link #MAX_SUMS}
 */
public record StoredImport(String id, Instant replacedAt, long rows, List<Sum> sums) {
  /** The most sums shown, the first by organization; only an operator's import has so many. */
  static final int MAX_SUMS = 1_000;

  /** What it contributes to an organization in a currency. */
  public record Sum(String organizationId, String currency, long rows, BigDecimal totalAmount) {}
}

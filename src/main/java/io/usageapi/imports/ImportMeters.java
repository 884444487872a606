package io.usageapi.imports;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Startup;
import jakarta.inject.Singleton;

/** Counts the rows of imports on this replica, by outcome. */
@Startup
@Singleton
public class ImportMeters {
  private static final String ROWS = "usage_api.imports.rows";

  private final Counter added;
  private final Counter removed;
  private final Counter unchanged;
  private final Counter rejected;

  ImportMeters(MeterRegistry registry) {
    this.added = counter(registry, "added");
    this.removed = counter(registry, "removed");
    this.unchanged = counter(registry, "unchanged");
    this.rejected = counter(registry, "rejected");
  }

  private static Counter counter(MeterRegistry registry, String outcome) {
    return Counter.builder(ROWS)
        .description("Rows of imports sent to this replica, by outcome")
        .tag("outcome", outcome)
        .register(registry);
  }

  private static void add(Counter counter, long rows) {
    counter.increment((double) rows);
  }

  /** An import has replaced the one before it, or was taken back. */
  void count(ImportResult result) {
    add(added, result.added());
    add(removed, result.removed());
    add(unchanged, result.unchanged());
    add(rejected, result.rejected());
  }
}

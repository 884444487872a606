package io.usageapi.imports;

import io.usageapi.aggregate.AggregateId;
import io.usageapi.intake.UsageRecord;
import io.usageapi.intake.format.Entry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A row of a file, with the copies of it in a batch.
 *
 * @param content the digest of its mapped values: equal rows have the same
 * @param place where its first copy is
 */
record StagedRow(UUID content, UsageRecord record, Entry.Place place, long copies) {
  /** The rows of a batch, equal ones together. */
  static List<StagedRow> of(Collection<Entry.Read> entries) {
    Map<UUID, StagedRow> rows = new LinkedHashMap<>();
    for (Entry.Read entry : entries) {
      UUID content = AggregateId.parse(entry.record().id());
      rows.merge(
          content,
          new StagedRow(content, entry.record(), entry.place(), 1),
          (first, next) ->
              new StagedRow(content, first.record, first.place, first.copies + next.copies));
    }
    return new ArrayList<>(rows.values());
  }
}

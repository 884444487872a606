package io.usageapi.export;

import io.usageapi.usage.UsageAggregate;
import jakarta.ws.rs.core.MediaType;
import java.util.List;

/** A format that aggregates are exported in, part by part. */
sealed interface ExportFormat permits CsvFormat, NdjsonFormat {
  /** Its media type. */
  MediaType type();

  /** The first part. */
  byte[] first(List<UsageAggregate> aggregates);

  /** Any other part. */
  byte[] next(List<UsageAggregate> aggregates);
}

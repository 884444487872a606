package io.usageapi.export;

import jakarta.ws.rs.core.MediaType;
import java.util.List;

/** A format that rows are exported in, part by part. */
public interface ExportFormat<T> {
  /** Its media type. */
  MediaType type();

  /** The first part. */
  byte[] first(List<T> rows);

  /** Any other part. */
  byte[] next(List<T> rows);
}

package io.usageapi.export;

import jakarta.ws.rs.core.MediaType;
import java.util.List;

/** A format of exports. It writes rows part by part. */
public interface ExportFormat<T> {
  /** The media type. */
  MediaType type();

  /** Writes the first part. */
  byte[] first(List<T> rows);

  /** Writes any other part. */
  byte[] next(List<T> rows);
}

package io.usageapi.export;

import jakarta.ws.rs.core.MediaType;
import java.util.List;

/** A format of exports, written part by part. */
public interface ExportFormat<T> {
  /** The media type. */
  MediaType type();

  /** The first part. */
  byte[] first(List<T> rows);

  /** Any other part. */
  byte[] next(List<T> rows);
}

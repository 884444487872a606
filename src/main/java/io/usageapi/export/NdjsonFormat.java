package io.usageapi.export;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SequenceWriter;
import jakarta.ws.rs.core.MediaType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** NDJSON: a line for each row, the same object as on a page. */
public final class NdjsonFormat<T> implements ExportFormat<T> {
  private static final int BYTES_PER_LINE = 512;

  private final ObjectWriter writer;

  /** Creates the format for rows of a type. */
  public NdjsonFormat(ObjectMapper json, Class<T> row) {
    this.writer = json.writerFor(row).withRootValueSeparator("\n");
  }

  @Override
  public MediaType type() {
    return new MediaType("application", "x-ndjson");
  }

  @Override
  public byte[] first(List<T> rows) {
    return next(rows);
  }

  /** The framework ends each part of this media type with a line end. */
  @Override
  public byte[] next(List<T> rows) {
    ByteArrayOutputStream lines = new ByteArrayOutputStream(rows.size() * BYTES_PER_LINE);
    try (SequenceWriter sequence = writer.writeValues(lines)) {
      sequence.writeAll(rows);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return lines.toByteArray();
  }
}

package io.usageapi.export;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SequenceWriter;
import io.usageapi.usage.UsageAggregate;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.MediaType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** A line for each aggregate: the object that it is on a page. */
@Singleton
final class NdjsonFormat implements ExportFormat {
  private static final int BYTES_OF_A_LINE = 512;

  private final ObjectWriter writer;

  NdjsonFormat(ObjectMapper json) {
    this.writer = json.writerFor(UsageAggregate.class).withRootValueSeparator("\n");
  }

  @Override
  public MediaType type() {
    return new MediaType("application", "x-ndjson");
  }

  @Override
  public byte[] first(List<UsageAggregate> aggregates) {
    return next(aggregates);
  }

  /** The framework ends each part of this media type with the end of a line. */
  @Override
  public byte[] next(List<UsageAggregate> aggregates) {
    ByteArrayOutputStream lines = new ByteArrayOutputStream(aggregates.size() * BYTES_OF_A_LINE);
    try (SequenceWriter sequence = writer.writeValues(lines)) {
      sequence.writeAll(aggregates);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return lines.toByteArray();
  }
}

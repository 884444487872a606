package io.usageapi.export;

import io.usageapi.json.JsonFields;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.apache.commons.csv.CSVFormat;

/** CSV by RFC 4180: a header of field names, then a line for each row. Null is an empty cell. */
public final class CsvFormat<T> implements ExportFormat<T> {
  private static final CSVFormat FORMAT = CSVFormat.RFC4180;
  private static final int CHARACTERS_PER_LINE = 256;

  private final MediaType type;
  private final List<String> header;
  private final BiConsumer<T, CsvLine> cells;

  /**
   * Creates the format.
   *
   * @param cells writes the cells of a row, one for each field
   */
  public CsvFormat(List<String> header, BiConsumer<T, CsvLine> cells) {
    this(new MediaType("text", "csv"), header, cells);
  }

  /**
   * Creates the format of a profile of CSV.
   *
   * @param type the media type with its parameters, all of which count in entity tags
   * @param cells writes the cells of a row, one for each field
   */
  public CsvFormat(MediaType type, List<String> header, BiConsumer<T, CsvLine> cells) {
    this.type = type;
    this.header = List.copyOf(header);
    this.cells = cells;
  }

  /**
   * The format of rows that all have the same fields.
   *
   * @param any a row with any values
   */
  public static <T extends JsonFields> CsvFormat<T> of(T any) {
    List<String> header = new ArrayList<>();
    any.fields((name, value) -> header.add(name.getValue()));
    return new CsvFormat<>(header, (row, line) -> row.fields((name, value) -> line.cell(value)));
  }

  @Override
  public MediaType type() {
    return type;
  }

  @Override
  public byte[] first(List<T> rows) {
    StringBuilder text = sized(rows.size() + 1);
    try {
      FORMAT.printRecord(text, header.toArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return print(rows, text);
  }

  @Override
  public byte[] next(List<T> rows) {
    return print(rows, sized(rows.size()));
  }

  private static StringBuilder sized(int lines) {
    return new StringBuilder(lines * CHARACTERS_PER_LINE);
  }

  private byte[] print(List<T> rows, StringBuilder text) {
    for (T row : rows) {
      CsvLine line = new CsvLine(text);
      cells.accept(row, line);
      line.end();
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }
}

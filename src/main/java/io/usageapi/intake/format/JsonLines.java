package io.usageapi.intake.format;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.usageapi.error.ErrorCode;
import io.usageapi.error.FieldError;
import io.usageapi.json.UntrustedJson;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Lines of JSON, an object each; blank lines are skipped. */
public final class JsonLines {
  private static final int FIRST_CAPACITY = 8192;

  private final LineReader lines;
  private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
  private CharBuffer text = CharBuffer.allocate(FIRST_CAPACITY);
  private long index;

  /**
   * Creates the reader; reads nothing.
   *
   * @param maxLineBytes the longest line
   */
  public JsonLines(InputStream body, int maxLineBytes) {
    this.lines = new LineReader(body, maxLineBytes);
  }

  /** Reads an object as an entry; its start was just read. */
  public interface ObjectReader {
    Entry read(Entry.Place place, JsonParser parser) throws IOException;
  }

  /**
   * The entries of the next lines, at most {@code max}; none at the end. A line that is not an
   * object is a rejected entry.
   *
   * @throws IOException if the body breaks off or a line is too long
   */
  public List<Entry> next(int max, ObjectReader reader) throws IOException {
    List<Entry> batch = new ArrayList<>();
    while (batch.size() < max && lines.next()) {
      if (!isBlank()) {
        batch.add(entry(new Entry.Place(index, lines.number()), reader));
        index++;
      }
    }
    return batch;
  }

  /** The number of the line last read, from 1; after a failure, of the line being read. */
  public long line() {
    return lines.number();
  }

  private boolean isBlank() {
    for (int i = 0; i < lines.length(); i++) {
      byte character = lines.buffer()[lines.offset() + i];
      if (character != ' ' && character != '\t' && character != '\r' && character != '\n') {
        return false;
      }
    }
    return true;
  }

  private Entry entry(Entry.Place place, ObjectReader reader) {
    String problem = "is not a JSON object";
    try (JsonParser parser = UntrustedJson.parser(decoded())) {
      if (parser.nextToken() == JsonToken.START_OBJECT) {
        Entry entry = reader.read(place, parser);
        if (parser.nextToken() == null) {
          return entry;
        }
      }
    } catch (StreamConstraintsException e) {
      problem = "holds what is too long, or nested too deep";
    } catch (IOException e) {
      // Not UTF-8, or not JSON: either way not an object.
    }
    return new Entry.Rejected(
        place,
        null,
        ErrorCode.INVALID_RECORD,
        List.of(new FieldError("line " + place.line(), problem)));
  }

  /** Decodes strictly: the JSON parser accepts some malformed UTF-8. */
  private CharBuffer decoded() throws CharacterCodingException {
    if (text.capacity() < lines.length()) {
      text = CharBuffer.allocate(lines.length());
    }
    text.clear();
    ByteBuffer bytes = ByteBuffer.wrap(lines.buffer(), lines.offset(), lines.length());
    CoderResult result = utf8.reset().decode(bytes, text, true);
    if (result.isError()) {
      result.throwException();
    }
    return text.flip();
  }
}

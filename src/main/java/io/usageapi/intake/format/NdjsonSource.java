package io.usageapi.intake.format;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.usageapi.error.ErrorCode;
import io.usageapi.error.FieldError;
import io.usageapi.intake.RecordReader;
import io.usageapi.json.JsonMembers;
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
import java.util.Optional;

/** The lines of an NDJSON body, one record each; blank lines are skipped. */
public final class NdjsonSource implements EntrySource {
  private static final int FIRST_CAPACITY = 8192;

  private final LineReader lines;
  private final RecordReader reader;
  private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
  private CharBuffer text = CharBuffer.allocate(FIRST_CAPACITY);
  private long index;

  public NdjsonSource(InputStream body, RecordReader reader, int maxLineBytes) {
    this.lines = new LineReader(body, maxLineBytes);
    this.reader = reader;
  }

  @Override
  public List<Entry> next(int max) {
    List<Entry> batch = new ArrayList<>();
    try {
      while (batch.size() < max && lines.next()) {
        if (!isBlank()) {
          batch.add(entry(new Entry.Place(index, lines.number())));
          index++;
        }
      }
    } catch (IOException e) {
      throw EntrySource.broken(e, lines.number());
    }
    return batch;
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

  private Entry entry(Entry.Place place) {
    String problem = "is not a JSON object";
    try (JsonParser parser = UntrustedJson.parser(decoded())) {
      Optional<JsonMembers> record = UntrustedJson.object(parser);
      if (record.isPresent()) {
        return reader.read(place, record.get());
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

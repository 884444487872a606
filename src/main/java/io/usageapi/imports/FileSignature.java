package io.usageapi.imports;

import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.http.body.BodyReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Arrays;
import java.util.HexFormat;

/** Formats that are recognised by their first bytes, and are not read. */
enum FileSignature {
  PARQUET(
      "50415231",
      "The body is Parquet. Convert it to CSV, for instance with DuckDB: COPY (SELECT * FROM"
          + " 'bill.parquet') TO 'bill.csv' (HEADER)."),
  AVRO("4f626a01", "The body is Avro. Export the table as CSV or as JSON Lines instead."),
  ZIP(
      "504b0304",
      "The body is a zip file or a spreadsheet. Send the CSV file itself, plain or as gzip."),
  ZSTANDARD("28b52ffd", "The body is Zstandard. Send the file plain or as gzip."),
  GZIP("1f8b", "The body is gzip within gzip. Compress the file once."),
  UTF_32_BE("0000feff", FileSignature.WIDE),
  UTF_16_LE("fffe", FileSignature.WIDE),
  UTF_16_BE("feff", FileSignature.WIDE);

  private static final String WIDE =
      "The body is UTF-16 or UTF-32. Convert it to UTF-8: iconv -f UTF-16 -t UTF-8 bill.csv.";
  private static final int LONGEST = 4;
  private static final byte[] BYTE_ORDER_MARK = HexFormat.of().parseHex("efbbbf");

  private final byte[] magic;
  private final String remedy;

  FileSignature(String magic, String remedy) {
    this.magic = HexFormat.of().parseHex(magic);
    this.remedy = remedy;
  }

  /**
   * A body without gzip and byte order mark, if it has them.
   *
   * @throws ApiException 415 for another format, 400 {@code invalid_body} for an empty body or one
   *     that starts like the other text format
   */
  static InputStream plain(InputStream body, FocusFile.Format format) throws IOException {
    byte[] head = body.readNBytes(LONGEST);
    InputStream whole = joined(head, body);
    if (!GZIP.begins(head)) {
      return checked(head, body, whole, format);
    }
    InputStream unzipped = BodyReader.plain(whole, BodyReader.Coding.GZIP);
    byte[] inner = unzipped.readNBytes(LONGEST);
    return checked(inner, unzipped, joined(inner, unzipped), format);
  }

  private static InputStream checked(
      byte[] head, InputStream rest, InputStream whole, FocusFile.Format format) {
    for (FileSignature signature : values()) {
      if (signature.begins(head)) {
        throw unsupported(signature.remedy);
      }
    }
    boolean marked = head.length >= BYTE_ORDER_MARK.length && starts(head, BYTE_ORDER_MARK);
    byte[] text = marked ? Arrays.copyOfRange(head, BYTE_ORDER_MARK.length, head.length) : head;
    requireText(text, format);
    return marked ? joined(text, rest) : whole;
  }

  private static void requireText(byte[] head, FocusFile.Format format) {
    if (head.length == 0) {
      throw invalid("The body is empty. DELETE takes back what an import has contributed.");
    }
    if (head.length > 1 && (head[0] == 0 || head[1] == 0)) {
      throw unsupported(WIDE);
    }
    if (format == FocusFile.Format.CSV && head[0] == '{') {
      throw invalid("The body is JSON, not CSV; its Content-Type is application/x-ndjson.");
    }
    if (format == FocusFile.Format.JSON_LINES && head[0] == '[') {
      throw invalid("The body is an array. Send an object a line: jq -c '.[]' bill.json.");
    }
    if (format == FocusFile.Format.JSON_LINES && (head[0] == '"' || isLetter(head[0]))) {
      throw invalid("The body is not JSON; the Content-Type of CSV is text/csv.");
    }
  }

  private static boolean isLetter(byte character) {
    return (character >= 'A' && character <= 'Z') || (character >= 'a' && character <= 'z');
  }

  private boolean begins(byte[] head) {
    return starts(head, magic);
  }

  private static boolean starts(byte[] head, byte[] magic) {
    return head.length >= magic.length
        && Arrays.equals(head, 0, magic.length, magic, 0, magic.length);
  }

  private static InputStream joined(byte[] head, InputStream rest) {
    return new SequenceInputStream(new ByteArrayInputStream(head), rest);
  }

  private static ApiException unsupported(String description) {
    return ApiException.of(ErrorCode.UNSUPPORTED_MEDIA_TYPE, description);
  }

  private static ApiException invalid(String description) {
    return ApiException.of(ErrorCode.INVALID_BODY, description);
  }
}

package io.usageapi.imports.focus;

import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.http.body.BodyReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.HexFormat;

/** Formats that are known by their first bytes and not read, and what to do instead. */
public enum FileSignature {
  PARQUET(
      "50415231",
      "The body is Parquet. Convert it to CSV, for instance with DuckDB: COPY (FROM 'bill.parquet')"
          + " TO 'bill.csv' (HEADER)."),
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
  private static final String BYTE_ORDER_MARK = "efbbbf";

  private final String magic;
  private final String remedy;

  FileSignature(String magic, String remedy) {
    this.magic = magic;
    this.remedy = remedy;
  }

  /**
   * A body without gzip and without a byte order mark, if it has them. Reads its first bytes.
   *
   * @param coding its {@code Content-Encoding}; without it the first bytes tell gzip
   * @throws ApiException 415 for a format that is not read, 400 {@code invalid_body} for no body
   */
  public static InputStream plain(InputStream body, BodyReader.Coding coding) throws IOException {
    PushbackInputStream sent = new PushbackInputStream(body, LONGEST);
    boolean gzip = coding == BodyReader.Coding.GZIP || head(sent).startsWith(GZIP.magic);
    return text(
        gzip
            ? new PushbackInputStream(BodyReader.plain(sent, BodyReader.Coding.GZIP), LONGEST)
            : sent);
  }

  private static InputStream text(PushbackInputStream body) throws IOException {
    String head = head(body);
    if (head.isEmpty()) {
      throw empty();
    }
    for (FileSignature signature : values()) {
      if (head.startsWith(signature.magic)) {
        throw signature.unsupported();
      }
    }
    if (head.startsWith("00") || head.startsWith("00", 2)) {
      throw UTF_16_LE.unsupported();
    }
    if (head.startsWith(BYTE_ORDER_MARK)) {
      body.skipNBytes(BYTE_ORDER_MARK.length() / 2);
    }
    return body;
  }

  /** The first bytes in hexadecimal; they are still to be read. */
  private static String head(PushbackInputStream body) throws IOException {
    byte[] head = body.readNBytes(LONGEST);
    body.unread(head);
    return HexFormat.of().formatHex(head);
  }

  /** 415 with what to do. */
  public ApiException unsupported() {
    return ApiException.of(ErrorCode.UNSUPPORTED_MEDIA_TYPE, remedy);
  }

  /** 400 for a body without a byte: more likely a failed export than a month without charges. */
  static ApiException empty() {
    return ApiException.of(
        ErrorCode.INVALID_BODY,
        "The file is empty. To take back what an import has contributed, DELETE it.");
  }
}

package io.usageapi.http.body;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * JSON that a stranger wrote: what it costs to parse is bounded, and nothing of it outlives its
 * parser.
 */
public final class UntrustedJson {
  /** The longest text and the longest number, in characters. */
  public static final int MAX_VALUE_CHARACTERS = 262_144;

  /** The longest name of a member, in characters. */
  public static final int MAX_NAME_CHARACTERS = 50_000;

  /** How deep arrays and objects may nest. */
  public static final int MAX_DEPTH = 1_000;

  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private UntrustedJson() {}

  /**
   * A factory of parsers of text. They do not keep names, which others would share and which the
   * sender chooses; and they fail with {@link
   * com.fasterxml.jackson.core.exc.StreamConstraintsException} past the bounds of this class.
   */
  public static JsonFactory factory() {
    return JsonFactory.builder()
        .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
        .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxStringLength(MAX_VALUE_CHARACTERS)
                .maxNumberLength(MAX_VALUE_CHARACTERS)
                .maxNameLength(MAX_NAME_CHARACTERS)
                .maxNestingDepth(MAX_DEPTH)
                .build())
        .build();
  }

  /**
   * The text of a body of UTF-8, without a byte order mark: of bytes a parser would guess the
   * charset.
   */
  public static Reader text(byte[] utf8) {
    int start =
        Arrays.mismatch(utf8, BYTE_ORDER_MARK) == BYTE_ORDER_MARK.length
            ? BYTE_ORDER_MARK.length
            : 0;
    return new InputStreamReader(
        new ByteArrayInputStream(utf8, start, utf8.length - start),
        StandardCharsets.UTF_8.newDecoder());
  }
}

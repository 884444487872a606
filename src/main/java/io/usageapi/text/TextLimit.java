package io.usageapi.text;

import java.util.Optional;

/**
 * Limits of texts (OpenAPI document, "Conventions"). Texts are stored as sent: checked, never
 * corrected.
 */
public enum TextLimit {
  /** Ids and wallet names: 1 to 128 characters, at most 256 bytes, no control characters. */
  ID(128, 256, false),
  /** Descriptions: at most 500 characters and 1,000 bytes. */
  DESCRIPTION(500, 1000, true),
  /** Names of accounts and companies: at most 256 characters. */
  NAME(256, 1024, true);

  private final int characters;
  private final int bytes;
  private final boolean controls;

  TextLimit(int characters, int bytes, boolean controls) {
    this.characters = characters;
    this.bytes = bytes;
    this.controls = controls;
  }

  /** The problem of a text; empty if it is valid. */
  public Optional<String> problem(String text) {
    int count = 0;
    int size = 0;
    boolean allowed = true;
    // A huge text is not scanned to its end.
    for (int at = 0; at < text.length() && count <= characters; count++) {
      int codePoint = text.codePointAt(at);
      allowed &= isAllowed(codePoint);
      size += utf8Length(codePoint);
      at += Character.charCount(codePoint);
    }
    if (count > characters) {
      return Optional.of("must have at most " + characters + " characters");
    }
    if (!allowed) {
      return Optional.of(
          controls
              ? "must not contain U+0000 or unpaired surrogates"
              : "must not contain control characters or unpaired surrogates");
    }
    return size > bytes
        ? Optional.of("must have at most " + bytes + " bytes in UTF-8")
        : Optional.empty();
  }

  /** Whether a text has too many characters or bytes. */
  public boolean isExceededBy(String text) {
    return cut(text).length() < text.length();
  }

  /** The longest prefix of a text within the limits, in whole characters. */
  public String cut(String text) {
    int end = 0;
    int count = 0;
    int size = 0;
    while (end < text.length() && count < characters) {
      int codePoint = text.codePointAt(end);
      size += utf8Length(codePoint);
      if (size > bytes) {
        break;
      }
      end += Character.charCount(codePoint);
      count++;
    }
    return text.substring(0, end);
  }

  /**
   * Input of a caller, safe for an error message: cut to the length of an id, with invalid
   * characters replaced.
   */
  public static String shown(String text) {
    StringBuilder shown = new StringBuilder();
    ID.cut(text).codePoints().forEach(c -> shown.appendCodePoint(ID.isAllowed(c) ? c : 0xFFFD));
    return shown.toString();
  }

  private boolean isAllowed(int codePoint) {
    boolean surrogate =
        codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    return codePoint != 0 && !surrogate && (controls || !Character.isISOControl(codePoint));
  }

  private static int utf8Length(int codePoint) {
    if (codePoint < 0x80) {
      return 1;
    }
    if (codePoint < 0x800) {
      return 2;
    }
    return codePoint < 0x10000 ? 3 : 4;
  }
}

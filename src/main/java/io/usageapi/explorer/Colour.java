package io.usageapi.explorer;

import java.util.stream.IntStream;

/**
 * A colour in sRGB.
 *
 * @param rgb eight bits each of red, green and blue
 */
record Colour(int rgb) {
  private static final double[] WEIGHTS = {0.2126, 0.7152, 0.0722};
  private static final int BYTE = 255;

  /** Reads {@code #} and six hexadecimal digits. */
  static Colour of(String text) {
    return new Colour(Integer.parseInt(text.substring(1), 16));
  }

  /** Whether text in one colour can be read on the other (WCAG 2.2, success criterion 1.4.3). */
  boolean isReadableOn(Colour other) {
    return contrast(other) >= 4.5;
  }

  /** The contrast to another colour, 1 to 21 (WCAG 2.2, "contrast ratio"). */
  double contrast(Colour other) {
    double one = luminance();
    double two = other.luminance();
    return (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
  }

  private double luminance() {
    return IntStream.range(0, WEIGHTS.length).mapToDouble(i -> WEIGHTS[i] * linear(i)).sum();
  }

  private double linear(int channel) {
    double value = ((rgb >> (16 - 8 * channel)) & BYTE) / (double) BYTE;
    return value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4);
  }
}

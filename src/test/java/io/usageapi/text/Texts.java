package io.usageapi.text;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;

/** Texts for properties. */
public final class Texts {
  private Texts() {}

  /** Any text of whole characters, up to {@code maxLength} of them; quotes and signs of SQL too. */
  public static Arbitrary<String> of(int maxLength) {
    Arbitrary<Integer> special =
        Arbitraries.of("'\"\\%_$;-/*(), \t\n\0".codePoints().boxed().toList());
    Arbitrary<Integer> ascii = Arbitraries.integers().between(0x20, 0x7e);
    Arbitrary<Integer> any =
        Arbitraries.integers()
            .between(1, Character.MAX_CODE_POINT)
            .filter(c -> c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE);
    return Arbitraries.oneOf(List.of(special, ascii, any))
        .list()
        .ofMaxSize(maxLength)
        .map(Texts::ofCodePoints);
  }

  private static String ofCodePoints(List<Integer> codePoints) {
    StringBuilder text = new StringBuilder();
    codePoints.forEach(text::appendCodePoint);
    return text.toString();
  }
}

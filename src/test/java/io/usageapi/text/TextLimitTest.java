package io.usageapi.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextLimitTest {
  /** One character, two in UTF-16, four bytes in UTF-8. */
  private static final String EMOJI = "\ud83d\ude00";

  @ParameterizedTest
  @CsvSource({
    "ID, a, 128",
    "ID, é, 128",
    "ID, 語, 85",
    "ID, " + EMOJI + ", 64",
    "DESCRIPTION, a, 500",
    "DESCRIPTION, é, 500",
    "DESCRIPTION, 語, 333",
    "DESCRIPTION, " + EMOJI + ", 250",
    "NAME, a, 256",
    "NAME, 語, 256",
    "NAME, " + EMOJI + ", 256"
  })
  void a_text_has_a_longest_length_in_characters_and_in_bytes(
      TextLimit limit, String character, int most) {
    assertThat(limit.problem(character.repeat(most))).isEmpty();
    assertThat(limit.problem(character.repeat(most + 1))).isPresent();
  }

  @Test
  void the_problem_names_the_limit_that_is_passed() {
    assertThat(TextLimit.ID.problem("a".repeat(129)).orElseThrow()).contains("128 characters");
    assertThat(TextLimit.ID.problem(EMOJI.repeat(65)).orElseThrow()).contains("256 bytes");
    assertThat(TextLimit.DESCRIPTION.problem(EMOJI.repeat(251)).orElseThrow())
        .contains("1000 bytes");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {" ", " a ", "A", "ﬁ", "e\u0301", "a/b", "%", "'", "\u00a0", "\ufeff", "\uffff"})
  void text_is_kept_as_sent(String text) {
    assertThat(TextLimit.ID.problem(text)).isEmpty();
    assertThat(TextLimit.ID.cut(text)).isEqualTo(text);
    assertThat(TextLimit.shown(text)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\tb", "a\nb", "\r", "\u0001", "\u001f", "\u007f", "\u0080", "\u009f"})
  void control_characters_are_for_descriptions_and_names_only(String text) {
    assertThat(TextLimit.ID.problem(text)).isPresent();
    assertThat(TextLimit.DESCRIPTION.problem(text)).isEmpty();
    assertThat(TextLimit.NAME.problem(text)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void u0000_is_in_no_text(TextLimit limit) {
    assertThat(limit.problem("a\0b")).isPresent();
  }

  @ParameterizedTest
  @EnumSource
  void an_unpaired_surrogate_is_in_no_text(TextLimit limit) {
    assertThat(limit.problem("\ud83d")).isPresent();
    assertThat(limit.problem("a\ud83db")).isPresent();
    assertThat(limit.problem("\ude00")).isPresent();
    assertThat(limit.problem("\ude00\ud83d")).isPresent();
    assertThat(limit.problem(EMOJI)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "ID, a, 128",
    "ID, 語, 85",
    "ID, " + EMOJI + ", 64",
    "DESCRIPTION, a, 500",
    "DESCRIPTION, é, 500",
    "DESCRIPTION, 語, 333",
    "DESCRIPTION, " + EMOJI + ", 250",
    "NAME, " + EMOJI + ", 256"
  })
  void a_text_is_cut_at_whichever_limit_comes_first(TextLimit limit, String character, int most) {
    assertThat(limit.cut(character.repeat(2000))).isEqualTo(character.repeat(most));
  }

  @Test
  void a_character_that_does_not_fit_whole_is_left_out() {
    String almost = "é".repeat(498) + "a";
    assertThat(TextLimit.DESCRIPTION.cut(almost + EMOJI + "b")).isEqualTo(almost);
  }

  @Test
  void what_is_shown_again_has_replacement_characters_for_what_is_no_text() {
    assertThat(TextLimit.shown("a\0b\nc\ud83dd")).isEqualTo("a\ufffdb\ufffdc\ufffdd");
    assertThat(TextLimit.shown("a".repeat(1000))).isEqualTo("a".repeat(128));
  }

  @Property
  void what_is_cut_is_the_longest_beginning_within_the_limits(
      @ForAll TextLimit limit, @ForAll("longTexts") String text) {
    String cut = limit.cut(text);
    assertThat(text).startsWith(cut);
    assertThat(limit.problem(withoutControls(cut))).isEmpty();
    if (cut.length() < text.length()) {
      String longer = text.substring(0, text.offsetByCodePoints(cut.length(), 1));
      assertThat(limit.problem(withoutControls(longer))).isPresent();
    }
  }

  @Property
  void what_is_shown_is_always_text(@ForAll String text) {
    String shown = TextLimit.shown(text);
    assertThat(new String(shown.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))
        .isEqualTo(shown);
    assertThat(shown.codePoints()).noneMatch(Character::isISOControl);
  }

  /** The text with characters that are allowed everywhere, as long in characters and in bytes. */
  private static String withoutControls(String text) {
    return text.replaceAll("[\\x00-\\x1f\\x7f]", ".").replaceAll("[\\x{80}-\\x{9f}]", "é");
  }

  @Provide
  Arbitrary<String> longTexts() {
    return Combinators.combine(Texts.of(40), Arbitraries.integers().between(1, 60))
        .as(String::repeat);
  }
}

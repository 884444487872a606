package io.usageapi.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.usageapi.page.Cursor.MalformedCursorException;
import io.usageapi.text.Texts;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CursorTest {
  private static final String ORDER = "id:desc";
  private static final PageStart AFTER =
      new PageStart.After(new Position(List.of("0a7c0f0d1b3c4b8b9d2f6c5e4a3b2c1d")));

  @Property
  void what_is_written_is_read(
      @ForAll("starts") PageStart start,
      @ForAll("filters") String filter,
      @ForAll("texts") String order)
      throws MalformedCursorException {
    String cursor = new Cursor(start, Cursor.Binding.of(filter, order)).text();
    assertThat(cursor).matches("[A-Za-z0-9_-]+");
    assertThat(read(cursor, filter, order)).isEqualTo(start);
  }

  @Property
  void a_cursor_of_another_filter_is_refused(
      @ForAll("starts") PageStart start,
      @ForAll("filters") String filter,
      @ForAll("filters") String other) {
    Assume.that(!Objects.equals(filter, other));
    assertRefused(new Cursor(start, Cursor.Binding.of(filter, ORDER)).text(), other, ORDER);
  }

  @Property
  void a_cursor_of_another_order_is_refused(
      @ForAll("starts") PageStart start,
      @ForAll("texts") String order,
      @ForAll("texts") String other) {
    Assume.that(!order.equals(other));
    assertRefused(new Cursor(start, Cursor.Binding.of(null, order)).text(), null, other);
  }

  @Property
  void a_cursor_with_a_character_changed_is_refused_or_another_cursor(
      @ForAll("starts") PageStart start,
      @ForAll @IntRange(max = 5000) int at,
      @ForAll("characters") char character) {
    StringBuilder changed =
        new StringBuilder(new Cursor(start, Cursor.Binding.of(null, ORDER)).text());
    changed.setCharAt(at % changed.length(), character);
    assertRefusedOrWrittenSo(changed.toString());
  }

  @Property
  void a_cursor_with_a_character_removed_is_refused_or_another_cursor(
      @ForAll("starts") PageStart start, @ForAll @IntRange(max = 5000) int at) {
    StringBuilder changed =
        new StringBuilder(new Cursor(start, Cursor.Binding.of(null, ORDER)).text());
    changed.deleteCharAt(at % changed.length());
    assertRefusedOrWrittenSo(changed.toString());
  }

  @Property
  void a_cursor_with_a_character_added_is_refused_or_another_cursor(
      @ForAll("starts") PageStart start,
      @ForAll @IntRange(max = 5000) int at,
      @ForAll("characters") char character) {
    StringBuilder changed =
        new StringBuilder(new Cursor(start, Cursor.Binding.of(null, ORDER)).text());
    changed.insert(at % (changed.length() + 1), character);
    assertRefusedOrWrittenSo(changed.toString());
  }

  @Property
  void a_cursor_with_bytes_behind_its_end_is_refused(
      @ForAll("starts") PageStart start, @ForAll byte[] more) {
    Assume.that(more.length > 0);
    byte[] bytes =
        Base64.getUrlDecoder().decode(new Cursor(start, Cursor.Binding.of(null, ORDER)).text());
    byte[] longer = Arrays.copyOf(bytes, bytes.length + more.length);
    System.arraycopy(more, 0, longer, bytes.length, more.length);
    assertRefused(Base64.getUrlEncoder().withoutPadding().encodeToString(longer), null, ORDER);
  }

  @Property
  void a_cursor_that_is_cut_off_is_refused(
      @ForAll("starts") PageStart start, @ForAll @IntRange(max = 5000) int at) {
    String cursor = new Cursor(start, Cursor.Binding.of(null, ORDER)).text();
    assertRefused(cursor.substring(0, at % cursor.length()), null, ORDER);
  }

  @Property
  void any_text_is_refused_or_a_cursor(@ForAll("texts") String text) {
    assertRefusedOrWrittenSo(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "=", "A", "AQ", "AQ==", "abc", "!", " ", "é", "null", "50"})
  void what_is_no_cursor_is_refused(String text) {
    assertRefused(text, null, ORDER);
  }

  @Test
  void a_cursor_with_padding_is_refused() {
    PageStart start = new PageStart.After(new Position(List.of("a")));
    String cursor = new Cursor(start, Cursor.Binding.of(null, ORDER)).text();
    // Any cursor that ends within a group of four, so that padding would be well-formed.
    assertThat(cursor.length() % 4).isNotZero();
    assertRefused(cursor + "=".repeat(4 - cursor.length() % 4), null, ORDER);
  }

  @Test
  void a_cursor_of_another_version_is_refused() {
    byte[] bytes =
        Base64.getUrlDecoder().decode(new Cursor(AFTER, Cursor.Binding.of(null, ORDER)).text());
    bytes[0]++;
    assertRefused(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes), null, ORDER);
  }

  @Test
  void a_text_longer_than_any_cursor_is_refused() {
    assertRefused("A".repeat(Cursor.MAX_LENGTH + 1), null, ORDER);
    assertRefused("A".repeat(1_000_000), null, ORDER);
  }

  @Test
  void the_longest_position_there_is_fits() throws MalformedCursorException {
    // An id has at most 256 bytes in UTF-8.
    PageStart start =
        new PageStart.After(new Position(List.of("\ud83d\ude00".repeat(64), "f".repeat(32))));
    String cursor = new Cursor(start, Cursor.Binding.of(null, "account_id:asc")).text();
    assertThat(read(cursor, null, "account_id:asc")).isEqualTo(start);
  }

  @Test
  void no_filter_is_another_than_an_empty_one() {
    assertRefused(new Cursor(AFTER, Cursor.Binding.of(null, ORDER)).text(), "", ORDER);
    assertRefused(new Cursor(AFTER, Cursor.Binding.of("", ORDER)).text(), null, ORDER);
  }

  @Test
  void the_filter_is_bound_by_its_text() {
    assertRefused(
        new Cursor(AFTER, Cursor.Binding.of("month eq '2024-01'", ORDER)).text(),
        "month  eq '2024-01'",
        ORDER);
  }

  @Test
  void a_beginning_and_a_jump_have_no_cursor() {
    assertThatIllegalStateException()
        .isThrownBy(() -> new Cursor(new PageStart.First(), Cursor.Binding.of(null, ORDER)).text());
    assertThatIllegalStateException()
        .isThrownBy(
            () -> new Cursor(new PageStart.Jump(2, 50), Cursor.Binding.of(null, ORDER)).text());
  }

  private static void assertRefused(String cursor, String filter, String order) {
    assertThatExceptionOfType(MalformedCursorException.class)
        .isThrownBy(() -> read(cursor, filter, order));
  }

  private static void assertRefusedOrWrittenSo(String cursor) {
    PageStart start;
    try {
      start = read(cursor, null, ORDER);
    } catch (MalformedCursorException e) {
      return;
    }
    assertThat(new Cursor(start, Cursor.Binding.of(null, ORDER)).text()).isEqualTo(cursor);
  }

  @Provide
  Arbitrary<PageStart> starts() {
    Arbitrary<Position> positions = Texts.of(40).list().ofMaxSize(4).map(Position::new);
    return Arbitraries.oneOf(
        positions.map(PageStart.After::new),
        positions.map(PageStart.Before::new),
        Arbitraries.create(PageStart.Last::new));
  }

  @Provide
  Arbitrary<String> filters() {
    return Texts.of(20).injectNull(0.2);
  }

  @Provide
  Arbitrary<String> texts() {
    return Texts.of(20);
  }

  @Provide
  Arbitrary<Character> characters() {
    return Arbitraries.oneOf(
        Arbitraries.chars().alpha().numeric().with('-', '_'), Arbitraries.chars().all());
  }

  private static PageStart read(String text, String filter, String order)
      throws MalformedCursorException {
    Cursor cursor = Cursor.parse(text);
    cursor.requireMadeFor(
        new Keyset<String>(
            "rows",
            "filter",
            Cursor.Binding.of(filter, order),
            row -> new Position(List.of(row)),
            position -> {}));
    return cursor.start();
  }
}

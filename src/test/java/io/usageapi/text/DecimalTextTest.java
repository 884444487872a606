package io.usageapi.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecimalTextTest {
  private static final BigInteger SIXTY_DIGITS = BigInteger.TEN.pow(60).subtract(BigInteger.ONE);

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-0, 0",
    "0.000, 0",
    "0e5, 0",
    "1, 1",
    "1.0, 1",
    "1.00, 1",
    "1e0, 1",
    "1E0, 1",
    "10e-1, 1",
    "0.01e2, 1",
    "1e+2, 100",
    "1e002, 100",
    "100, 100",
    "-1.50, -1.5",
    "12.57, 12.57",
    "-0.000001e6, -1"
  })
  void spellings_of_one_number_are_equal(String text, BigDecimal number) {
    assertThat(DecimalText.parse(text)).contains(number.stripTrailingZeros());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        " 1",
        "1 ",
        "+1",
        "01",
        "-01",
        "00",
        "1.",
        ".5",
        "-",
        "-.5",
        "1e",
        "1e+",
        "e5",
        "1.e5",
        "1e1.5",
        "1,5",
        "1_000",
        "0x10",
        "NaN",
        "Infinity",
        "-Infinity",
        "1d",
        "1f",
        "null",
        "--1",
        "\u0663",
        "1\n",
        "1\0"
      })
  void what_json_does_not_take_for_a_number_is_none(String text) {
    assertThat(DecimalText.parse(text)).isEmpty();
  }

  @Test
  void thirty_digits_before_the_point_are_the_most() {
    assertThat(DecimalText.parse("9".repeat(30))).contains(new BigDecimal("9".repeat(30)));
    assertThat(DecimalText.parse("-" + "9".repeat(30))).isPresent();
    assertThat(DecimalText.parse("1e29")).isPresent();
    assertThat(DecimalText.parse("0.1e30")).isPresent();
    assertThat(DecimalText.parse("9".repeat(31))).isEmpty();
    assertThat(DecimalText.parse("1e30")).isEmpty();
    assertThat(DecimalText.parse("0.1e31")).isEmpty();
  }

  @Test
  void thirty_digits_after_the_point_are_the_most() {
    String thirty = "0." + "0".repeat(29) + "1";
    assertThat(DecimalText.parse(thirty)).contains(new BigDecimal(thirty));
    assertThat(DecimalText.parse("1e-30")).isPresent();
    assertThat(DecimalText.parse("10e-31")).isPresent();
    assertThat(DecimalText.parse("0." + "0".repeat(30) + "1")).isEmpty();
    assertThat(DecimalText.parse("1e-31")).isEmpty();
    assertThat(DecimalText.parse("1.5e-30")).isEmpty();
  }

  @Test
  void both_bounds_can_be_reached_at_once() {
    String sixty = "9".repeat(30) + "." + "9".repeat(30);
    assertThat(DecimalText.parse(sixty)).contains(new BigDecimal(sixty));
    assertThat(DecimalText.parse("9".repeat(60) + "e-30")).contains(new BigDecimal(sixty));
  }

  @Test
  void the_bound_is_on_the_value_once_the_exponent_is_resolved() {
    assertThat(DecimalText.parse("1" + "0".repeat(40) + "e-40")).contains(BigDecimal.ONE);
    assertThat(DecimalText.parse("0." + "0".repeat(40) + "1e41")).contains(BigDecimal.ONE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1e999999999",
        "-1e999999999",
        "1e-999999999",
        "1e2147483648",
        "1e-2147483649",
        "1e9223372036854775808",
        "1e99999999999999999999999999"
      })
  void a_vast_exponent_is_refused_at_once(String text) {
    assertTimeout(Duration.ofSeconds(1), () -> assertThat(DecimalText.parse(text)).isEmpty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"0e999999999", "0.0e-999999999", "-0e99999999999999999999"})
  void zero_is_zero_whatever_its_exponent(String text) {
    assertTimeout(
        Duration.ofSeconds(1), () -> assertThat(DecimalText.parse(text)).contains(BigDecimal.ZERO));
  }

  @Test
  void an_endless_text_is_refused_at_once() {
    assertTimeout(
        Duration.ofSeconds(2),
        () -> {
          assertThat(DecimalText.parse("9".repeat(1_000_000))).isEmpty();
          assertThat(DecimalText.parse("9".repeat(1_000_000) + "x")).isEmpty();
          assertThat(DecimalText.parse("1e" + "9".repeat(1_000_000))).isEmpty();
        });
  }

  @Property
  void no_digit_of_a_number_within_the_bounds_is_lost(@ForAll("withinBounds") BigDecimal number) {
    assertThat(DecimalText.parse(number.toPlainString()))
        .hasValueSatisfying(read -> assertThat(read).isEqualByComparingTo(number));
    assertThat(DecimalText.parse(number.toString()))
        .hasValueSatisfying(read -> assertThat(read).isEqualByComparingTo(number));
    assertThat(DecimalText.parse(number.toEngineeringString()))
        .hasValueSatisfying(read -> assertThat(read).isEqualByComparingTo(number));
  }

  @Property
  void the_spelling_does_not_matter(
      @ForAll("withinBounds") BigDecimal number, @ForAll @IntRange(min = -99, max = 99) int shift) {
    // The same number with its point elsewhere, which the exponent makes up for.
    String shifted = number.movePointRight(shift).toPlainString() + "e" + -shift;
    assertThat(DecimalText.parse(shifted)).isEqualTo(DecimalText.parse(number.toPlainString()));
  }

  @Property
  void what_is_read_has_no_superfluous_zeros(@ForAll("withinBounds") BigDecimal number) {
    BigDecimal read = DecimalText.parse(number.toPlainString()).orElseThrow();
    assertThat(read.stripTrailingZeros().scale()).isEqualTo(read.scale());
  }

  @Property
  void a_number_of_more_digits_is_refused(
      @ForAll("withinBounds") BigDecimal number, @ForAll @IntRange(max = 99) int shift) {
    BigDecimal before = new BigDecimal(BigInteger.TEN.pow(30 + shift)).add(number.abs());
    BigDecimal after = number.abs().add(BigDecimal.ONE.movePointLeft(31 + shift));
    assertThat(DecimalText.parse(before.toPlainString())).isEmpty();
    assertThat(DecimalText.parse(after.toPlainString())).isEmpty();
  }

  @Provide
  Arbitrary<BigDecimal> withinBounds() {
    Arbitrary<BigInteger> digits =
        Arbitraries.bigIntegers().between(SIXTY_DIGITS.negate(), SIXTY_DIGITS);
    Arbitrary<BigInteger> few =
        Arbitraries.bigIntegers().between(BigInteger.valueOf(-9999), BigInteger.valueOf(9999));
    return Arbitraries.oneOf(
        digits.map(unscaled -> new BigDecimal(unscaled, 30)),
        few.flatMap(
            unscaled ->
                Arbitraries.integers()
                    .between(-26, 30)
                    .map(scale -> new BigDecimal(unscaled, scale))));
  }
}

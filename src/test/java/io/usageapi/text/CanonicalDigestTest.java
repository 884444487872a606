package io.usageapi.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.usageapi.aggregate.Direction;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CanonicalDigestTest {
  private static String hex(String... texts) {
    CanonicalDigest digest = new CanonicalDigest();
    for (String text : texts) {
      digest.add(text);
    }
    return digest.toHex();
  }

  private static String hex(BigDecimal number) {
    return new CanonicalDigest().add(number).toHex();
  }

  @Test
  void equal_values_have_equal_digests() {
    assertThat(hex("acme", null, "prod")).isEqualTo(hex("acme", null, "prod"));
  }

  @Test
  void values_do_not_run_together() {
    assertThat(hex("prod1", "1")).isNotEqualTo(hex("prod", "11"));
    assertThat(hex("a", "")).isNotEqualTo(hex("", "a"));
    assertThat(hex("a", "")).isNotEqualTo(hex("a"));
  }

  @Test
  void null_and_empty_and_the_word_null_differ() {
    assertThat(List.of(hex((String) null), hex(""), hex("null"))).doesNotHaveDuplicates();
    assertThat(hex(null, "a")).isNotEqualTo(hex("a", null));
  }

  @Test
  void the_order_of_values_matters() {
    assertThat(hex("a", "b")).isNotEqualTo(hex("b", "a"));
  }

  @ParameterizedTest
  @CsvSource({"1, 1.00", "1, 1e0", "100, 1e2", "0, 0.000", "0, 0e5", "-1.5, -1.50"})
  void numbers_count_by_value(BigDecimal one, BigDecimal other) {
    assertThat(hex(one)).isEqualTo(hex(other));
  }

  @ParameterizedTest
  @CsvSource({"1, -1", "1, 10", "1, 0.1", "1, 1.000000000000000000000000000001"})
  void other_numbers_have_other_digests(BigDecimal one, BigDecimal other) {
    assertThat(hex(one)).isNotEqualTo(hex(other));
  }

  @Test
  void no_number_is_not_zero() {
    assertThat(hex((BigDecimal) null)).isNotEqualTo(hex(BigDecimal.ZERO));
  }

  @Test
  void an_enum_counts_by_its_name() {
    assertThat(new CanonicalDigest().add(Direction.INBOUND).toHex())
        .isEqualTo(hex("INBOUND"))
        .isNotEqualTo(new CanonicalDigest().add(Direction.OUTBOUND).toHex());
    assertThat(new CanonicalDigest().add((Direction) null).toHex()).isEqualTo(hex((String) null));
  }

  @Test
  void the_uuid_is_the_beginning_of_the_hex() {
    assertThat(new CanonicalDigest().add("acme").toUuid().toString().replace("-", ""))
        .isEqualTo(hex("acme").substring(0, 32));
    assertThat(hex("acme")).matches("[0-9a-f]{64}");
  }

  @Test
  void the_digest_of_values_never_changes() {
    // Stored ids depend on it. The first is SHA-256 of 00000001 61, the second of ffffffff.
    assertThat(hex("a"))
        .isEqualTo("72ff6b02949dad95006c343e3db3150090d3afb49f6bbdb92fdc17607997a85c");
    assertThat(hex((String) null))
        .isEqualTo("ad95131bc0b799c0b1af477fb14fcf26a6a9f76079e48bf090acb7e8367bfd0e");
  }

  @Property
  void lists_that_differ_have_digests_that_differ(
      @ForAll("lists") List<String> one, @ForAll("lists") List<String> other) {
    assertThat(hex(one.toArray(String[]::new)).equals(hex(other.toArray(String[]::new))))
        .isEqualTo(one.equals(other));
  }

  @Property
  void where_values_are_split_matters(@ForAll("lists") List<String> values) {
    List<String> joined = new ArrayList<>();
    joined.add(String.join("", values.stream().filter(v -> v != null).toList()));
    assertThat(hex(joined.toArray(String[]::new)).equals(hex(values.toArray(String[]::new))))
        .isEqualTo(joined.equals(values));
  }

  @Provide
  Arbitrary<List<String>> lists() {
    return Arbitraries.strings().withChars("a1").ofMaxLength(3).injectNull(0.2).list().ofMaxSize(4);
  }
}

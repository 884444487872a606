package io.usageapi.aggregate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AggregateIdTest {
  @Test
  void an_id_is_32_lower_case_hexadecimal_digits() {
    UUID id = UUID.fromString("0a7c0f0d-1b3c-4b8b-9d2f-6c5e4a3b2c1d");
    assertThat(AggregateId.text(id)).isEqualTo("0a7c0f0d1b3c4b8b9d2f6c5e4a3b2c1d");
    assertThat(AggregateId.parse("0a7c0f0d1b3c4b8b9d2f6c5e4a3b2c1d")).isEqualTo(id);
  }

  @Property
  void what_is_written_is_read(@ForAll long high, @ForAll long low) {
    UUID id = new UUID(high, low);
    assertThat(AggregateId.text(id)).matches("[0-9a-f]{32}");
    assertThat(AggregateId.parse(AggregateId.text(id))).isEqualTo(id);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0a7c0f0d1b3c4b8b9d2f6c5e4a3b2c1",
        "0a7c0f0d1b3c4b8b9d2f6c5e4a3b2c1d0",
        "0A7C0F0D1B3C4B8B9D2F6C5E4A3B2C1D",
        "0a7c0f0d-1b3c-4b8b-9d2f-6c5e4a3b2c1d",
        "ga7c0f0d1b3c4b8b9d2f6c5e4a3b2c1d",
        " a7c0f0d1b3c4b8b9d2f6c5e4a3b2c1d",
        "-a7c0f0d1b3c4b8b9d2f6c5e4a3b2c1d",
        "+a7c0f0d1b3c4b8b9d2f6c5e4a3b2c1d",
        "٣a7c0f0d1b3c4b8b9d2f6c5e4a3b2c1d",
        "0a7c0f0d1b3c4b8b9d2f6c5e4a3b2c1d\n"
      })
  void another_spelling_is_refused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> AggregateId.parse(text));
  }
}

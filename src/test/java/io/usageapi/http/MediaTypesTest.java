package io.usageapi.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MediaTypesTest {
  private static final String JSON = "application/json";
  private static final String HAL = "application/hal+json";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "*/*                                               | application/json",
        "application/*                                     | application/json",
        "*                                                 | application/json",
        "*; q=.2, */*; q=.2                                | application/json",
        "APPLICATION/JSON;Q=1.                             | application/json",
        ", ,application/json,,                             | application/json",
        "application/json;;q=0.5;                          | application/json",
        "application/json ; a=\"b,;\\\"c\" ; q=0.5 , image/png | application/json",
        "application/json;q=0.1;q=0                        | application/json",
        "application/json;q=0.999,application/hal+json     | application/hal+json",
        "text/*                                            | text/csv",
        "text/csv;header=present                           | text/csv",
        "text/csv;profile=focus                            | text/vnd.usage-api.focus",
        "Text/Csv ; PROFILE=\"focus\" ; q=0.1              | text/vnd.usage-api.focus",
        "text/csv;profile=focus;profile=x                  | text/vnd.usage-api.focus",
        "text/csv;q=0.2,text/csv;profile=focus;q=0.1       | text/csv",
        "application/json;profile=focus                    | application/json",
        "application/json;IEEE754Compatible=true           | application/json;IEEE754Compatible=true",
        "application/json; ieee754compatible=\"TRUE\"; q=0.1 | application/json;IEEE754Compatible=true",
        "application/hal+json;odata=x;IEEE754Compatible=true | application/hal+json;IEEE754Compatible=true",
        "application/json,application/json;IEEE754Compatible=true | application/json;IEEE754Compatible=true",
        "application/json,application/json;IEEE754Compatible=true;q=0.9 | application/json",
        "*/*,application/json;IEEE754Compatible=true;q=0   | application/json",
        "application/json;IEEE754Compatible=false          | application/json",
        "application/*;IEEE754Compatible=true              | application/json",
        "text/csv;IEEE754Compatible=true                   | text/csv",
      })
  void the_best_type_comes_first(String accept, String type) {
    assertThat(MediaTypes.accepted(List.of(accept))).first().isEqualTo(type);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application",
        "application/",
        "/json",
        "application/json/x",
        "application/json x",
        "application/json;q",
        "application/json;q=",
        "application/json;=1",
        "application/json;q=\"1\"",
        "application/json;q=1.1",
        "application/json;q=1.001",
        "application/json;q=2",
        "application/json;q=00",
        "application/json;q=0.1234",
        "application/json;q=0.x",
        "application/json;q=.",
        "application/json;q=-1",
        "application/json;a=\"",
        "application/json;a=\"b",
        "application/json;a=\"b\\",
        "application/json;a=\"b\\\"",
        "application/json;a=\"b\"c",
        "application/json, nonsense",
        "text/csv;profile=other",
        "text/csv;profile=Focus",
        "text/csv;profile=\"\"",
        "text/*;profile=focus",
        "text/vnd.usage-api.focus",
        "application/jsön"
      })
  void what_is_malformed_accepts_nothing(String accept) {
    assertThat(MediaTypes.accepted(List.of(accept))).isEmpty();
  }

  @Test
  void a_json_type_is_accepted_with_its_decimals_in_one_form() {
    assertThat(
            MediaTypes.accepted(
                List.of("*/*;q=0.5", JSON + ";IEEE754Compatible=true", HAL + ";q=0.1")))
        .containsExactly(JSON + ";IEEE754Compatible=true", HAL);
  }

  @Test
  void lines_count_together() {
    assertThat(MediaTypes.accepted(List.of("image/png", JSON + ";q=0.5", "", HAL)))
        .containsExactly(HAL, JSON);
  }

  /** The expression that was here before overflowed the stack at a few hundred parameters. */
  @Test
  void what_has_more_parameters_or_ranges_than_anybody_sends_is_malformed() {
    String parameters = ";a=b".repeat(MediaTypes.MAX_PARAMETERS);
    assertThat(MediaTypes.accepted(List.of(JSON + parameters))).containsExactly(JSON);
    assertThat(MediaTypes.accepted(List.of(JSON + parameters + ";q=1"))).isEmpty();
    assertThat(MediaTypes.isConcrete(JSON + parameters)).isTrue();
    assertThat(MediaTypes.isConcrete(JSON + parameters + ";a=b")).isFalse();

    String ranges = (JSON + ",").repeat(MediaTypes.MAX_RANGES);
    assertThat(MediaTypes.accepted(List.of(ranges))).containsExactly(JSON);
    assertThat(MediaTypes.accepted(List.of(ranges, HAL))).isEmpty();
  }

  /** As long as no header ever is, so that what is not linear would not end. */
  @ParameterizedTest
  @ValueSource(strings = {";", ",", ";a=b", ";a=\"b\"", ",a/b", "\"", "\\", " ", ";q=1", "a", "/"})
  void any_length_is_read_once(String part) {
    String text = JSON + part.repeat(1_000_000);

    assertThat(MediaTypes.accepted(List.of(text))).isIn(List.of(), List.of(JSON));
    assertThat(MediaTypes.isConcrete(text)).isIn(true, false);
  }

  @ParameterizedTest
  @CsvSource({
    "application/json,true",
    "text/csv; profile=focus,true",
    "application/json;charset=\"utf-8\",true",
    "application/*,false",
    "*/*,false",
    "*,false",
    "appli*cation/json,false",
    "application/json extra,false",
    "'application/json,application/json',false",
    "'',false"
  })
  void a_content_type_is_a_type_without_wildcards(String text, boolean concrete) {
    assertThat(MediaTypes.isConcrete(text)).isEqualTo(concrete);
  }
}

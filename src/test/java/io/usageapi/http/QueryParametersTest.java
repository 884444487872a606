package io.usageapi.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorBody;
import io.usageapi.error.ErrorCode;
import io.usageapi.error.FieldError;
import io.usageapi.text.Texts;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class QueryParametersTest {
  private static QueryParameters parameters(String rawQuery) {
    return QueryParameters.of(rawQuery, Set.of("a", "b"));
  }

  private static ErrorBody refusal(QueryParameters parameters) {
    return catchThrowableOfType(ApiException.class, parameters::check).body();
  }

  @ParameterizedTest
  @NullAndEmptySource
  void a_request_without_a_query_has_no_parameters(String rawQuery) {
    QueryParameters parameters = parameters(rawQuery);
    assertThat(parameters.has("a")).isFalse();
    assertThat(parameters.text("a")).isEmpty();
    assertThat(parameters.number("a", 1, 9, 5)).isEqualTo(5);
    assertThatNoException().isThrownBy(parameters::check);
  }

  @Test
  void a_value_goes_to_the_end_of_its_pair() {
    assertThat(parameters("a=b=c&b==").text("a")).contains("b=c");
    assertThat(parameters("a=b=c&b==").text("b")).contains("=");
  }

  @ParameterizedTest
  @ValueSource(strings = {"&", "a=1&", "&a=1", "a=1&&b=2", "=1", "a=1&=", "%=1", "%00=1"})
  void a_pair_without_a_known_name_is_refused(String rawQuery) {
    assertThat(refusal(parameters(rawQuery)).code()).isEqualTo(ErrorCode.INVALID_PARAMETER);
  }

  @Test
  void a_value_at_fault_is_given_and_yet_not_there() {
    QueryParameters parameters = parameters("a=%ff&b=1&b=2");
    assertThat(parameters.has("a")).isTrue();
    assertThat(parameters.text("a")).isEmpty();
    assertThat(parameters.text("b")).isEmpty();
    assertThat(parameters.number("b", 1, 9, 5)).isEqualTo(5);
  }

  @Test
  void a_length_counts_characters() {
    String emoji = URLEncoder.encode("😀", StandardCharsets.UTF_8);
    assertThat(parameters("a=" + emoji + emoji).text("a", 2)).contains("😀😀");
    QueryParameters parameters = parameters("a=" + emoji + emoji);
    assertThat(parameters.text("a", 1)).isEmpty();
    assertThat(refusal(parameters).fields())
        .containsExactly(new FieldError("a", "must have at most 1 characters"));
  }

  @Test
  void the_first_fault_of_a_parameter_is_the_one_that_is_told() {
    QueryParameters parameters = parameters("a=1");
    parameters.reject("a", ErrorCode.INVALID_FILTER, "first");
    parameters.reject("a", "second");
    assertThat(refusal(parameters).code()).isEqualTo(ErrorCode.INVALID_FILTER);
    assertThat(refusal(parameters).fields()).containsExactly(new FieldError("a", "first"));
  }

  @Test
  void faults_of_several_parameters_have_the_common_code() {
    QueryParameters parameters = parameters("a=1&b=2");
    parameters.reject("a", ErrorCode.INVALID_FILTER, "first");
    parameters.reject("b", ErrorCode.INVALID_CURSOR, "second");
    assertThat(refusal(parameters).code()).isEqualTo(ErrorCode.INVALID_PARAMETER);
    assertThat(refusal(parameters).fields()).extracting(FieldError::name).containsExactly("a", "b");
  }

  @Property
  void any_text_but_u0000_arrives_as_it_was_encoded(@ForAll("texts") String text) {
    assertThat(parameters("a=" + URLEncoder.encode(text, StandardCharsets.UTF_8)).text("a"))
        .contains(text);
  }

  @Property
  void any_query_is_read_or_refused(@ForAll("texts") String rawQuery) {
    QueryParameters parameters = parameters(rawQuery);
    boolean given = parameters.has("a") || parameters.has("b");
    ApiException thrown = catchThrowableOfType(ApiException.class, parameters::check);
    assertThat(given || thrown != null).isTrue();
  }

  @Provide
  Arbitrary<String> texts() {
    return Texts.of(20).map(text -> "." + text.replace("\0", ""));
  }
}

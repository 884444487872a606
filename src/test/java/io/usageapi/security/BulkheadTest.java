package io.usageapi.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class BulkheadTest {
  private static final Optional<OrganizationId> ACME = Optional.of(new OrganizationId("acme"));
  private static final Optional<OrganizationId> OTHER = Optional.of(new OrganizationId("other"));
  private static final Optional<OrganizationId> OPERATOR = Optional.empty();

  private final Bulkhead places = new Bulkhead("things", 3, 2);

  @Test
  void an_organization_has_its_share_and_no_more() {
    fill(ACME, 2);

    assertRefused(() -> places.take(ACME), ErrorCode.RATE_LIMITED);
    assertThat(take(OTHER, 1)).hasSize(1);
  }

  @Test
  void past_all_of_them_nobody_has_one() {
    fill(ACME, 2);
    fill(OTHER, 1);

    assertRefused(() -> places.take(OTHER), ErrorCode.UNAVAILABLE);
    assertRefused(() -> places.take(OPERATOR), ErrorCode.UNAVAILABLE);
  }

  @Test
  void an_operator_may_have_all() {
    fill(OPERATOR, 3);

    assertRefused(() -> places.take(ACME), ErrorCode.UNAVAILABLE);
  }

  @Test
  void a_place_that_is_given_back_twice_is_given_back_once() {
    List<Bulkhead.Permit> taken = take(ACME, 2);
    fill(OTHER, 1);

    taken.get(0).giveBack();
    taken.get(0).giveBack();

    fill(ACME, 1);
    assertRefused(() -> places.take(OTHER), ErrorCode.UNAVAILABLE);
  }

  @Test
  void those_of_an_operator_are_given_back_as_well() {
    take(OPERATOR, 3).forEach(Bulkhead.Permit::giveBack);

    assertThat(take(OPERATOR, 3)).hasSize(3);
  }

  private void fill(Optional<OrganizationId> organization, int count) {
    assertThat(take(organization, count)).hasSize(count);
  }

  @CanIgnoreReturnValue
  private List<Bulkhead.Permit> take(Optional<OrganizationId> organization, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> places.take(organization))
        .collect(ArrayList::new, List::add, List::addAll);
  }

  private static void assertRefused(ThrowingCallable take, ErrorCode code) {
    assertThatThrownBy(take)
        .isInstanceOfSatisfying(
            ApiException.class, e -> assertThat(e.body().code()).isEqualTo(code));
  }
}

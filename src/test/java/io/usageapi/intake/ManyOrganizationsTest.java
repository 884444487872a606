package io.usageapi.intake;

import static io.usageapi.fixture.RatedRecord.aRecord;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.RatedRecord;
import io.usageapi.fixture.Tokens;
import java.math.BigDecimal;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

@QuarkusTest
class ManyOrganizationsTest {
  /** More than are written at once. */
  private static final int ORGANIZATIONS = 6;

  /** Batches of which the first has shown that there are many organizations. */
  private static final int RECORDS = 15_000;

  private final List<Organization> organizations =
      Stream.generate(Organization::anOrganization).limit(ORGANIZATIONS).toList();

  @Test
  void a_stream_that_mixes_organizations_counts_each_record_once_and_says_which_it_rejects() {
    organizations.forEach(Organization::account);
    String lines =
        IntStream.range(0, RECORDS).mapToObj(i -> record(i).json()).collect(joining("\n"));

    JsonPath first = send(lines);
    JsonPath again = send(lines);

    // Every thousandth repeats the id of the record before it of the same organization.
    assertThat(first.getList("errors.index", Integer.class))
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, RECORDS).filter(i -> isConflict(i)).boxed().toList());
    assertThat(counts(first)).isEqualTo("14985 accepted, 0 duplicates, 15 rejected");
    assertThat(counts(again)).isEqualTo("0 accepted, 14985 duplicates, 15 rejected");
    for (int i = 0; i < ORGANIZATIONS; i++) {
      int own = i;
      BigDecimal sum =
          IntStream.range(0, RECORDS)
              .filter(n -> n % ORGANIZATIONS == own && !isConflict(n))
              .mapToObj(BigDecimal::valueOf)
              .reduce(BigDecimal.ZERO, BigDecimal::add);
      assertThat(Api.sum(organizations.get(i).totals().rows(), "total_amount"))
          .isEqualByComparingTo(sum);
    }
  }

  private static boolean isConflict(int i) {
    return i % 1000 == 999;
  }

  private RatedRecord record(int i) {
    return aRecord()
        .id("r" + (isConflict(i) ? i - ORGANIZATIONS : i))
        .account(organizations.get(i % ORGANIZATIONS).id())
        .amount(i);
  }

  private static JsonPath send(String lines) {
    return Api.post(Tokens.operator(), "application/x-ndjson", lines)
        .then()
        .statusCode(200)
        .extract()
        .jsonPath();
  }

  private static String counts(JsonPath result) {
    return "%d accepted, %d duplicates, %d rejected"
        .formatted(
            result.getInt("accepted"), result.getInt("duplicates"), result.getInt("rejected"));
  }
}

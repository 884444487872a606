package io.usageapi.telemetry;

import static io.usageapi.fixture.Eventually.eventually;
import static io.usageapi.fixture.Organization.anOrganization;
import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.ServerResource;
import jakarta.inject.Inject;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What is traced of a request, once an operator asks for it. */
@QuarkusTest
@TestProfile(ServerResource.OffByDefault.class)
class TracesTest {
  private static final String SECRET = "not-to-be-traced";
  private static final String CALLER = "00f067aa0ba902b7";

  @Inject CollectedSpans spans;

  private final Organization acme = anOrganization();

  /** What was traced of a page that a caller, who traces too, asked for. */
  private List<SpanData> traceOf(String filter) throws Exception {
    String traceId = UUID.randomUUID().toString().replace("-", "");
    acme.asReader()
        .header("traceparent", "00-" + traceId + "-" + CALLER + "-01")
        .queryParam("filter", filter)
        .get(Api.USAGE)
        .then()
        .statusCode(200);
    eventually(
        "the request's span has ended",
        () -> of(traceId).stream().anyMatch(span -> span.getKind() == SpanKind.SERVER));
    return of(traceId);
  }

  private List<SpanData> of(String traceId) {
    return spans.ended().stream().filter(span -> span.getTraceId().equals(traceId)).toList();
  }

  @Test
  void a_page_is_a_span_with_its_statements_under_it() throws Exception {
    List<SpanData> trace = traceOf("month ge '2026-01'");

    SpanData request =
        trace.stream().filter(span -> span.getKind() == SpanKind.SERVER).findFirst().orElseThrow();
    assertThat(request.getName()).isEqualTo("GET " + Api.USAGE);
    assertThat(request.getParentSpanId()).isEqualTo(CALLER);
    assertThat(trace)
        .filteredOn(span -> span.getKind() == SpanKind.CLIENT)
        .isNotEmpty()
        .allSatisfy(
            statement -> assertThat(statement.getParentSpanId()).isEqualTo(request.getSpanId()))
        .anySatisfy(
            statement ->
                assertThat(statement.getAttributes().toString()).contains("FROM monthly_usage"));
  }

  @Test
  void neither_what_was_asked_for_nor_whose_token_asked_is_in_a_trace() throws Exception {
    String signature = acme.reader().substring(acme.reader().lastIndexOf('.') + 1);

    assertThat(traceOf("product_id eq '" + SECRET + "'"))
        .hasSizeGreaterThan(1)
        .extracting(SpanData::toString)
        .noneMatch(span -> span.contains(SECRET))
        .noneMatch(span -> span.contains(signature))
        .noneMatch(span -> span.contains(acme.id()));
  }
}

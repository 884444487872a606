package io.usageapi.operator;

import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.FOCUS_HEADER;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static io.usageapi.fixture.RatedRecord.focusRow;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import io.usageapi.account.EveryOrganization;
import io.usageapi.aggregate.change.ChangeLogRepository;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Import;
import io.usageapi.fixture.Mirror;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.Page;
import io.usageapi.fixture.TestPostgres;
import io.usageapi.security.OrganizationId;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Who follows the links to changes has what the server has, or is told to start again. {@code
 * -Dtest.usageapi.seed=} draws other sequences, and {@code -Dtest.usageapi.sequences=} more.
 */
@QuarkusTest
class MirrorTest {
  private static final long SEED = Long.getLong("test.usageapi.seed", 20261128L);
  private static final int SEQUENCES = Integer.getInteger("test.usageapi.sequences", 1);
  private static final int STEPS = 30;
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private static final List<Map<String, Object>> QUERIES =
      List.of(
          Map.of("per_page", 3, "include", "updated_at,month_status,unit_word"),
          Map.of("per_page", 5, "filter", "product_id ne 'voice'"));

  @Inject EveryOrganization organizations;
  @Inject SumsCheck sums;
  @Inject MonthClosing months;
  @Inject OrganizationRemoval removal;
  @Inject ChangeLogRepository log;

  private final Random random = new Random(SEED);
  private final Organization acme = anOrganization();

  private Mirror mirror(Map<String, Object> query) {
    return new Mirror(() -> acme.pageOf(Api.USAGE, query), acme::follow);
  }

  /** What a mirror has when it has read on is what one has that starts now. */
  private void equalsTheServer(Mirror mirror, Map<String, Object> query, String what) {
    assertThat(mirror.readAll().rows()).as(what + query).isEqualTo(mirror(query).readAll().rows());
  }

  private void run(String line) {
    int exitCode =
        new Operator(organizations, sums, removal, months, null)
            .run(
                OperatorCommand.parse((line + " --organization " + acme).split(" ")),
                new PrintStream(new ByteArrayOutputStream(), true, UTF_8))
            .await()
            .atMost(PATIENCE);
    assertThat(exitCode).as(line).isEqualTo(Operator.DONE);
  }

  private void sql(String statement) throws SQLException {
    try (Connection connection = TestPostgres.connect();
        PreparedStatement prepared = connection.prepareStatement(statement)) {
      prepared.setString(1, acme.id());
      assertThat(prepared.executeUpdate()).as(statement).isPositive();
    }
  }

  @Test
  void a_mirror_that_follows_the_links_equals_the_server_whatever_happens() throws SQLException {
    acme.account();
    for (int sequence = 0; sequence < SEQUENCES; sequence++) {
      Map<Map<String, Object>, Mirror> mirrors =
          QUERIES.stream().collect(Collectors.toMap(query -> query, this::mirror));
      StringBuilder steps = new StringBuilder("seed " + SEED + ": ");
      for (int step = 0; step < STEPS; step++) {
        steps.append(step()).append("; ");
        for (Map<String, Object> query : QUERIES) {
          if (random.nextInt(3) > 0) {
            mirrors.get(query).read();
          }
          if (random.nextInt(10) == 0) {
            equalsTheServer(mirrors.get(query), query, steps.toString());
          }
        }
      }
      mirrors.forEach((query, mirror) -> equalsTheServer(mirror, query, steps.toString()));
    }
  }

  /** Takes a step, and describes it. */
  private String step() throws SQLException {
    switch (random.nextInt(8)) {
      case 0 -> {
        Import.of(acme.writer(), "bill-" + random.nextInt(2)).put(file(random.nextInt(5)));
        return "import";
      }
      case 1 -> {
        String path = Import.of(acme.writer(), "bill-" + random.nextInt(2)).path();
        int status = Api.as(acme.writer()).urlEncodingEnabled(false).delete(path).statusCode();
        return "taken back " + status;
      }
      case 2 -> {
        String command = pick("close", "open") + " --month 2026-0" + (1 + random.nextInt(2));
        run(command);
        return command;
      }
      case 3 -> {
        acme.hasSent(aRecord().in("2026-03"));
        sql("UPDATE monthly_usage SET total_amount = total_amount + 1 WHERE organization_id = ?");
        run("sums --repair");
        return "repair";
      }
      case 4 -> {
        Api.putAccount(
                acme.writer(),
                acme.id(),
                Map.of("organization_id", acme.id(), "name", pick("a", "b")))
            .statusCode(200);
        return "name";
      }
      default -> {
        acme.sends(
            Stream.generate(
                    () ->
                        aRecord()
                            .of(pick("voice", "chat", "mail", "fax"))
                            .in("2026-0" + (1 + random.nextInt(3)))
                            .amount(random.nextInt(5) - 2))
                .limit(1 + random.nextInt(6))
                .toList());
        return "records";
      }
    }
  }

  private String file(int rows) {
    return IntStream.range(0, rows)
        .mapToObj(
            row ->
                focusRow(
                    acme, acme.id(), "sku-" + random.nextInt(4), "2026-04-01T00:00:00Z", "" + row))
        .collect(Collectors.joining("", FOCUS_HEADER, ""));
  }

  private String pick(String... values) {
    return values[random.nextInt(values.length)];
  }

  @Test
  void a_mirror_misses_nothing_of_writers_that_commit_at_the_same_time() throws Exception {
    acme.account();
    Map<Map<String, Object>, Mirror> mirrors =
        QUERIES.stream().collect(Collectors.toMap(query -> query, this::mirror));
    ExecutorService clients = Executors.newFixedThreadPool(5);
    List<Future<?>> writers = new ArrayList<>();
    for (int writer = 0; writer < 4; writer++) {
      String product = "p" + writer;
      writers.add(
          clients.submit(
              () -> {
                for (int i = 0; i < 10; i++) {
                  acme.hasSent(
                      aRecord().of("hot"), aRecord().of(product), aRecord().of(product + i));
                }
              }));
    }
    writers.add(
        clients.submit(
            () -> {
              for (int i = 0; i < 5; i++) {
                Import.of(acme.writer(), "bill").put(file(i));
              }
            }));
    while (writers.stream().anyMatch(writer -> !writer.isDone())) {
      mirrors.values().forEach(Mirror::read);
    }
    for (Future<?> writer : writers) {
      writer.get();
    }
    clients.shutdown();

    mirrors.forEach((query, mirror) -> equalsTheServer(mirror, query, ""));
  }

  @Test
  void what_changed_often_comes_once_and_many_changes_come_in_pages() {
    acme.account();
    String since = acme.page().link("_links.changes");
    for (int i = 0; i < 3; i++) {
      acme.hasSent(aRecord(), aRecord().of("p" + i));
    }
    acme.hasSent(IntStream.range(0, 250).mapToObj(i -> aRecord().of("q" + i)).toList());

    Page changed = acme.follow(since + "&per_page=200");

    assertThat(changed.names("$"))
        .containsExactly(
            "first",
            "last",
            "next",
            "self",
            "show",
            "count",
            "per_page",
            "removed",
            "_embedded",
            "_links");
    assertThat(changed.count()).isEqualTo(200);
    assertThat(changed.names("_links")).containsExactly("first", "last", "next", "self");
    assertThat(changed.walk("next")).hasSize(254).doesNotHaveDuplicates();
    assertThat(changed.column("product_id")).startsWith("p0", "p1");
    Page end = changed.next();
    assertThat(end.names("_links")).containsExactly("first", "last", "self", "changes");
    assertThat(end.follow("first").count()).isEqualTo(200);
  }

  @Test
  void a_poll_when_nothing_changed_is_empty_or_304_and_leads_on_from_the_same_place() {
    acme.hasSent(aRecord());
    Page first = acme.page("filter", "type eq 'CALL'", "order_by", "month:asc", "per_page", 7);
    String changes = first.link("_links.changes");

    Page idle = acme.follow(changes);

    assertThat(idle.count()).isZero();
    assertThat(idle.link("_links.changes")).isEqualTo(changes).isEqualTo(idle.link("self"));
    assertThat(changes).contains("filter=type", "per_page=7").doesNotContain("order_by");
    String tag =
        acme.asReader().urlEncodingEnabled(false).get(changes).then().extract().header("ETag");
    poll(changes, tag).statusCode(304);
    acme.hasSent(aRecord().with("type", "MESSAGE"));
    poll(changes, tag).statusCode(200).body("count", equalTo(0));
    acme.hasSent(aRecord());
    poll(changes, tag).statusCode(200).body("count", equalTo(1));
  }

  private ValidatableResponse poll(String link, String tag) {
    return acme.asReader().urlEncodingEnabled(false).header("If-None-Match", tag).get(link).then();
  }

  private void isGone(String link) {
    acme.asReader()
        .urlEncodingEnabled(false)
        .get(link)
        .then()
        .statusCode(410)
        .body("code", equalTo("gone"));
  }

  /** Two commits, and then as many as a restore loses, with those that follow it. */
  @ParameterizedTest
  @CsvSource({"0", "1", "2"})
  void after_a_restore_what_is_behind_it_is_gone_and_what_is_before_it_goes_on(int commits)
      throws SQLException {
    acme.hasSent(aRecord());
    String before = acme.page("per_page", 1).link("_links.changes");
    acme.hasSent(aRecord().of("lost"), aRecord().of("lost too"));
    String inside = acme.follow(before).link("next");
    String after = acme.page().link("_links.changes");
    assertThat(acme.follow(inside).count()).isEqualTo(1);

    sql(
        "UPDATE data_version SET version = previous, sequence = sequence - 1"
            + " WHERE organization_id = ?");
    sql(
        "DELETE FROM usage_change c WHERE organization_id = ? AND sequence >"
            + " (SELECT sequence FROM data_version v WHERE v.organization_id = c.organization_id)");
    for (int i = 0; i < commits; i++) {
      acme.hasSent(aRecord().of("new " + i), aRecord());
    }

    isGone(after);
    isGone(inside);
    assertThat(acme.follow(before).walk("next")).hasSize(commits == 0 ? 0 : commits + 1);
  }

  /** It changes the data version alone. */
  @Test
  void after_a_commit_of_an_older_server_earlier_positions_are_gone_and_later_ones_go_on()
      throws SQLException {
    acme.hasSent(aRecord());
    String before = acme.page().link("_links.changes");
    sql(
        "UPDATE data_version SET version = '%s' WHERE organization_id = ?"
            .formatted(UUID.randomUUID()));

    isGone(before);
    String after = acme.page().link("_links.changes");
    assertThat(acme.follow(after).count()).isZero();
    acme.hasSent(aRecord());
    isGone(before);
    assertThat(acme.follow(after).count()).isEqualTo(1);
  }

  @Test
  void old_changes_are_deleted_and_only_positions_before_them_are_gone() {
    String start = acme.page().link("_links.changes");
    acme.hasSent(aRecord());
    String before = acme.page().link("_links.changes");
    acme.hasSent(aRecord());
    String present = acme.page().link("_links.changes");

    assertThat(deleteOld(Instant.EPOCH)).isZero();
    assertThat(acme.follow(start).count()).isEqualTo(1);
    assertThat(deleteOld(Instant.parse("2999-01-01T00:00:00Z"))).isPositive();

    isGone(start);
    isGone(before);
    assertThat(acme.follow(present).count()).isZero();
    acme.hasSent(aRecord());
    assertThat(acme.follow(present).count()).isEqualTo(1);
  }

  private long deleteOld(Instant before) {
    return log.deleteOld(new OrganizationId(acme.id()), before, 0)
        .await()
        .atMost(PATIENCE)
        .orElse(0L);
  }

  @Test
  void a_position_of_another_organization_or_of_one_that_was_removed_is_gone() {
    acme.hasSent(aRecord());
    String changes = acme.page().link("_links.changes");
    Organization other = anOrganization();
    other.hasSent(aRecord());

    isGone(other.page().link("_links.changes"));
    run("remove");
    isGone(changes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"order_by=id:asc", "page=2", "cursor=AAAA", "changed_since=AAAA"})
  void what_does_not_go_together_is_refused(String parameter) {
    String changes = acme.page().link("_links.changes");
    String name = parameter.substring(0, parameter.indexOf('='));

    acme.asReader()
        .urlEncodingEnabled(false)
        .get(changes + "&" + parameter)
        .then()
        .statusCode(400)
        .body("fields.name", equalTo(List.of(name)));
    assertThat(acme.follow(changes + "&page=1").count()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "AAAA", "AQ==", "é"})
  void what_is_no_position_is_refused(String text) {
    acme.asReader()
        .queryParam("changed_since", text)
        .get(Api.USAGE)
        .then()
        .statusCode(400)
        .body("code", equalTo("invalid_parameter"));
  }

  @Test
  void an_export_takes_no_position_and_a_foreign_account_is_refused_first() {
    String changes = acme.page().link("_links.changes");

    acme.asReader()
        .urlEncodingEnabled(false)
        .accept("text/csv")
        .get(changes)
        .then()
        .statusCode(400)
        .body("fields.name", equalTo(List.of("changed_since")));
    acme.asReader()
        .urlEncodingEnabled(false)
        .get(changes + "&filter=account_id%20eq%20'nobody'")
        .then()
        .statusCode(403);
  }
}

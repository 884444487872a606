package io.usageapi.operator;

import static io.usageapi.fixture.Eventually.eventually;
import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.FOCUS_HEADER;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static io.usageapi.fixture.RatedRecord.focusRow;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.usageapi.account.EveryOrganization;
import io.usageapi.database.BatchDelete;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Import;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.RatedRecord;
import io.usageapi.fixture.TestPostgres;
import io.usageapi.fixture.Tokens;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A removal deletes everything of an organization and touches no other. */
@QuarkusTest
class RemovalTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private static final Map<String, String> OWNERS = owners();

  @Inject EveryOrganization organizations;
  @Inject OrganizationRemoval removal;

  private final Organization acme = anOrganization();

  /** The tables with data of an organization, and the column that names the organization. */
  private static Map<String, String> owners() {
    Map<String, String> owners = new LinkedHashMap<>();
    for (String table :
        List.of(
            "account_organization",
            "staged_row",
            "import_upload",
            "imported_row",
            "import_sum",
            "usage_import",
            "usage_record",
            "record_identity",
            "daily_usage",
            "monthly_usage",
            "account",
            "month_total",
            "usage_change",
            "month_status",
            "data_version")) {
      owners.put(table, table.equals("usage_import") ? "owner" : "organization_id");
    }
    owners.put("organization", "id");
    return owners;
  }

  private int run(ByteArrayOutputStream report, String... args) {
    return new Operator(organizations, null, removal, null, null)
        .run(OperatorCommand.parse(args), new PrintStream(report, true, UTF_8))
        .await()
        .atMost(PATIENCE);
  }

  private List<String> report(String... args) {
    ByteArrayOutputStream report = new ByteArrayOutputStream();
    assertThat(run(report, args)).isEqualTo(Operator.DONE);
    return report.toString(UTF_8).lines().toList();
  }

  private static List<String> lines(
      String what, Organization organization, Map<String, Long> rows) {
    return rows.entrySet().stream()
        .map(
            each ->
                "%s\torganization=%s\ttable=%s\trows=%d"
                    .formatted(what, organization, each.getKey(), each.getValue()))
        .toList();
  }

  private static Map<String, Long> rows(Organization organization) throws SQLException {
    Map<String, Long> rows = new LinkedHashMap<>();
    for (Map.Entry<String, String> each : OWNERS.entrySet()) {
      String count =
          TestPostgres.one(
              "SELECT count(*) FROM " + each.getKey() + " WHERE " + each.getValue() + " = ?",
              organization.id());
      rows.put(each.getKey(), Long.valueOf(count));
    }
    return rows;
  }

  private static void fill(Organization organization, int records) {
    organization.hasAccounts(organization.id(), organization + "-2");
    organization.hasSent(
        IntStream.range(0, records)
            .mapToObj(
                i ->
                    aRecord()
                        .account(organization + (i % 2 == 0 ? "" : "-2"))
                        .of("p" + i % 7)
                        .in("2026-0" + (1 + i % 3)))
            .toList());
    Import.of(organization.writer(), "bill")
        .put(
            FOCUS_HEADER
                + focusRow(organization, organization.id(), "sku", "2026-04-01T00:00:00Z", "1"))
        .adds(1);
  }

  @Test
  void a_dry_run_counts_and_touches_nothing() throws Exception {
    fill(acme, 50);
    Map<String, Long> before = rows(acme);
    assertThat(before).containsEntry("usage_record", 51L).containsEntry("account", 2L);

    assertThat(report("remove", "--organization", acme.id(), "--dry-run"))
        .containsExactlyElementsOf(lines("would be removed", acme, before));
    assertThat(rows(acme)).isEqualTo(before);
  }

  @Test
  void everything_of_the_organization_is_removed_and_nothing_of_another() throws Exception {
    Organization other = anOrganization();
    fill(acme, BatchDelete.SIZE + 1);
    fill(other, 20);
    Map<String, Long> before = rows(acme);
    Map<String, Long> others = rows(other);

    assertThat(report("remove", "--organization", acme.id()))
        .containsExactlyElementsOf(lines("removed", acme, before));

    assertThat(rows(acme).values()).containsOnly(0L);
    assertThat(rows(other)).isEqualTo(others);
    assertThat(run(new ByteArrayOutputStream(), "remove", "--organization", acme.id()))
        .isEqualTo(Operator.MISUSED);
    // Its ids can be used again.
    fill(acme, 10);
    assertThat(rows(acme)).containsEntry("usage_record", 11L);
  }

  @Test
  void a_removal_while_a_sender_posts_leaves_nothing_behind() throws Exception {
    for (int round = 0; round < 3; round++) {
      Organization removed = anOrganization();
      fill(removed, 500);
      CountDownLatch sending = new CountDownLatch(8);
      AtomicBoolean done = new AtomicBoolean();
      ExecutorService senders = Executors.newFixedThreadPool(4);
      List<Future<Response>> last = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        last.add(
            senders.submit(
                () -> {
                  Response response;
                  boolean wasDone;
                  do {
                    wasDone = done.get();
                    response = Api.send(Tokens.operator(), batch(removed.id()));
                    assertThat(response.statusCode()).isIn(200, 503);
                    sending.countDown();
                  } while (!wasDone);
                  return response;
                }));
      }
      senders.shutdown();
      sending.await();

      try {
        assertThat(report("remove", "--organization", removed.id()))
            .contains("removed\torganization=%s\ttable=organization\trows=1".formatted(removed));
      } finally {
        done.set(true);
      }

      for (Future<Response> response : last) {
        response
            .get()
            .then()
            .statusCode(200)
            .body("accepted", equalTo(0))
            .body("errors[0].code", equalTo("account_not_in_organization"));
      }
      assertThat(rows(removed).values()).containsOnly(0L);
    }
  }

  private static List<RatedRecord> batch(String organization) {
    return IntStream.range(0, 100)
        .mapToObj(i -> aRecord().account(organization).of("new-" + i))
        .toList();
  }

  @Test
  void a_batch_that_commits_during_the_removal_is_removed_too() throws Exception {
    fill(acme, 10);
    ExecutorService operator = Executors.newSingleThreadExecutor();
    try (Connection connection = TestPostgres.connect();
        var statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      // Like a batch that looked up its accounts before the removal began.
      statement.execute(
          """
          INSERT INTO record_identity VALUES ('%1$s', '%1$s', 'late', gen_random_uuid(), '2026-05-01');
          INSERT INTO usage_record VALUES ('%1$s', '2026-05-01', gen_random_uuid(), 'late',
            '2026-05-02Z', now(), 1, 1);
          INSERT INTO monthly_usage (organization_id, id, account_id, product_id, month, type,
            currency, unit, number_of_units, total_amount) VALUES ('%1$s', gen_random_uuid(),
            '%1$s', 'late', '2026-05-01', 'CALL', 'EUR', 'MINUTES', 1, 1);
          """
              .formatted(acme));
      Future<List<String>> removed =
          operator.submit(() -> report("remove", "--organization", acme.id()));
      eventually("the removal waits for the batch", () -> TestPostgres.waitingForLocks() > 0);
      connection.commit();

      assertThat(removed.get())
          .contains("removed\torganization=%s\ttable=usage_record\trows=12".formatted(acme));
    }
    operator.shutdown();
    assertThat(rows(acme).values()).containsOnly(0L);
  }

  @Test
  void a_batch_whose_account_is_removed_meanwhile_is_503_and_then_rejected() throws Exception {
    acme.account();
    ExecutorService sender = Executors.newSingleThreadExecutor();
    try (Connection connection = TestPostgres.connect();
        var statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      // Like the removal, after the batch looked up its accounts.
      statement.execute("LOCK TABLE record_identity IN ACCESS EXCLUSIVE MODE");
      Future<Response> late = sender.submit(() -> Api.send(aRecord().account(acme.id())));
      eventually(
          "the batch waits",
          () ->
              !TestPostgres.one(
                      "SELECT count(*) FROM pg_locks WHERE NOT granted"
                          + " AND relation = 'record_identity'::regclass")
                  .equals("0"));
      statement.execute(
          "DELETE FROM account_organization WHERE organization_id = '%s'".formatted(acme));
      statement.execute("DELETE FROM account WHERE organization_id = '%s'".formatted(acme));
      connection.commit();

      late.get().then().statusCode(503).body("code", equalTo("unavailable"));
    }
    sender.shutdown();
    Api.send(aRecord().account(acme.id()))
        .then()
        .statusCode(200)
        .body("errors[0].code", equalTo("account_not_in_organization"));
    assertThat(rows(acme)).containsEntry("usage_record", 0L);
  }
}

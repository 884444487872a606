package io.usageapi.months;

import static io.usageapi.fixture.Eventually.eventually;
import static io.usageapi.fixture.Organization.anOrganization;
import static io.usageapi.fixture.RatedRecord.FOCUS_HEADER;
import static io.usageapi.fixture.RatedRecord.aRecord;
import static io.usageapi.fixture.RatedRecord.focusRow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;

import io.quarkus.scheduler.Scheduler;
import io.quarkus.scheduler.Trigger;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Import;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.RatedRecord;
import io.usageapi.fixture.ServerResource;
import io.usageapi.fixture.TestPostgres;
import io.usageapi.fixture.Tokens;
import io.usageapi.telemetry.Scrape;
import jakarta.enterprise.inject.Alternative;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Old records are dropped. Time moves on from test to test, in a database of its own. */
@QuarkusTest
@TestProfile(RetentionTest.TwoYears.class)
class RetentionTest {
  private static final String DATABASE = "test.usageapi.own-database";
  private static final int KEPT_MONTHS = 24;
  private static final String COMPLETED = "usage_api_retention_completed_timestamp_seconds";
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** Records are kept for two years. */
  public static class TwoYears implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of(
          "usage-api.records.retention",
          Integer.toString(KEPT_MONTHS),
          "quarkus.scheduler.start-mode",
          "halted");
    }

    @Override
    public Set<Class<?>> getEnabledAlternatives() {
      return Set.of(MovableClock.class);
    }

    @Override
    public boolean disableGlobalTestResources() {
      return true;
    }

    @Override
    public List<TestResourceEntry> testResources() {
      return List.of(new TestResourceEntry(OwnDatabase.class));
    }
  }

  /** What is dropped here must not be missed elsewhere. */
  public static class OwnDatabase implements QuarkusTestResourceLifecycleManager {
    private static final String NAME = "retention";

    @Override
    public Map<String, String> start() {
      String address;
      try {
        address = TestPostgres.createDatabase(NAME);
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
      Map<String, String> settings = new HashMap<>(new ServerResource().start());
      settings.put("quarkus.datasource.reactive.url", address);
      settings.put(DATABASE, "jdbc:" + address);
      return settings;
    }

    @Override
    public void stop() {}
  }

  /** A clock that is moved by hand. */
  @Alternative
  @Singleton
  public static class MovableClock extends Clock {
    private volatile Instant now = Instant.parse("2026-01-15T12:00:00Z");

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return now;
    }

    YearMonth month() {
      return YearMonth.from(now.atOffset(ZoneOffset.UTC));
    }

    /** The middle of a month. */
    void set(YearMonth month) {
      now = month.atDay(15).atStartOfDay().toInstant(ZoneOffset.UTC);
    }

    void setToTheEndOf(YearMonth month) {
      now = month.plusMonths(1).atDay(1).atStartOfDay().toInstant(ZoneOffset.UTC).minusMillis(1);
    }
  }

  @Inject Retention retention;
  @Inject MovableClock clock;
  @Inject Scheduler scheduler;

  private final Organization acme = anOrganization();
  private YearMonth oldest;

  @BeforeEach
  void an_account_and_a_month_that_nothing_was_sent_for() {
    clock.set(clock.month().plusMonths(1));
    run();
    oldest = clock.month().minusMonths(KEPT_MONTHS);
    acme.account();
  }

  private RatedRecord in(YearMonth month) {
    return aRecord().account(acme.account()).of("p-" + month).in(month.toString());
  }

  private static double metric(String name) {
    return Scrape.take().sum(name, Map.of());
  }

  private void run() {
    retention.run().await().atMost(PATIENCE);
  }

  private void tooOld(RatedRecord... usage) {
    acme.sends(usage)
        .body("accepted", equalTo(0))
        .body("duplicates", equalTo(0))
        .body("rejected", equalTo(usage.length))
        .body("errors[0].id", equalTo(usage[0].fields().get("id")))
        .body("errors[0].code", equalTo("record_too_old"));
  }

  private String aggregate(YearMonth month) {
    return Api.USAGE + "/" + aggregates(month).get(0).get("id");
  }

  private List<Map<String, Object>> aggregates(YearMonth month) {
    return acme.walk("filter", "month eq '" + month + "'");
  }

  private void records(YearMonth month, int status) {
    acme.asReader().get(aggregate(month) + "/records").then().statusCode(status);
  }

  private static Connection connect() throws SQLException {
    return DriverManager.getConnection(
        ConfigProvider.getConfig().getValue(DATABASE, String.class), "postgres", "");
  }

  private static <T> T query(Class<T> type, String sql, Object... arguments) throws SQLException {
    try (Connection connection = connect();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < arguments.length; i++) {
        statement.setObject(i + 1, arguments[i]);
      }
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getObject(1, type);
      }
    }
  }

  private long identities(YearMonth month) throws SQLException {
    return query(
        Long.class,
        "SELECT count(*) FROM record_identity WHERE organization_id = ? AND month = ?",
        acme.id(),
        month.atDay(1));
  }

  @Test
  void records_are_dropped_when_their_month_ended_longer_ago_and_aggregates_stay()
      throws SQLException {
    RatedRecord old = in(oldest);
    RatedRecord kept = in(oldest.plusMonths(1));
    acme.hasSent(old, kept);
    List<Map<String, Object>> before = acme.walk();
    String days = acme.asReader().get(Api.DAYS).header("ETag");
    assertThat(acme.follow(Api.DAYS).count()).isEqualTo(2);

    clock.setToTheEndOf(clock.month());
    run();
    records(oldest, 200);
    clock.set(clock.month().plusMonths(1));
    run();

    for (String type : List.of("application/json", "text/csv", "application/x-ndjson")) {
      acme.asReader()
          .accept(type)
          .get(aggregate(oldest) + "/records")
          .then()
          .statusCode(410)
          .body("code", equalTo("gone"))
          .body("description", containsString(oldest.toString()));
    }
    records(oldest.plusMonths(1), 200);
    assertThat(acme.walk()).isEqualTo(before);
    acme.asReader().header("If-None-Match", days).get(Api.DAYS).then().statusCode(200);
    assertThat(acme.follow(Api.DAYS).column("month"))
        .isEqualTo(List.of(oldest.plusMonths(1).toString()));
    assertThat(
            query(
                Long.class,
                "SELECT count(*) FROM daily_usage WHERE organization_id = ?",
                acme.id()))
        .isEqualTo(1);
    tooOld(old);
    tooOld(in(oldest), in(oldest.minusMonths(1)));
    acme.sends(kept).body("duplicates", equalTo(1));
    acme.hasSent(in(oldest.plusMonths(1)));
    assertThat(identities(oldest)).isZero();
    assertThat(identities(oldest.plusMonths(1))).isEqualTo(2);
  }

  @Test
  void an_import_changes_no_month_whose_records_were_dropped() {
    Import bill = Import.of(acme.writer(), "bill");
    String old = charge(oldest, "1");
    String kept = charge(oldest.plusMonths(1), "2");
    bill.put(FOCUS_HEADER + old + kept).adds(2);
    clock.set(clock.month().plusMonths(1));
    run();

    bill.put(FOCUS_HEADER + kept + old).changes(0, 0, 2);
    bill.send(FOCUS_HEADER + old + charge(oldest, "3") + kept)
        .statusCode(200)
        .body("unchanged", equalTo(2))
        .body("rejected", equalTo(1))
        .body("errors[0].line", equalTo(3))
        .body("errors[0].code", equalTo("record_too_old"));
    bill.send(FOCUS_HEADER + kept)
        .statusCode(409)
        .body("code", equalTo("gone"))
        .body("fields.name", equalTo(List.of(oldest.toString())));
    Api.as(acme.writer()).delete(bill.path()).then().statusCode(409).body("code", equalTo("gone"));
    bill.get().body("rows", equalTo(2));
  }

  private String charge(YearMonth month, String cost) {
    return focusRow(acme, acme.account(), "sku", month + "-15T00:00:00Z", cost);
  }

  @Test
  void what_is_too_old_is_so_in_a_closed_month_too() throws SQLException {
    acme.hasSent(in(oldest));
    assertThat(
            query(
                Integer.class,
                "UPDATE month_status SET status = 'CLOSED' WHERE organization_id = ? RETURNING 1",
                acme.id()))
        .isEqualTo(1);
    clock.set(clock.month().plusMonths(1));
    run();

    tooOld(in(oldest));
  }

  @Test
  void what_is_left_to_do_is_seen_without_doing_it() {
    acme.hasSent(in(oldest));
    assertThat(isDone()).isTrue();

    clock.set(clock.month().plusMonths(1));

    assertThat(isDone()).isFalse();
    records(oldest, 200);
    run();
    assertThat(isDone()).isTrue();
  }

  private boolean isDone() {
    return retention.isDone().await().atMost(PATIENCE);
  }

  @Test
  void it_is_scheduled_to_run_by_itself() {
    Trigger trigger = scheduler.getScheduledJob("retention");

    assertThat(trigger.getNextFireTime()).isNotNull();
  }

  @Test
  void it_is_written_down_what_was_dropped_once_however_often_it_runs() throws SQLException {
    clock.set(clock.month().plusMonths(1));
    run();
    String rows = "SELECT string_agg(r::text, ',' ORDER BY kept_from) FROM record_retention r";
    String written = query(String.class, rows);

    run();
    run();

    assertThat(query(String.class, rows)).isEqualTo(written);
    assertThat(written).contains("(" + oldest.plusMonths(1) + "-01,").doesNotContain(",)");
  }

  @Test
  void what_was_dropped_stays_dropped_when_more_would_be_kept() {
    acme.hasSent(in(oldest));
    YearMonth now = clock.month();
    clock.set(now.plusMonths(1));
    run();

    clock.set(now.minusMonths(6));
    run();

    records(oldest, 410);
    tooOld(in(oldest));
    clock.set(now.plusMonths(1));
  }

  @Test
  void months_of_one_body_are_told_apart_and_the_first_that_is_kept_counts() {
    clock.set(clock.month().plusMonths(1));
    run();
    RatedRecord tooOld = in(oldest).id("same");
    RatedRecord first = in(oldest.plusMonths(1)).id("same");

    acme.sends(tooOld, first, in(oldest), first, first.amount(7))
        .body("accepted", equalTo(1))
        .body("duplicates", equalTo(1))
        .body("errors.index", equalTo(List.of(0, 2, 4)))
        .body("errors.code", equalTo(List.of("record_too_old", "record_too_old", "conflict")));
  }

  @Test
  void identities_go_in_batches_and_an_interrupted_run_is_made_up_for() throws SQLException {
    acme.hasSent(in(oldest), in(oldest.plusMonths(1)));
    long made =
        query(
            Long.class,
            "WITH made AS (INSERT INTO record_identity (organization_id, account_id, id, content, month)"
                + " SELECT ?, ?, 'x' || to_char(i, 'FM00000'), gen_random_uuid(), ?"
                + " FROM generate_series(1, 12000) i RETURNING 1) SELECT count(*) FROM made",
            acme.id(),
            acme.account(),
            oldest.atDay(1));
    assertThat(made).isEqualTo(12_000);
    clock.set(clock.month().plusMonths(1));

    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute(
          "SELECT 1 FROM record_identity WHERE id = 'x11000' AND organization_id = '%s' FOR UPDATE"
              .formatted(acme));
      assertThatThrownBy(this::run).hasMessageContaining("lock timeout");
      connection.rollback();
    }

    assertThat(identities(oldest)).isBetween(1_000L, 3_000L);
    assertThat(
            query(
                Boolean.class,
                "SELECT identities_dropped_at IS NULL FROM record_retention"
                    + " ORDER BY kept_from DESC LIMIT 1"))
        .isTrue();
    tooOld(in(oldest));
    run();
    assertThat(identities(oldest)).isZero();
    assertThat(identities(oldest.plusMonths(1))).isEqualTo(1);
    assertThat(
            query(
                Boolean.class,
                "SELECT bool_and(identities_dropped_at IS NOT NULL) FROM record_retention"))
        .isTrue();
  }

  @Test
  void what_is_sent_while_its_month_is_dropped_counts_in_full_or_is_rejected() throws Exception {
    acme.hasSent(in(oldest));
    ExecutorService senders = Executors.newFixedThreadPool(4);
    AtomicInteger bodies = new AtomicInteger();
    List<Future<Integer>> sending = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      sending.add(senders.submit(sendUntilRejected(bodies)));
    }
    eventually("all are busy sending", () -> bodies.get() > 40);

    clock.set(clock.month().plusMonths(1));
    eventually("old records are dropped", this::runs);

    int accepted = 1;
    for (Future<Integer> sender : sending) {
      accepted += sender.get();
    }
    senders.shutdown();
    assertThat(aggregates(oldest)).hasSize(1);
    assertThat(Api.sum(aggregates(oldest), "number_of_units"))
        .isEqualByComparingTo(BigDecimal.valueOf(accepted));
    records(oldest, 410);
    // What came with them, of a month that is kept, is all there.
    assertThat(Api.sum(aggregates(oldest.plusMonths(1)), "number_of_units"))
        .isGreaterThanOrEqualTo(BigDecimal.valueOf(accepted - 1L));
    run();
    assertThat(identities(oldest)).isZero();
  }

  /** What the job does, with a pause in which intake comes: it has read what was kept before. */
  @Test
  void what_waits_for_the_drop_of_its_month_is_rejected_and_leaves_no_identity() throws Exception {
    ExecutorService sender = Executors.newSingleThreadExecutor();
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("DROP TABLE usage_record_" + oldest.toString().replace('-', '_'));
      Future<?> sending =
          sender.submit(
              () ->
                  acme.sends(in(oldest), in(oldest.plusMonths(1)))
                      .body("accepted", equalTo(1))
                      .body("rejected", equalTo(1))
                      .body("errors[0].code", equalTo("record_too_old")));
      eventually("it waits", () -> TestPostgres.waitingForLocks() > 0);
      statement.execute(
          "INSERT INTO record_retention (kept_from, dropped_at) VALUES ('%s', now())"
              .formatted(oldest.plusMonths(1).atDay(1)));
      connection.commit();
      sending.get();
    }
    sender.shutdown();

    assertThat(identities(oldest)).isZero();
    assertThat(aggregates(oldest)).isEmpty();
    assertThat(aggregates(oldest.plusMonths(1))).hasSize(1);
  }

  private boolean runs() {
    try {
      run();
      return true;
    } catch (RuntimeException e) {
      // A lock that was not had in time: what is sent goes first.
      return false;
    }
  }

  /** How many records of the month were accepted before it was dropped. */
  private Callable<Integer> sendUntilRejected(AtomicInteger bodies) {
    return () -> {
      int accepted = 0;
      while (true) {
        List<RatedRecord> both = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
          both.add(in(oldest));
          both.add(in(oldest.plusMonths(1)));
        }
        Response response = Api.send(Tokens.operator(), both);
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
        int now = response.jsonPath().getInt("accepted");
        assertThat(now).as(response.asString()).isIn(20, 40);
        accepted += now - 20;
        bodies.incrementAndGet();
        if (now == 20) {
          assertThat(response.jsonPath().<String>getList("errors.code"))
              .hasSize(20)
              .containsOnly("record_too_old");
          return accepted;
        }
      }
    };
  }

  @Test
  void a_replica_leaves_the_work_to_another_that_is_at_it() throws SQLException {
    acme.hasSent(in(oldest));
    clock.set(clock.month().plusMonths(1));
    double before = metric(COMPLETED);

    try (Connection another = connect();
        Statement statement = another.createStatement()) {
      another.setAutoCommit(false);
      statement.execute("SELECT pg_advisory_xact_lock(7563108252)");
      retention.runRegularly().await().atMost(PATIENCE);
      records(oldest, 200);
      assertThat(metric(COMPLETED)).isEqualTo(before);
      another.rollback();
    }

    retention.runRegularly().await().atMost(PATIENCE);
    records(oldest, 410);
    assertThat(metric(COMPLETED)).isEqualTo((double) clock.instant().getEpochSecond());
  }

  @Test
  void partitions_are_made_ahead_and_a_month_without_one_is_503_and_in_the_log()
      throws SQLException {
    YearMonth ahead =
        YearMonth.parse(
            query(
                String.class,
                "SELECT max(replace(right(inhrelid::regclass::text, 7), '_', '-'))"
                    + " FROM pg_inherits WHERE inhparent = 'usage_record'::regclass"));
    assertThat(ahead).isAfter(clock.month().plusMonths(13));
    Queue<LogRecord> log = new ConcurrentLinkedQueue<>();
    Logger logger = Logger.getLogger("io.usageapi.intake.RecordRepository");
    Handler handler = into(log);
    logger.addHandler(handler);
    clock.set(ahead.plusMonths(1));

    Api.send(in(ahead.plusMonths(1)))
        .then()
        .statusCode(503)
        .header("Retry-After", notNullValue())
        .body("code", equalTo("unavailable"));
    logger.removeHandler(handler);
    run();
    assertThat(metric("usage_api_partitions_end_timestamp_seconds"))
        .isEqualTo(
            (double)
                clock.month().plusMonths(15).atDay(1).atStartOfDay().toEpochSecond(ZoneOffset.UTC));

    assertThat(log)
        .anySatisfy(
            record -> {
              assertThat(record.getLevel().intValue()).isEqualTo(Level.SEVERE.intValue());
              assertThat(record.getMessage()).contains(ahead.plusMonths(1) + "-01");
            });
    assertThat(aggregates(ahead.plusMonths(1))).isEmpty();
    acme.hasSent(in(ahead.plusMonths(1)));
    records(ahead.plusMonths(1), 200);
    assertThat(
            query(
                Boolean.class,
                "SELECT to_regclass(?) IS NOT NULL",
                "usage_record_" + clock.month().plusMonths(14).toString().replace('-', '_')))
        .isTrue();
  }

  private static Handler into(Queue<LogRecord> log) {
    return new Handler() {
      @Override
      public void publish(LogRecord record) {
        log.add(record);
      }

      @Override
      public void flush() {}

      @Override
      public void close() {}
    };
  }
}

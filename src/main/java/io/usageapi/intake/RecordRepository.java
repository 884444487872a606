package io.usageapi.intake;

import io.smallrye.mutiny.Uni;
import io.usageapi.database.Database;
import io.usageapi.database.Outage;
import io.usageapi.months.MonthRepository;
import io.usageapi.months.RetentionRepository;
import io.usageapi.security.OrganizationId;
import io.usageapi.sql.SqlQuery;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.OffsetDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Writes records. One transaction reads which months' records are kept, locks the months the
 * records count in, claims the identities of the records, inserts the records whose claim
 * succeeded, adds exactly these to their months and days, and bumps the data version last. The
 * order is fixed, so that concurrent batches wait for each other and do not deadlock.
 */
@ApplicationScoped
public class RecordRepository {
  private static final Logger LOG = Logger.getLogger(RecordRepository.class);

  /**
   * The organization, from a row of {@code record_identity} that this transaction claimed. It is
   * not a bound value, because Citus sends an insert to the organization's node unchanged only if
   * it selects from such a table. Through the coordinator an error would lose its SQL state.
   */
  static final String ORGANIZATION =
      "(SELECT organization_id FROM record_identity WHERE organization_id = $1 LIMIT 1) AS o";

  private static final int MAX_DROPS = 2;

  private static final Comparator<CountedRecord> IDENTITY_ORDER =
      Comparator.comparing((CountedRecord counted) -> counted.record().accountId())
          .thenComparing(counted -> counted.record().id());

  private final Database database;
  private final RetentionRepository retention;
  private final MonthRepository months;
  private final RollUpRepository rollUp;

  RecordRepository(
      Database database,
      RetentionRepository retention,
      MonthRepository months,
      RollUpRepository rollUp) {
    this.database = database;
    this.retention = retention;
    this.months = months;
    this.rollUp = rollUp;
  }

  /**
   * Writes records of one organization, all or none. It makes their digests at once, on the thread
   * of the caller, which should not be an event loop.
   *
   * @return an outcome for each record, in the same order
   */
  public Uni<List<RecordOutcome>> write(OrganizationId organization, List<UsageRecord> checked) {
    List<CountedRecord> records =
        checked.stream().map(record -> CountedRecord.of(record, organization)).toList();
    return database
        .transaction(
            connection ->
                calendar(connection, organization, records)
                    .chain(
                        calendar ->
                            write(connection, organization, records, calendar)
                                .map(claimed -> outcomes(records, calendar, claimed))))
        // If a partition was dropped meanwhile, the next attempt sees that.
        .onFailure(e -> Outage.missingPartition(e).isPresent())
        .retry()
        .atMost(MAX_DROPS)
        .onFailure()
        .invoke(
            e ->
                Outage.missingPartition(e)
                    .ifPresent(row -> LOG.errorf("No partition was made ahead: %s", row)));
  }

  /**
   * The state of the months in a transaction.
   *
   * @param keptFrom the first month whose records are kept
   * @param counted for each month that is kept, the month its records count in, if any
   */
  private record Calendar(YearMonth keptFrom, Map<YearMonth, YearMonth> counted) {
    boolean isTooOld(UsageRecord record) {
      return record.month().isBefore(keptFrom);
    }

    boolean isClosed(UsageRecord record) {
      return !counted.containsKey(record.month());
    }
  }

  private Uni<Calendar> calendar(
      SqlConnection connection, OrganizationId organization, List<CountedRecord> records) {
    return retention
        .keptFrom(connection)
        .chain(
            keptFrom ->
                months
                    .resolveAndLock(
                        organization,
                        connection,
                        records.stream()
                            .map(CountedRecord::month)
                            .filter(month -> !month.isBefore(keptFrom))
                            .collect(Collectors.toSet()))
                    .map(counted -> new Calendar(keptFrom, counted)));
  }

  /**
   * The claims of a transaction.
   *
   * @param accepted the identities it claimed
   * @param contents the content of every existing identity
   */
  private record Claimed(
      Set<UsageRecord.Identity> accepted, Map<UsageRecord.Identity, UUID> contents) {}

  private Uni<Claimed> write(
      SqlConnection connection,
      OrganizationId organization,
      List<CountedRecord> records,
      Calendar calendar) {
    List<CountedRecord> claims = claims(organization, records, calendar);
    return claim(connection, organization, claims)
        .chain(
            accepted -> {
              List<CountedRecord> inserted =
                  claims.stream().filter(c -> accepted.contains(c.record().identity())).toList();
              Uni<?> counted =
                  inserted.isEmpty()
                      ? Uni.createFrom().voidItem()
                      : insert(connection, organization, inserted)
                          .chain(() -> rollUp.add(organization, connection, inserted));
              return counted
                  .chain(() -> contents(connection, organization, records, calendar, inserted))
                  .map(contents -> new Claimed(accepted, contents))
                  .call(
                      () ->
                          inserted.isEmpty()
                              ? Uni.createFrom().voidItem()
                              : rollUp.publish(organization, connection, inserted));
            });
  }

  /** The first record of each identity, unless it cannot count. */
  private static List<CountedRecord> claims(
      OrganizationId organization, List<CountedRecord> records, Calendar calendar) {
    Map<UsageRecord.Identity, CountedRecord> first = new LinkedHashMap<>();
    for (CountedRecord counted : records) {
      YearMonth month = calendar.counted().get(counted.month());
      if (month != null) {
        first.computeIfAbsent(
            counted.record().identity(), identity -> counted.in(month, organization));
      }
    }
    return first.values().stream().sorted(IDENTITY_ORDER).toList();
  }

  private Uni<Set<UsageRecord.Identity>> claim(
      SqlConnection connection, OrganizationId organization, List<CountedRecord> claims) {
    if (claims.isEmpty()) {
      return Uni.createFrom().item(Set.of());
    }
    SqlQuery query =
        new SqlQuery(
            """
            INSERT INTO record_identity (organization_id, account_id, id, content, month)
            SELECT $1, * FROM unnest($2::text[], $3::text[], $4::uuid[], $5::date[])
            ON CONFLICT DO NOTHING
            RETURNING account_id, id
            """,
            List.of(
                organization.value(),
                array(claims, claim -> claim.record().accountId(), String[]::new),
                array(claims, claim -> claim.record().id(), String[]::new),
                array(claims, CountedRecord::content, UUID[]::new),
                array(claims, CountedRecord::month, YearMonth[]::new)));
    return database
        .run(connection, query, row -> new UsageRecord.Identity(row.getString(0), row.getString(1)))
        .map(HashSet::new);
  }

  private Uni<Integer> insert(
      SqlConnection connection, OrganizationId organization, List<CountedRecord> inserted) {
    SqlQuery query =
        new SqlQuery(
            """
            INSERT INTO usage_record
              (organization_id, month, aggregate_id, id, occurred_at, number_of_units, total_amount)
            SELECT o.organization_id, month, aggregate_id, id, occurred_at,
              units::numeric, amount::numeric
            FROM %s, unnest($2::date[], $3::uuid[], $4::text[], $5::timestamptz[], $6::text[],
              $7::text[]) AS r (month, aggregate_id, id, occurred_at, units, amount)
            """
                .formatted(ORGANIZATION),
            List.of(
                organization.value(),
                array(inserted, CountedRecord::month, YearMonth[]::new),
                array(inserted, CountedRecord::aggregateId, UUID[]::new),
                array(inserted, counted -> counted.record().id(), String[]::new),
                array(
                    inserted,
                    counted -> counted.record().occurredAt().atOffset(ZoneOffset.UTC),
                    OffsetDateTime[]::new),
                array(inserted, c -> c.record().numberOfUnits().toPlainString(), String[]::new),
                array(inserted, c -> c.record().totalAmount().toPlainString(), String[]::new)));
    return database.run(connection, query);
  }

  /**
   * The contents behind the identities. A separate statement, because the claim waits for a rival
   * that claims the same identity, and only a later snapshot sees what the rival committed. Records
   * of closed months are looked up too: they may have counted before their month was closed.
   */
  private Uni<Map<UsageRecord.Identity, UUID>> contents(
      SqlConnection connection,
      OrganizationId organization,
      List<CountedRecord> records,
      Calendar calendar,
      List<CountedRecord> inserted) {
    Map<UsageRecord.Identity, UUID> contents = new HashMap<>();
    inserted.forEach(counted -> contents.put(counted.record().identity(), counted.content()));
    List<UsageRecord.Identity> others =
        records.stream()
            .map(CountedRecord::record)
            .filter(record -> !calendar.isTooOld(record))
            .map(UsageRecord::identity)
            .filter(identity -> !contents.containsKey(identity))
            .distinct()
            .toList();
    if (others.isEmpty()) {
      return Uni.createFrom().item(contents);
    }
    SqlQuery query =
        new SqlQuery(
            """
            SELECT i.account_id, i.id, i.content
            FROM record_identity i
            JOIN unnest($2::text[], $3::text[]) AS r (account_id, id)
              ON i.account_id = r.account_id AND i.id = r.id
            WHERE i.organization_id = $1
            """,
            List.of(
                organization.value(),
                array(others, UsageRecord.Identity::accountId, String[]::new),
                array(others, UsageRecord.Identity::id, String[]::new)));
    return database
        .run(
            connection,
            query,
            row ->
                Map.entry(
                    new UsageRecord.Identity(row.getString(0), row.getString(1)), row.getUUID(2)))
        .map(
            entries -> {
              entries.forEach(entry -> contents.put(entry.getKey(), entry.getValue()));
              return contents;
            });
  }

  /** The first record of an identity in a body is accepted; later ones are compared with it. */
  private static List<RecordOutcome> outcomes(
      List<CountedRecord> records, Calendar calendar, Claimed claimed) {
    Set<UsageRecord.Identity> unanswered = new HashSet<>(claimed.accepted());
    List<RecordOutcome> outcomes = new ArrayList<>(records.size());
    for (CountedRecord counted : records) {
      UsageRecord record = counted.record();
      UsageRecord.Identity identity = record.identity();
      UUID content = unanswered.contains(identity) ? null : claimed.contents().get(identity);
      if (calendar.isTooOld(record)) {
        outcomes.add(RecordOutcome.TOO_OLD);
      } else if (calendar.isClosed(record) && content == null) {
        outcomes.add(RecordOutcome.MONTH_CLOSED);
      } else if (unanswered.remove(identity)) {
        outcomes.add(RecordOutcome.ACCEPTED);
      } else if (counted.content().equals(content)) {
        outcomes.add(RecordOutcome.DUPLICATE);
      } else {
        outcomes.add(RecordOutcome.CONFLICT);
      }
    }
    return outcomes;
  }

  private static <E, T> T[] array(List<E> list, Function<E, T> value, IntFunction<T[]> array) {
    return list.stream().map(value).toArray(array);
  }
}

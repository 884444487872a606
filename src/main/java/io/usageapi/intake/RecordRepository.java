package io.usageapi.intake;

import io.smallrye.mutiny.Uni;
import io.usageapi.database.Database;
import io.usageapi.error.Outage;
import io.usageapi.retention.RetentionRepository;
import io.usageapi.security.OrganizationId;
import io.usageapi.sql.SqlQuery;
import io.usageapi.usage.DataVersionRepository;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jboss.logging.Logger;

/**
 * Writes records. One transaction sees which months are kept, claims their identities, stores the
 * records whose claim held, and moves their aggregates by exactly those, and last the data version.
 * Identities and aggregates are touched in a fixed order, so that concurrent batches wait for each
 * other and do not deadlock.
 */
@ApplicationScoped
public class RecordRepository {
  private static final Logger LOG = Logger.getLogger(RecordRepository.class);

  /**
   * The organization of identities that this transaction has claimed, as a row of theirs and not as
   * a value: only an insert that selects from such a table does Citus send to the organization's
   * node as it is. By way of the coordinator an error would lose its state.
   */
  private static final String ORGANIZATION =
      "(SELECT organization_id FROM record_identity WHERE organization_id = $1 LIMIT 1) AS o";

  private static final int MAX_RETRIES = 5;
  private static final Duration FIRST_RETRY = Duration.ofMillis(20);
  private static final Duration LAST_RETRY = Duration.ofSeconds(1);

  private static final Comparator<UsageRecord> IDENTITY_ORDER =
      Comparator.comparing(UsageRecord::accountId).thenComparing(UsageRecord::id);

  private final Database database;
  private final DataVersionRepository versions;
  private final RetentionRepository retention;

  RecordRepository(
      Database database, DataVersionRepository versions, RetentionRepository retention) {
    this.database = database;
    this.versions = versions;
    this.retention = retention;
  }

  /**
   * Writes records of one organization, all or none.
   *
   * @param organization whose accounts are charged
   * @param records the records, in the order they were sent
   * @return a verdict for each record, in the same order
   */
  public Uni<List<Verdict>> write(OrganizationId organization, List<UsageRecord> records) {
    return database
        .transaction(
            connection ->
                retention
                    .keptFrom(connection)
                    .chain(
                        keptFrom ->
                            write(connection, organization, claims(records, keptFrom))
                                .map(claimed -> verdicts(records, keptFrom, claimed))))
        // A partition may have been dropped since: the next attempt reads that it was.
        .onFailure(e -> Outage.isTransient(e) || Outage.missingPartition(e).isPresent())
        .retry()
        .withBackOff(FIRST_RETRY, LAST_RETRY)
        .atMost(MAX_RETRIES)
        .onFailure()
        .invoke(
            e ->
                Outage.missingPartition(e)
                    .ifPresent(row -> LOG.errorf("No partition was made ahead: %s", row)));
  }

  /** Of the records of each identity the first, but for those that are too old. */
  private static List<UsageRecord> claims(List<UsageRecord> records, LocalDate keptFrom) {
    Map<UsageRecord.Identity, UsageRecord> first = new LinkedHashMap<>();
    records.stream()
        .filter(record -> !record.month().isBefore(keptFrom))
        .forEach(record -> first.putIfAbsent(record.identity(), record));
    return first.values().stream().sorted(IDENTITY_ORDER).toList();
  }

  /**
   * What a transaction found.
   *
   * @param accepted the identities it claimed
   * @param contents the content of every identity asked for: its own, or what was there before
   */
  private record Claimed(
      Set<UsageRecord.Identity> accepted, Map<UsageRecord.Identity, UUID> contents) {}

  private Uni<Claimed> write(
      SqlConnection connection, OrganizationId organization, List<UsageRecord> claims) {
    return claim(connection, organization, claims)
        .chain(
            accepted -> {
              List<UsageRecord> inserted =
                  claims.stream().filter(record -> accepted.contains(record.identity())).toList();
              return insert(connection, organization, inserted)
                  .chain(() -> moveAggregates(connection, organization, inserted))
                  .chain(() -> contents(connection, organization, claims, accepted))
                  .map(contents -> new Claimed(accepted, contents))
                  .call(() -> moveVersion(connection, organization, inserted));
            });
  }

  private Uni<Set<UsageRecord.Identity>> claim(
      SqlConnection connection, OrganizationId organization, List<UsageRecord> claims) {
    SqlQuery query =
        new SqlQuery(
            "INSERT INTO record_identity (organization_id, account_id, id, content, month)"
                + " SELECT $1, * FROM unnest($2::text[], $3::text[], $4::uuid[], $5::date[])"
                + " ON CONFLICT DO NOTHING RETURNING account_id, id",
            List.of(
                organization.value(),
                array(claims, UsageRecord::accountId, String[]::new),
                array(claims, UsageRecord::id, String[]::new),
                array(claims, UsageRecord::content, UUID[]::new),
                array(claims, UsageRecord::month, LocalDate[]::new)));
    return database
        .run(connection, query, row -> new UsageRecord.Identity(row.getString(0), row.getString(1)))
        .map(HashSet::new);
  }

  private Uni<Integer> insert(
      SqlConnection connection, OrganizationId organization, List<UsageRecord> inserted) {
    if (inserted.isEmpty()) {
      return Uni.createFrom().item(0);
    }
    SqlQuery query =
        new SqlQuery(
            "INSERT INTO usage_record (organization_id, month, aggregate_id, id, occurred_at,"
                + " number_of_units, total_amount)"
                + " SELECT o.organization_id, month, aggregate_id, id, occurred_at, units::numeric,"
                + " amount::numeric FROM "
                + ORGANIZATION
                + ", unnest($2::date[], $3::uuid[], $4::text[], $5::timestamptz[], $6::text[],"
                + " $7::text[]) AS r (month, aggregate_id, id, occurred_at, units, amount)",
            List.of(
                organization.value(),
                array(inserted, UsageRecord::month, LocalDate[]::new),
                array(inserted, record -> record.aggregateId(organization), UUID[]::new),
                array(inserted, UsageRecord::id, String[]::new),
                array(
                    inserted,
                    record -> record.occurredAt().atOffset(ZoneOffset.UTC),
                    OffsetDateTime[]::new),
                array(inserted, record -> plain(record.numberOfUnits()), String[]::new),
                array(inserted, record -> plain(record.totalAmount()), String[]::new)));
    return database.run(connection, query);
  }

  /**
   * What an aggregate moves by.
   *
   * @param grouping a record that has its grouping fields
   */
  private record Movement(UsageRecord grouping, BigDecimal units, BigDecimal amount) {
    static Movement of(UsageRecord record) {
      return new Movement(record, record.numberOfUnits(), record.totalAmount());
    }

    Movement plus(Movement other) {
      return new Movement(grouping, units.add(other.units), amount.add(other.amount));
    }
  }

  private Uni<Integer> moveAggregates(
      SqlConnection connection, OrganizationId organization, List<UsageRecord> inserted) {
    if (inserted.isEmpty()) {
      return Uni.createFrom().item(0);
    }
    // Any order will do as long as it is fixed; a UUID has one.
    Map<UUID, Movement> movements = new TreeMap<>();
    inserted.forEach(
        record ->
            movements.merge(record.aggregateId(organization), Movement.of(record), Movement::plus));
    Collection<Movement> moved = movements.values();
    SqlQuery query =
        new SqlQuery(
            "INSERT INTO monthly_usage (organization_id, id, account_id, product_id,"
                + " aggr_product_id, month, type, description, currency, direction, resolution,"
                + " unit, unit_word, price, wallet_name, number_of_units, total_amount)"
                + " SELECT o.organization_id, id, account_id, product_id, aggr_product_id, month, type,"
                + " description, currency, direction, resolution, unit, unit_word, price::numeric,"
                + " wallet_name, units::numeric, amount::numeric FROM "
                + ORGANIZATION
                + ", unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::date[],"
                + " $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[],"
                + " $13::text[], $14::text[], $15::text[], $16::text[], $17::text[])"
                + " AS m (id, account_id, product_id, aggr_product_id, month, type, description,"
                + " currency, direction, resolution, unit, unit_word, price, wallet_name, units,"
                + " amount)"
                + " ON CONFLICT (organization_id, id) DO UPDATE SET"
                + " number_of_units = monthly_usage.number_of_units + excluded.number_of_units,"
                + " total_amount = monthly_usage.total_amount + excluded.total_amount",
            Arrays.asList(
                organization.value(),
                movements.keySet().toArray(UUID[]::new),
                column(moved, UsageRecord::accountId),
                column(moved, UsageRecord::productId),
                column(moved, UsageRecord::aggrProductId),
                moved.stream().map(m -> m.grouping().month()).toArray(LocalDate[]::new),
                column(moved, record -> name(record.type())),
                column(moved, UsageRecord::description),
                column(moved, UsageRecord::currency),
                column(moved, record -> name(record.direction())),
                column(moved, record -> name(record.resolution())),
                column(moved, record -> name(record.unit())),
                column(moved, UsageRecord::unitWord),
                column(moved, record -> plain(record.price())),
                column(moved, UsageRecord::walletName),
                moved.stream().map(m -> plain(m.units())).toArray(String[]::new),
                moved.stream().map(m -> plain(m.amount())).toArray(String[]::new)));
    return database.run(connection, query);
  }

  private Uni<Void> moveVersion(
      SqlConnection connection, OrganizationId organization, List<UsageRecord> inserted) {
    return inserted.isEmpty()
        ? Uni.createFrom().voidItem()
        : versions.move(organization, connection);
  }

  /**
   * The contents behind the identities. A statement of its own: the claim waits for a rival that
   * claims the same, and only a later snapshot sees what the rival committed.
   */
  private Uni<Map<UsageRecord.Identity, UUID>> contents(
      SqlConnection connection,
      OrganizationId organization,
      List<UsageRecord> claims,
      Set<UsageRecord.Identity> accepted) {
    Map<UsageRecord.Identity, UUID> contents = new HashMap<>();
    List<UsageRecord> others = new ArrayList<>();
    for (UsageRecord record : claims) {
      if (accepted.contains(record.identity())) {
        contents.put(record.identity(), record.content());
      } else {
        others.add(record);
      }
    }
    if (others.isEmpty()) {
      return Uni.createFrom().item(contents);
    }
    SqlQuery query =
        new SqlQuery(
            "SELECT i.account_id, i.id, i.content FROM record_identity i"
                + " JOIN unnest($2::text[], $3::text[]) AS r (account_id, id)"
                + " ON i.account_id = r.account_id AND i.id = r.id"
                + " WHERE i.organization_id = $1",
            List.of(
                organization.value(),
                array(others, UsageRecord::accountId, String[]::new),
                array(others, UsageRecord::id, String[]::new)));
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

  /** Within one body the first of an identity is accepted; what follows is held against it. */
  private static List<Verdict> verdicts(
      List<UsageRecord> records, LocalDate keptFrom, Claimed claimed) {
    Set<UsageRecord.Identity> unanswered = new HashSet<>(claimed.accepted());
    List<Verdict> verdicts = new ArrayList<>(records.size());
    for (UsageRecord record : records) {
      if (record.month().isBefore(keptFrom)) {
        verdicts.add(Verdict.TOO_OLD);
      } else if (unanswered.remove(record.identity())) {
        verdicts.add(Verdict.ACCEPTED);
      } else if (record.content().equals(claimed.contents().get(record.identity()))) {
        verdicts.add(Verdict.DUPLICATE);
      } else {
        verdicts.add(Verdict.CONFLICT);
      }
    }
    return verdicts;
  }

  private static <T> T[] array(
      List<UsageRecord> records, Function<UsageRecord, T> value, IntFunction<T[]> array) {
    return records.stream().map(value).toArray(array);
  }

  private static String[] column(
      Collection<Movement> movements, Function<UsageRecord, String> value) {
    return movements.stream().map(m -> value.apply(m.grouping())).toArray(String[]::new);
  }

  private static String name(Enum<?> value) {
    return value == null ? null : value.name();
  }

  private static String plain(BigDecimal number) {
    return number == null ? null : number.toPlainString();
  }
}

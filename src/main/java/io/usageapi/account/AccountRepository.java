package io.usageapi.account;

import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.quarkus.hibernate.reactive.panache.common.WithSession;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.usageapi.aggregate.DataVersionRepository;
import io.usageapi.aggregate.change.Touched;
import io.usageapi.database.Database;
import io.usageapi.database.DatabaseConfig;
import io.usageapi.database.HeavyReads;
import io.usageapi.database.SnapshotReader;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.security.OrganizationId;
import io.usageapi.sql.FilterSql;
import io.usageapi.sql.SqlBuilder;
import io.usageapi.sql.SqlQuery;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Accounts, organizations, and the map from account to organization. */
@ApplicationScoped
public class AccountRepository implements PanacheRepositoryBase<Account, Account.Key> {
  private static final String COLUMNS = "SELECT id, name, company_name, status";

  private final Database database;
  private final HeavyReads scans;
  private final SnapshotReader snapshots;
  private final DataVersionRepository versions;
  private final boolean distributed;

  AccountRepository(
      Database database,
      HeavyReads scans,
      SnapshotReader snapshots,
      DataVersionRepository versions,
      DatabaseConfig config) {
    this.database = database;
    this.scans = scans;
    this.snapshots = snapshots;
    this.versions = versions;
    this.distributed = config.distributed();
  }

  /**
   * Requires that all named accounts belong to the organization. It only looks among the
   * organization's accounts, so that foreign and missing accounts look alike.
   *
   * @return nothing; fails with 403 {@code account_not_in_organization}
   */
  public Uni<Void> requireAll(OrganizationId organization, Set<String> accounts) {
    if (accounts.isEmpty()) {
      return Uni.createFrom().voidItem();
    }
    SqlQuery query =
        new SqlQuery(
            distributed
                // A plain statement on one table: Citus plans it by its fast path.
                ? "SELECT count(*) FROM account WHERE organization_id = $1 AND id = ANY ($2)"
                // OFFSET 0: each account is looked up. Otherwise a generic plan reads all accounts
                // of the organization.
                : """
                SELECT count(*) FROM unnest($2::text[]) AS named (id), LATERAL (
                  SELECT 1 FROM account a WHERE a.organization_id = $1 AND a.id = named.id OFFSET 0) own
                """,
            List.of(organization.value(), accounts.toArray(String[]::new)));
    return database
        .readByIndex(query, row -> row.getLong(0))
        .map(
            counts -> {
              if (counts.get(0) != accounts.size()) {
                throw ApiException.of(ErrorCode.ACCOUNT_NOT_IN_ORGANIZATION);
              }
              return null;
            });
  }

  /**
   * A page of accounts.
   *
   * @param total how many accounts of the organization the query selects
   */
  public record Listing(long total, List<AccountView> accounts) {}

  /**
   * The page of accounts for a query. It costs as much as counting all that it selects.
   *
   * @return the page; fails with 400 {@code filter_too_expensive} if a search or filter makes it
   *     run into the deadline, and like {@link HeavyReads}
   */
  public Uni<Listing> page(AccountQuery query) {
    return scans
        .run(
            query.selection().organization(), () -> database.read(pageStatement(query), row -> row))
        .map(AccountRepository::listing)
        .onFailure()
        .transform(query.selection()::translateFailure);
  }

  /**
   * All accounts of a selection, batch by batch, in one snapshot. The first batch comes even when
   * there are none.
   *
   * @param closed called once when all the database holds for it is freed, however it ended
   * @return the batches; fails like {@link #page}
   */
  public Multi<List<AccountView>> export(AccountSelection selection, Runnable closed) {
    return snapshots
        .read(
            connection -> Uni.createFrom().voidItem(),
            wholeStatement(selection),
            (nothing, rows) -> batch(rows),
            closed)
        .onFailure()
        .transform(selection::translateFailure);
  }

  private static List<AccountView> batch(RowSet<Row> rows) {
    List<AccountView> accounts = new ArrayList<>(rows.size());
    rows.forEach(row -> accounts.add(view(row)));
    return accounts;
  }

  private static AccountView view(Row row) {
    return new AccountView(
        row.getString("id"),
        row.getString("name"),
        row.getString("company_name"),
        AccountStatus.valueOf(row.getString("status")));
  }

  /** An empty page has one row, without an account. */
  private static Listing listing(List<Row> rows) {
    return new Listing(
        rows.get(0).getLong("total"),
        rows.stream()
            .filter(row -> row.getString("id") != null)
            .map(AccountRepository::view)
            .toList());
  }

  private static SqlQuery pageStatement(AccountQuery query) {
    SqlBuilder sql = new SqlBuilder().append("SELECT * FROM (SELECT count(*) AS total");
    AccountSelection selection = query.selection();
    appendSelected(selection, sql);
    sql.append(") c LEFT JOIN (" + COLUMNS);
    appendSelected(selection, sql);
    sql.append(selection.order().sql())
        .append(" LIMIT ")
        .bind((long) query.perPage())
        .append(" OFFSET ")
        .bind(query.offset())
        .append(") p ON true" + selection.order().sql());
    return selection.isSelective() ? sql.buildOnce() : sql.build();
  }

  private static SqlQuery wholeStatement(AccountSelection selection) {
    SqlBuilder sql = new SqlBuilder().append(COLUMNS);
    appendSelected(selection, sql);
    return sql.append(selection.order().sql()).buildOnce();
  }

  private static void appendSelected(AccountSelection query, SqlBuilder sql) {
    sql.append(" FROM account WHERE organization_id = ").bind(query.organization().value());
    query
        .filter()
        .ifPresent(
            filter -> {
              sql.append(" AND ");
              FilterSql.append(filter, sql);
            });
    query
        .search()
        .map(SearchPattern::of)
        .ifPresent(
            pattern ->
                sql.append(" AND (id ~ ")
                    .bind(pattern)
                    .append(" OR name ~ ")
                    .bind(pattern)
                    .append(" OR company_name ~ ")
                    .bind(pattern)
                    .append(")"));
  }

  /** An account of an organization, if it exists. */
  @WithSession
  public Uni<Optional<AccountView>> one(OrganizationId organization, String id) {
    return findById(new Account.Key(organization.value(), id))
        .map(account -> Optional.ofNullable(account).map(Account::toView));
  }

  /** The name of an organization in the snapshot of a transaction, if it has one. */
  public Uni<Optional<String>> nameOf(OrganizationId organization, SqlConnection connection) {
    SqlQuery query =
        new SqlQuery("SELECT name FROM organization WHERE id = $1", List.of(organization.value()));
    return database
        .run(connection, query, row -> Optional.ofNullable(row.getString(0)))
        .map(names -> names.isEmpty() ? Optional.empty() : names.get(0));
  }

  /** The organizations of accounts; missing accounts are absent. */
  public Uni<Map<String, OrganizationId>> organizationsOf(Collection<String> accounts) {
    SqlQuery query =
        new SqlQuery(
            """
            SELECT account_id, organization_id FROM account_organization
            WHERE account_id = ANY ($1)
            """,
            List.of((Object) accounts.toArray(String[]::new)));
    return database
        .readByIndex(
            query, row -> Map.entry(row.getString(0), new OrganizationId(row.getString(1))))
        .map(
            entries ->
                entries.stream().collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
  }

  /**
   * Creates or replaces an account, and creates its organization if it is new.
   *
   * @return whether the account was created; fails with 409 {@code conflict} if it belongs to
   *     another organization
   */
  public Uni<Boolean> provision(NewAccount account) {
    return database.transaction(
        connection ->
            makeOrganization(connection, account.organization(), Optional.empty())
                .chain(() -> claim(connection, List.of(account)))
                .chain(
                    made ->
                        requireOwner(connection, account)
                            .chain(() -> isRenamed(connection, account))
                            .call(() -> write(connection, account))
                            .call(
                                renamed ->
                                    renamed
                                        ? versions.bump(
                                            account.organization(), connection, Touched.NONE)
                                        : Uni.createFrom().voidItem())
                            .replaceWith(made == 1)));
  }

  /** Whether it exists under another name. FOCUS exports have the names of accounts. */
  private Uni<Boolean> isRenamed(SqlConnection connection, NewAccount account) {
    SqlQuery query =
        new SqlQuery(
            """
            SELECT FROM account
            WHERE organization_id = $1 AND id = $2 AND name IS DISTINCT FROM $3
            FOR NO KEY UPDATE
            """,
            Arrays.asList(account.organization().value(), account.id(), account.name()));
    return database.run(connection, query, row -> true).map(rows -> !rows.isEmpty());
  }

  /**
   * Creates missing accounts of an organization, and the organization if it is new. Existing
   * accounts, its own and foreign ones, stay unchanged.
   *
   * @param organizationName the name of a new organization, if known
   * @param accounts accounts of this organization
   */
  public Uni<Void> makeMissing(
      OrganizationId organization,
      Optional<String> organizationName,
      Collection<NewAccount> accounts) {
    // A fixed order avoids deadlocks between senders that create the same accounts.
    List<NewAccount> ordered =
        accounts.stream().sorted(Comparator.comparing(NewAccount::id)).toList();
    return database.transaction(
        connection ->
            makeOrganization(connection, organization, organizationName)
                .chain(
                    made ->
                        claim(connection, ordered)
                            .chain(
                                () ->
                                    made == 0
                                        ? Uni.createFrom().item(0)
                                        : dropUnclaimed(connection, organization)))
                .chain(() -> writeMissing(connection, organization, ordered)));
  }

  /** Returns 1 if it was created, 0 if it existed. */
  private Uni<Integer> makeOrganization(
      SqlConnection connection, OrganizationId organization, Optional<String> name) {
    return database.run(
        connection,
        new SqlQuery(
            "INSERT INTO organization (id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            Arrays.asList(organization.value(), name.orElse(null))));
  }

  /** Deletes a new organization that got no account because all of them belong to others. */
  private Uni<Integer> dropUnclaimed(SqlConnection connection, OrganizationId organization) {
    return database.run(
        connection,
        new SqlQuery(
            """
            DELETE FROM organization WHERE id = $1 AND NOT EXISTS (
              SELECT FROM account_organization WHERE organization_id = $1)
            """,
            List.of(organization.value())));
  }

  /**
   * Returns how many accounts were unclaimed. Counts returned ids because the row count of Citus
   * includes conflicts.
   */
  private Uni<Integer> claim(SqlConnection connection, List<NewAccount> accounts) {
    return database
        .run(
            connection,
            new SqlQuery(
                """
                INSERT INTO account_organization (account_id, organization_id)
                SELECT * FROM unnest($1::text[], $2::text[])
                ON CONFLICT DO NOTHING
                RETURNING account_id
                """,
                List.of(
                    column(accounts, NewAccount::id),
                    column(accounts, a -> a.organization().value()))),
            row -> row.getString(0))
        .map(List::size);
  }

  /** A separate statement: it sees what another transaction committed during the claim. */
  private Uni<Void> requireOwner(SqlConnection connection, NewAccount account) {
    SqlQuery query =
        new SqlQuery(
            "SELECT organization_id FROM account_organization WHERE account_id = $1",
            List.of(account.id()));
    return database
        .run(connection, query, row -> row.getString(0))
        .map(
            owners -> {
              if (!owners.contains(account.organization().value())) {
                throw ApiException.of(
                    ErrorCode.CONFLICT, "The account belongs to another organization.");
              }
              return null;
            });
  }

  private Uni<Integer> write(SqlConnection connection, NewAccount account) {
    return database.run(
        connection,
        new SqlQuery(
            """
            INSERT INTO account (organization_id, id, name, company_name, status)
            VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (organization_id, id) DO UPDATE SET
              name = excluded.name, company_name = excluded.company_name, status = excluded.status
            """,
            Arrays.asList(
                account.organization().value(),
                account.id(),
                account.name(),
                account.companyName(),
                account.status().name())));
  }

  /** Inserts only accounts whose claim succeeded, never those of another organization. */
  private Uni<Void> writeMissing(
      SqlConnection connection, OrganizationId organization, List<NewAccount> accounts) {
    return database
        .run(
            connection,
            new SqlQuery(
                """
                INSERT INTO account (organization_id, id, name, company_name, status)
                SELECT $1, a.id, a.name, a.company_name, a.status
                FROM unnest($2::text[], $3::text[], $4::text[], $5::text[])
                  AS a (id, name, company_name, status)
                JOIN account_organization o ON o.account_id = a.id AND o.organization_id = $1
                ON CONFLICT DO NOTHING
                """,
                List.of(
                    organization.value(),
                    column(accounts, NewAccount::id),
                    column(accounts, NewAccount::name),
                    column(accounts, NewAccount::companyName),
                    column(accounts, a -> a.status().name()))))
        .replaceWithVoid();
  }

  private static String[] column(List<NewAccount> accounts, Function<NewAccount, String> value) {
    return accounts.stream().map(value).toArray(String[]::new);
  }
}

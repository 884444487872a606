package io.usageapi.account;

import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.quarkus.hibernate.reactive.panache.common.WithSession;
import io.smallrye.mutiny.Uni;
import io.usageapi.database.Database;
import io.usageapi.database.Scans;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.security.OrganizationId;
import io.usageapi.sql.SqlQuery;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Accounts, the organizations they belong to, and the map from the one to the other. */
@ApplicationScoped
public class AccountRepository implements PanacheRepositoryBase<Account, Account.Key> {
  private final Database database;
  private final Scans scans;

  AccountRepository(Database database, Scans scans) {
    this.database = database;
    this.scans = scans;
  }

  /**
   * The 403 rule: every account named must be the organization's own. It asks only among the
   * organization's accounts, so that a foreign one and one that does not exist are alike.
   *
   * @return nothing; fails with 403 {@code account_not_in_organization}
   */
  public Uni<Void> requireAll(OrganizationId organization, Set<String> accounts) {
    if (accounts.isEmpty()) {
      return Uni.createFrom().voidItem();
    }
    SqlQuery query =
        new SqlQuery(
            "SELECT count(*) FROM account WHERE organization_id = $1 AND id = ANY ($2)",
            List.of(organization.value(), accounts.toArray(String[]::new)));
    return database
        .readWithGenericPlan(query, row -> row.getLong(0))
        .map(
            counts -> {
              if (counts.get(0) != accounts.size()) {
                throw ApiException.of(ErrorCode.ACCOUNT_NOT_IN_ORGANIZATION);
              }
              return null;
            });
  }

  /**
   * The accounts of a page, and how many there are in all.
   *
   * @param total how many the organization has
   * @param accounts those of the page
   */
  public record Listing(long total, List<AccountView> accounts) {}

  /**
   * The page of accounts a query asks for. It costs as much as to count all of them.
   *
   * @return the page; fails as {@link Scans} does
   */
  public Uni<Listing> page(AccountQuery query) {
    // A session has a connection from its beginning: it begins when the turn has come.
    return scans.run(query.organization(), () -> Panache.withSession(() -> list(query)));
  }

  private Uni<Listing> list(AccountQuery query) {
    String organization = query.organization().value();
    return count("organizationId", organization)
        .chain(
            total -> {
              if (query.offset() >= total) {
                return Uni.createFrom().item(new Listing(total, List.of()));
              }
              int first = (int) query.offset();
              return find("organizationId", query.order().sort(), organization)
                  .range(first, first + query.perPage() - 1)
                  .list()
                  .map(found -> new Listing(total, found.stream().map(Account::toView).toList()));
            });
  }

  /** One account of an organization, if it has one of this id. */
  @WithSession
  public Uni<Optional<AccountView>> one(OrganizationId organization, String id) {
    return findById(new Account.Key(organization.value(), id))
        .map(account -> Optional.ofNullable(account).map(Account::toView));
  }

  /** Which organizations the accounts belong to; an account that is not there is absent. */
  public Uni<Map<String, OrganizationId>> organizationsOf(Collection<String> accounts) {
    SqlQuery query =
        new SqlQuery(
            "SELECT account_id, organization_id FROM account_organization"
                + " WHERE account_id = ANY ($1)",
            List.of((Object) accounts.toArray(String[]::new)));
    return database
        .readWithGenericPlan(
            query, row -> Map.entry(row.getString(0), new OrganizationId(row.getString(1))))
        .map(
            entries ->
                entries.stream().collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
  }

  /**
   * Makes an account, or replaces what is stored of it; its organization too when that is new.
   *
   * @return whether it was made; fails with 409 {@code conflict} when it is another organization's
   */
  public Uni<Boolean> provision(NewAccount account) {
    return database.transaction(
        connection ->
            makeOrganization(connection, account.organization(), Optional.empty())
                .chain(() -> claim(connection, List.of(account)))
                .chain(
                    made ->
                        requireOwner(connection, account)
                            .chain(() -> write(connection, account))
                            .replaceWith(made == 1)));
  }

  /**
   * Makes the accounts of an organization that are not there, and the organization when it is new;
   * what is there stays as it is, and so does an account of another organization.
   *
   * @param organizationName the name of the organization when it is made, where known
   * @param accounts accounts of this organization
   */
  public Uni<Void> makeMissing(
      OrganizationId organization,
      Optional<String> organizationName,
      Collection<NewAccount> accounts) {
    // In a fixed order, so that two senders that make the same accounts do not deadlock.
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

  /** How many were made: one, or none when it was there. */
  private Uni<Integer> makeOrganization(
      SqlConnection connection, OrganizationId organization, Optional<String> name) {
    return database.run(
        connection,
        new SqlQuery(
            "INSERT INTO organization (id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            Arrays.asList(organization.value(), name.orElse(null))));
  }

  /** An organization that got no account, as all were another's, is not to stay behind. */
  private Uni<Integer> dropUnclaimed(SqlConnection connection, OrganizationId organization) {
    return database.run(
        connection,
        new SqlQuery(
            "DELETE FROM organization WHERE id = $1 AND NOT EXISTS"
                + " (SELECT 1 FROM account_organization WHERE organization_id = $1)",
            List.of(organization.value())));
  }

  /**
   * How many of the accounts were nobody's. They are told by their ids: what Citus says of how many
   * rows such an insert made counts those in conflict too.
   */
  private Uni<Integer> claim(SqlConnection connection, List<NewAccount> accounts) {
    return database
        .run(
            connection,
            new SqlQuery(
                "INSERT INTO account_organization (account_id, organization_id)"
                    + " SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING"
                    + " RETURNING account_id",
                List.of(ids(accounts), organizations(accounts))),
            row -> row.getString(0))
        .map(List::size);
  }

  /** A second statement: only it sees what a rival committed while the claim waited for it. */
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
    List<Object> arguments = new ArrayList<>();
    arguments.add(account.organization().value());
    arguments.add(account.id());
    arguments.add(account.name());
    arguments.add(account.companyName());
    arguments.add(account.status().name());
    return database.run(
        connection,
        new SqlQuery(
            "INSERT INTO account (organization_id, id, name, company_name, status)"
                + " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (organization_id, id) DO UPDATE SET"
                + " name = excluded.name, company_name = excluded.company_name,"
                + " status = excluded.status",
            arguments));
  }

  /** Only accounts whose claim holds: one of another organization is left alone. */
  private Uni<Void> writeMissing(
      SqlConnection connection, OrganizationId organization, List<NewAccount> accounts) {
    return database
        .run(
            connection,
            new SqlQuery(
                "INSERT INTO account (organization_id, id, name, company_name, status)"
                    + " SELECT $1, a.id, a.name, a.company_name, a.status"
                    + " FROM unnest($2::text[], $3::text[], $4::text[], $5::text[])"
                    + " AS a (id, name, company_name, status)"
                    + " JOIN account_organization o"
                    + " ON o.account_id = a.id AND o.organization_id = $1"
                    + " ON CONFLICT DO NOTHING",
                List.of(
                    organization.value(),
                    ids(accounts),
                    accounts.stream().map(NewAccount::name).toArray(String[]::new),
                    accounts.stream().map(NewAccount::companyName).toArray(String[]::new),
                    accounts.stream().map(a -> a.status().name()).toArray(String[]::new))))
        .replaceWithVoid();
  }

  private static String[] ids(List<NewAccount> accounts) {
    return accounts.stream().map(NewAccount::id).toArray(String[]::new);
  }

  private static String[] organizations(List<NewAccount> accounts) {
    return accounts.stream().map(a -> a.organization().value()).toArray(String[]::new);
  }
}

package io.usageapi.attack;

import static io.usageapi.fixture.Eventually.eventually;
import static io.usageapi.fixture.Organization.anOrganization;

import io.usageapi.fixture.Api;
import io.usageapi.fixture.Import;
import io.usageapi.fixture.Organization;
import io.usageapi.fixture.RatedRecord;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.TestPostgres;
import java.math.BigDecimal;
import java.net.URI;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An organization with an account, which attacks.
 *
 * @param server where it is
 * @param acme the organization
 * @param answered how many records were answered as accepted, each of one unit
 */
public record Tenant(URI server, Organization acme, AtomicLong answered) {

  /** Makes a new one. */
  static Tenant on(URI server) {
    Organization acme = anOrganization();
    acme.account();
    return new Tenant(server, acme, new AtomicLong());
  }

  /** The id of its organization. */
  public String organization() {
    return acme.id();
  }

  /** The id of its only account. */
  public String account() {
    return acme.account();
  }

  /** A token that reads. */
  public String reader() {
    return acme.reader();
  }

  /** A token that writes records and accounts. */
  public String writer() {
    return acme.writer();
  }

  /** A new record of its account, of one unit. */
  public RatedRecord usage() {
    return RatedRecord.aRecord().account(account());
  }

  /** A request with its token for reading. */
  public RawRequest get(String target) {
    return acme.get(target);
  }

  /** Records to be sent, with its token for writing. */
  public RawRequest post(String type, String body) {
    return acme.post(type, body);
  }

  /** A billing file to be sent, with its token for writing. */
  public RawRequest put(String id, String file) {
    return Import.of(writer(), id).request(file);
  }

  /** Notes that records of one unit were answered as accepted: they have to count. */
  public void accepted(long records) {
    answered.addAndGet(records);
  }

  /** What its aggregates add up to, in the database. */
  public long units() {
    try {
      String sum =
          TestPostgres.one(
              """
              SELECT coalesce(sum(number_of_units), 0) FROM monthly_usage
              WHERE organization_id = ?
              """,
              organization());
      return new BigDecimal(sum).longValueExact();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** How many records that were answered as accepted do not count. */
  long lost() {
    return Math.max(0, answered.get() - units());
  }

  /** Waits until it can read, export and write. */
  void recovers() throws Exception {
    eventually("a page is answered", () -> get(Api.USAGE).send(server).status() == 200);
    eventually(
        "an export is answered",
        () -> get(Api.USAGE).accept("text/csv").send(server).status() == 200);
    String record = usage().json();
    eventually(
        "a record is taken in",
        () -> post("application/x-ndjson", record).send(server).status() == 200);
    accepted(1);
  }
}

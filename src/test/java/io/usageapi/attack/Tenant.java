package io.usageapi.attack;

import static io.usageapi.fixture.Eventually.eventually;

import io.usageapi.fixture.Api;
import io.usageapi.fixture.RatedRecord;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.TestPostgres;
import io.usageapi.fixture.Tokens;
import java.net.URI;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An organization with an account and with tokens.
 *
 * @param server where it is
 * @param organization its id
 * @param account its only account
 * @param reader a token that reads
 * @param writer a token that writes records and accounts
 * @param answered how many records were answered as accepted, each of one unit
 */
public record Tenant(
    URI server,
    String organization,
    String account,
    String reader,
    String writer,
    AtomicLong answered) {

  /** Makes a new one. */
  static Tenant on(URI server) {
    String organization = Api.newOrganization();
    Tenant tenant =
        new Tenant(
            server,
            organization,
            organization + "-a",
            Tokens.reader(organization),
            Tokens.writer(organization),
            new AtomicLong());
    RawRequest.Response made =
        RawRequest.of("PUT", Api.ACCOUNTS + "/" + tenant.account())
            .token(Tokens.operator())
            .body("application/json", "{\"organization_id\":\"" + organization + "\"}")
            .send(server);
    if (made.status() != 201) {
      throw new IllegalStateException(made.status() + " " + made.text());
    }
    return tenant;
  }

  /** A record of its account, of one unit. Each call makes a new one. */
  public RatedRecord usage() {
    return RatedRecord.aRecord().account(account);
  }

  /** A request with its token for reading. */
  public RawRequest get(String target) {
    return RawRequest.get(target).token(reader);
  }

  /** Records to be sent, with its token for writing. */
  public RawRequest post(String type, String body) {
    return RawRequest.of("POST", Api.RECORDS).token(writer).body(type, body);
  }

  /** Takes down that records, of one unit each, were answered as accepted: they have to count. */
  public void accepted(long records) {
    answered.addAndGet(records);
  }

  /** What its aggregates add up to, in the database. */
  public long units() {
    try (Connection connection = TestPostgres.connect();
        PreparedStatement sum =
            connection.prepareStatement(
                "SELECT coalesce(sum(number_of_units), 0) FROM monthly_usage"
                    + " WHERE organization_id = ?")) {
      sum.setString(1, organization);
      try (ResultSet result = sum.executeQuery()) {
        result.next();
        return result.getBigDecimal(1).longValueExact();
      }
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
        () -> get(Api.USAGE).header("Accept", "text/csv").send(server).status() == 200);
    String record = usage().json();
    eventually(
        "a record is taken in",
        () -> post("application/x-ndjson", record).send(server).status() == 200);
    accepted(1);
  }
}

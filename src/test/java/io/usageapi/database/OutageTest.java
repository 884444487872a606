package io.usageapi.database;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.VertxException;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.impl.NoStackTraceThrowable;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.ClosedConnectionException;
import io.vertx.sqlclient.TransactionRollbackException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class OutageTest {
  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "08000, connection exception",
    "08001, the client cannot connect",
    "08003, no such connection",
    "08004, the server rejected the connection",
    "08006, connection failure",
    "08P01, protocol violation; PgBouncer's word for all it cannot do",
    "25001, within a transaction",
    "25006, a database that only reads: a standby or a full disk in managed services",
    "25P02, a transaction that failed before",
    "25P03, a transaction that lay idle and was ended",
    "25P04, a transaction that took too long and was ended",
    "26000, no such prepared statement: another session behind a pooler",
    "28000, login refused",
    "28P01, wrong password",
    "3D000, no such database",
    "40001, serialization failure",
    "40003, statement completion unknown",
    "40P01, deadlock",
    "42703, a column that is not migrated yet",
    "42P01, a table that is not migrated yet",
    "53000, insufficient resources",
    "53100, disk full",
    "53200, out of memory",
    "53300, too many connections",
    "53400, a limit of the configuration",
    "55000, not in the state it has to be in, as while it recovers",
    "55006, object in use",
    "55P03, lock not available",
    "57000, operator intervention",
    "57014, canceled",
    "57P01, shut down by an administrator",
    "57P02, crashed",
    "57P03, starting up",
    "57P04, database dropped",
    "57P05, session that lay idle ended",
    "58000, system error",
    "58030, I/O error",
    "F0000, error in a configuration file",
    "F0001, lock file exists",
    "XX000, internal error",
    "XX001, data corrupted",
  })
  void what_passes_is_an_outage(String state, String what) {
    assertThat(Outage.is(refused(state))).as(what).isTrue();
    assertThat(Outage.is(new CompletionException(refused(state)))).as(what).isTrue();
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "0A000, not supported",
    "21000, cardinality violation",
    "22003, number out of range",
    "22P02, invalid text",
    "23505, unique violation",
    "23502, not null violation",
    "24000, invalid cursor state",
    "2201B, invalid regular expression",
    "34000, no such cursor",
    "42501, no right to it",
    "42601, syntax error",
    "42883, no such function",
    "54000, a limit of the program",
    "54001, stack depth exceeded",
    "54011, too many columns",
    "P0001, raised by a function",
  })
  void what_would_fail_again_is_a_fault(String state, String what) {
    assertThat(Outage.is(refused(state))).as(what).isFalse();
  }

  @ParameterizedTest
  @MethodSource
  void a_way_that_broke_is_an_outage(Throwable failure) {
    assertThat(Outage.is(failure)).isTrue();
    assertThat(Outage.is(new IllegalStateException("around it", failure))).isTrue();
  }

  static Stream<Throwable> a_way_that_broke_is_an_outage() {
    return Stream.of(
        ClosedConnectionException.INSTANCE,
        TransactionRollbackException.INSTANCE,
        new VertxException("Pending requests failed to be sent", true),
        new VertxException("What the database answered could not be read", new Exception()),
        new NoStackTraceThrowable("Timeout"),
        new NoStackTraceThrowable("Connection is not active now, current status: CLOSED"),
        new ConnectionPoolTooBusyException("Connection pool reached max wait queue size"),
        new TimeoutException(),
        new IOException("Connection reset by peer"),
        new ConnectException("Connection refused"),
        new UnknownHostException("database"),
        new ClosedChannelException(),
        new SSLHandshakeException("PKIX path building failed"));
  }

  @Test
  void a_fault_of_the_server_is_none() {
    assertThat(Outage.is(new NullPointerException())).isFalse();
    assertThat(Outage.is(new IllegalStateException())).isFalse();
    assertThat(Outage.is(new PgException("no state", "ERROR", null, null))).isFalse();
  }

  @Test
  void a_plan_that_the_schema_has_outgrown_is_one_in_any_language() {
    assertThat(Outage.is(refused("0A000", "RevalidateCachedQuery"))).isTrue();
  }

  private static PgException refused(String state) {
    return refused(state, null);
  }

  private static PgException refused(String state, String routine) {
    return new PgException(
        "message",
        "ERROR",
        state,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        routine,
        null,
        null,
        null,
        null,
        "a_constraint");
  }
}

package io.usageapi.database;

import io.vertx.core.VertxException;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.impl.NoStackTraceThrowable;
import io.vertx.pgclient.PgException;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;

/** Tells failures of the database, which pass, from faults of the server, which do not. */
public final class Outage {
  private static final String CANCELED = "57014";
  private static final String CHECK_VIOLATION = "23514";

  /**
   * Classes of SQLSTATE: 08 connection; 25 state of the transaction (a read-only database, an idle
   * transaction that was ended); 26 a statement prepared in a session that is gone; 28 login; 3D no
   * such database; 40 transaction rolled back; 53 resources (disk, connections); 55 in use or
   * locked; 57 operator intervention; 58 system; F0 configuration; XX internal, which is also what
   * Citus calls a node lost within a transaction.
   */
  private static final Set<String> CLASSES =
      Set.of("08", "25", "26", "28", "3D", "40", "53", "55", "57", "58", "F0", "XX");

  /** The routine of Postgres that finds a plan older than the schema; a retry plans anew. */
  private static final String OUTGROWN_PLAN = "RevalidateCachedQuery";

  /** A schema that is not (yet) migrated: an undefined table or column. */
  private static final Set<String> UNMIGRATED = Set.of("42P01", "42703");

  /** Serialization failure and deadlock: the transaction may be tried again. */
  private static final Set<String> TRANSIENT = Set.of("40001", "40P01");

  /** A foreign key: the row it refers to was removed meanwhile, or is still referred to. */
  private static final String REFERENCE = "23503";

  private Outage() {}

  /**
   * Whether the database could not be reached, or refused. A row that was removed under a writer
   * counts too: the writer's next attempt is answered by what is there.
   */
  public static boolean is(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = next(cause)) {
      if (cause instanceof PgException pg) {
        String state = pg.getSqlState() == null ? "" : pg.getSqlState();
        return UNMIGRATED.contains(state)
            || missingPartition(pg).isPresent()
            || REFERENCE.equals(state)
            || OUTGROWN_PLAN.equals(pg.getRoutine())
            || (state.length() == 5 && CLASSES.contains(state.substring(0, 2)));
      }
      if (cause instanceof IOException
          || cause instanceof TimeoutException
          || cause instanceof ConnectionPoolTooBusyException
          || cause instanceof VertxException
          // What the pool fails with when no connection came free in time.
          || cause instanceof NoStackTraceThrowable) {
        return true;
      }
    }
    return false;
  }

  /** Whether a statement ran into its deadline, in the database or on the way to it. */
  public static boolean isDeadline(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = next(cause)) {
      if (cause instanceof PgException pg && CANCELED.equals(pg.getSqlState())) {
        return true;
      }
    }
    return false;
  }

  /** Whether a transaction was rolled back for another one, so that trying again makes sense. */
  public static boolean isTransient(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = next(cause)) {
      if (cause instanceof PgException pg && TRANSIENT.contains(pg.getSqlState())) {
        return true;
      }
    }
    return false;
  }

  /** Whether a foreign key stood in the way. */
  public static boolean isReference(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = next(cause)) {
      if (cause instanceof PgException pg && REFERENCE.equals(pg.getSqlState())) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether a row found no partition to go into.
   *
   * @return what the database says of the row: the value that there is no partition for
   */
  public static Optional<String> missingPartition(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = next(cause)) {
      // The same state as that of a check, which however has a name.
      if (cause instanceof PgException pg
          && CHECK_VIOLATION.equals(pg.getSqlState())
          && pg.getConstraint() == null) {
        return Optional.of(String.valueOf(pg.getDetail()));
      }
    }
    return Optional.empty();
  }

  private static Throwable next(Throwable cause) {
    return cause.getCause() == cause ? null : cause.getCause();
  }
}

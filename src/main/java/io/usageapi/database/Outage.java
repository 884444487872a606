package io.usageapi.database;

import io.vertx.core.VertxException;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.impl.NoStackTraceThrowable;
import io.vertx.pgclient.PgException;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** Tells outages of the database, which pass, from faults of the server, which do not. */
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

  /** The Postgres routine that finds a plan older than the schema; a retry plans again. */
  private static final String OUTGROWN_PLAN = "RevalidateCachedQuery";

  /** A schema that is not (yet) migrated: an undefined table or column. */
  private static final Set<String> UNMIGRATED = Set.of("42P01", "42703");

  /** Serialization failure and deadlock, after which a transaction can be retried. */
  private static final List<String> TRANSIENT = List.of("40001", "40P01");

  /** Foreign key violation: the referenced row was removed, or is still referenced. */
  private static final String REFERENCE = "23503";

  /** Unique violation: there is a row with this key. */
  private static final String DUPLICATE = "23505";

  private Outage() {}

  /**
   * Whether the database was unreachable or refused a statement. A row removed under a writer
   * counts too, because a retry sees the new state.
   */
  public static boolean is(Throwable failure) {
    for (Throwable cause : causes(failure).toList()) {
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
          // The pool fails with this if no connection became free in time.
          || cause instanceof NoStackTraceThrowable) {
        return true;
      }
    }
    return false;
  }

  /** Whether a statement exceeded its deadline in the database. */
  public static boolean isDeadline(Throwable failure) {
    return hasState(failure, List.of(CANCELED));
  }

  /** Whether a transaction was rolled back because of another one, so that a retry makes sense. */
  public static boolean isTransient(Throwable failure) {
    return hasState(failure, TRANSIENT);
  }

  /** Whether a foreign key was violated. */
  public static boolean isReference(Throwable failure) {
    return hasState(failure, List.of(REFERENCE));
  }

  /** Whether a row with the same key was there. */
  public static boolean isDuplicate(Throwable failure) {
    return hasState(failure, List.of(DUPLICATE));
  }

  /**
   * Whether there is no partition for a row.
   *
   * @return the detail of the error, which names the value without a partition
   */
  public static Optional<String> missingPartition(Throwable failure) {
    return refusals(failure)
        // A check violation has the same state, but also a name.
        .filter(pg -> CHECK_VIOLATION.equals(pg.getSqlState()) && pg.getConstraint() == null)
        .map(pg -> String.valueOf(pg.getDetail()))
        .findFirst();
  }

  private static boolean hasState(Throwable failure, List<String> states) {
    return refusals(failure)
        .anyMatch(pg -> pg.getSqlState() != null && states.contains(pg.getSqlState()));
  }

  private static Stream<PgException> refusals(Throwable failure) {
    return causes(failure).filter(PgException.class::isInstance).map(PgException.class::cast);
  }

  private static Stream<Throwable> causes(Throwable failure) {
    return Stream.iterate(
        failure, Objects::nonNull, cause -> cause.getCause() == cause ? null : cause.getCause());
  }
}

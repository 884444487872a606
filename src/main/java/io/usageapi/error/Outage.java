package io.usageapi.error;

import io.vertx.core.VertxException;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.impl.NoStackTraceThrowable;
import io.vertx.pgclient.PgException;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.jose4j.lang.UnresolvableKeyException;

/**
 * Tells failures of what the server depends on, which pass, from faults of the server itself, which
 * do not.
 */
public final class Outage {
  private static final String CANCELED = "57014";
  private static final String CHECK_VIOLATION = "23514";

  /**
   * Classes of SQLSTATE: connection exceptions; what the state of a transaction forbids, as that of
   * a database that only reads does, or the end of one that lay idle; statements that were prepared
   * in a session that is gone; refused logins; a database that is not there; transactions undone,
   * or of unknown outcome; resources used up, a full disk and connections among them; what is in
   * use or locked; operator intervention; failures of the system; a configuration that is in the
   * way; and faults of the database itself, which is also what Citus calls a node that was lost
   * within a transaction.
   */
  private static final Set<String> CLASSES =
      Set.of("08", "25", "26", "28", "3D", "40", "53", "55", "57", "58", "F0", "XX");

  /** A plan that the schema has outgrown, by the name of what found it: it is made anew. */
  private static final String OUTGROWN_PLAN = "RevalidateCachedQuery";

  /** A schema that is not (yet) migrated: an undefined table or column. */
  private static final Set<String> UNMIGRATED = Set.of("42P01", "42703");

  /** Serialization failure and deadlock: the transaction was undone and may be tried again. */
  private static final Set<String> TRANSIENT = Set.of("40001", "40P01");

  /** A foreign key: what a row refers to was removed meanwhile, or is still referred to. */
  private static final String REFERENCE = "23503";

  private Outage() {}

  /**
   * Whether the database or the identity provider could not be reached, or refused. What was
   * removed under a writer counts as well: when it tries again it is answered by what is there.
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

  /** Whether the keys that tokens are verified with could not be fetched. */
  public static boolean ofKeys(Throwable failure) {
    boolean unresolvable = false;
    for (Throwable cause = failure; cause != null; cause = next(cause)) {
      unresolvable |= cause instanceof UnresolvableKeyException;
      if (unresolvable && cause instanceof IOException) {
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

  /** Whether a transaction was undone for its rivals' sake, so that trying again makes sense. */
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

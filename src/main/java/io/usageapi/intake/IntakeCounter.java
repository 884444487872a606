package io.usageapi.intake;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.usageapi.error.ErrorCode;
import io.usageapi.error.FieldError;
import io.usageapi.intake.IntakeResult.RecordError;
import io.usageapi.intake.format.Entry;
import java.util.ArrayList;
import java.util.List;

/**
 * Counts the outcomes of a body's records. The counts are complete; only the first errors are kept.
 */
public final class IntakeCounter {
  private final int maxErrors;
  private final List<RecordError> errors = new ArrayList<>();
  private long accepted;
  private long duplicates;
  private long rejected;

  /** Counts nothing yet, and keeps so many errors. */
  public IntakeCounter(int maxErrors) {
    this.maxErrors = maxErrors;
  }

  void accept() {
    accepted++;
  }

  void duplicate() {
    duplicates++;
  }

  /** Counts a rejected record, and keeps its error if there is room. */
  public void reject(Entry.Place place, String id, ErrorCode code, List<FieldError> fields) {
    rejected++;
    if (errors.size() < maxErrors) {
      Long line = place.line() == 0 ? null : place.line();
      errors.add(new RecordError(place.index(), line, id, code, code.message(), fields));
    }
  }

  /**
   * Counts records of months that are no longer kept.
   *
   * @param places where the first of them are
   */
  public void rejectTooOld(long count, List<Entry.Place> places) {
    places.forEach(place -> reject(place, null, ErrorCode.RECORD_TOO_OLD, List.of()));
    rejected += count - places.size();
  }

  /** Adds the counts and errors of records that follow. */
  @CanIgnoreReturnValue
  public IntakeCounter add(IntakeCounter other) {
    accepted += other.accepted;
    duplicates += other.duplicates;
    rejected += other.rejected;
    other.errors.stream().limit(maxErrors - (long) errors.size()).forEach(errors::add);
    return this;
  }

  /** The outcome so far. */
  public IntakeResult result() {
    return new IntakeResult(accepted, duplicates, rejected, List.copyOf(errors));
  }
}

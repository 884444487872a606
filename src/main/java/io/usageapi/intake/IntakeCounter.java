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
final class IntakeCounter {
  private final int maxErrors;
  private final List<RecordError> errors = new ArrayList<>();
  private long accepted;
  private long duplicates;
  private long rejected;

  IntakeCounter(int maxErrors) {
    this.maxErrors = maxErrors;
  }

  void accept() {
    accepted++;
  }

  void duplicate() {
    duplicates++;
  }

  void reject(Entry.Place place, String id, ErrorCode code, List<FieldError> fields) {
    rejected++;
    if (errors.size() < maxErrors) {
      Long line = place.line() == 0 ? null : place.line();
      errors.add(new RecordError(place.index(), line, id, code, code.message(), fields));
    }
  }

  @CanIgnoreReturnValue
  IntakeCounter add(IntakeCounter other) {
    accepted += other.accepted;
    duplicates += other.duplicates;
    rejected += other.rejected;
    other.errors.stream().limit(maxErrors - (long) errors.size()).forEach(errors::add);
    return this;
  }

  IntakeResult result() {
    return new IntakeResult(accepted, duplicates, rejected, List.copyOf(errors));
  }
}

package io.usageapi.intake;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.usageapi.error.ErrorCode;
import io.usageapi.error.FieldError;
import java.util.List;

/** The outcome of a body of records, once every accepted record is committed. */
public record IntakeResult(
    long accepted, long duplicates, long rejected, List<RecordError> errors) {

  /** Why one record was rejected. */
  public record RecordError(
      long index,
      @JsonInclude(JsonInclude.Include.NON_NULL) Long line,
      String id,
      ErrorCode code,
      String message,
      List<FieldError> fields) {}
}

package io.usageapi.intake;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.usageapi.error.ErrorCode;
import io.usageapi.error.FieldError;
import io.usageapi.intake.format.Entry;
import java.util.List;

/** Why one record was rejected. */
public record RecordError(
    long index,
    @JsonInclude(JsonInclude.Include.NON_NULL) Long line,
    String id,
    ErrorCode code,
    String message,
    List<FieldError> fields) {

  static RecordError of(Entry.Place place, String id, ErrorCode code, List<FieldError> fields) {
    return new RecordError(
        place.index(), place.line() == 0 ? null : place.line(), id, code, code.message(), fields);
  }
}

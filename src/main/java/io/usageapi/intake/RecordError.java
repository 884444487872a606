package io.usageapi.intake;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.usageapi.error.ErrorCode;
import io.usageapi.error.FieldError;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Why one record was rejected. */
@Schema(description = "Why one record was rejected.")
public record RecordError(
    @Schema(required = true, examples = "7", description = "Its number among the records, from 0.")
        long index,
    @JsonInclude(JsonInclude.Include.NON_NULL)
        @Schema(examples = "9", description = "The line it begins on, from 1; in line formats.")
        Long line,
    @Schema(
            required = true,
            nullable = true,
            examples = "call-17",
            description = "Its id, where it has one.")
        String id,
    @Schema(
            required = true,
            type = SchemaType.STRING,
            examples = "invalid_record",
            description = "A stable code.")
        ErrorCode code,
    @Schema(
            required = true,
            examples = "The record is not valid.",
            description = "A sentence for people.")
        String message,
    @Schema(required = true, description = "The fields at fault; may be empty.")
        List<FieldError> fields) {

  static RecordError of(Entry.Place place, String id, ErrorCode code, List<FieldError> fields) {
    return new RecordError(
        place.index(), place.line() == 0 ? null : place.line(), id, code, code.message(), fields);
  }
}

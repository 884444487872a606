package io.usageapi.error;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * The body of every error response (contract, "Errors").
 *
 * @param code a stable code for programs
 * @param message a sentence for people
 * @param description more about this very request, where it helps; absent otherwise
 * @param fields the parameters or fields at fault, all of them; empty where none is
 */
@Schema(name = "Error", description = "The body of every error response.")
public record ErrorBody(
    @Schema(
            required = true,
            type = SchemaType.STRING,
            examples = "invalid_parameter",
            description = "A stable code.")
        ErrorCode code,
    @Schema(
            required = true,
            examples = "A parameter is not valid.",
            description = "A sentence for people.")
        String message,
    @JsonInclude(JsonInclude.Include.NON_NULL)
        @Schema(
            examples = "Narrow it by account or by month.",
            description = "More about this very request, where it helps.")
        String description,
    @Schema(required = true, description = "All parameters or fields at fault; may be empty.")
        List<FieldError> fields) {

  /** An error without a description and without fields at fault. */
  public static ErrorBody of(ErrorCode code) {
    return new ErrorBody(code, code.message(), null, List.of());
  }
}

package io.usageapi.error;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;

/**
 * The body of every error response (OpenAPI document, "Errors").
 *
 * @param code a stable code for programs
 * @param message a sentence for people
 * @param description details of this request; may be null
 * @param fields all invalid parameters or fields
 */
@RegisterForReflection // Jackson writes it, and no resource returns it.
public record ErrorBody(
    ErrorCode code,
    String message,
    @JsonInclude(JsonInclude.Include.NON_NULL) String description,
    List<FieldError> fields) {

  /** An error without a description and without invalid fields. */
  public static ErrorBody of(ErrorCode code) {
    return of(code, null);
  }

  static ErrorBody of(ErrorCode code, String description) {
    return new ErrorBody(code, code.message(), description, List.of());
  }
}

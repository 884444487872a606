package io.usageapi.error;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;

/**
 * The body of every error response (OpenAPI document, "Errors").
 *
 * @param code a stable code for programs
 * @param message a sentence for people
 * @param description more about this very request, where it helps; absent otherwise
 * @param fields the parameters or fields at fault, all of them; empty where none is
 */
@RegisterForReflection // Jackson writes it, and no resource returns it.
public record ErrorBody(
    ErrorCode code,
    String message,
    @JsonInclude(JsonInclude.Include.NON_NULL) String description,
    List<FieldError> fields) {

  /** An error without a description and without fields at fault. */
  public static ErrorBody of(ErrorCode code) {
    return new ErrorBody(code, code.message(), null, List.of());
  }
}

package io.usageapi.json;

import io.usageapi.error.FieldError;
import io.usageapi.text.TextLimit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Reads the fields of an object strictly, and collects the errors. */
public final class FieldReader {
  private final Map<String, JsonValue> members;
  private final List<FieldError> errors = new ArrayList<>();

  public FieldReader(Map<String, JsonValue> members) {
    this.members = members;
  }

  /** The errors so far. */
  public List<FieldError> errors() {
    return errors;
  }

  /** Adds an error for each unknown member. */
  public void refuseUnknown(Set<String> known, String description) {
    members.keySet().stream()
        .filter(name -> !known.contains(name))
        .forEach(name -> errors.add(new FieldError(TextLimit.shown(name), description)));
  }

  /** The value; null and an error if there is none. */
  public <T> T required(String name, Optional<T> value) {
    if (value.isEmpty()) {
      addMissing(name, "is required");
    }
    return value.orElse(null);
  }

  /** Adds an error for a missing field, unless the field has an error already. */
  public void addMissing(String name, String description) {
    if (errors.stream().noneMatch(error -> error.name().equals(name))) {
      errors.add(new FieldError(name, description));
    }
  }

  /** Adds an error and returns no value. */
  public <T> Optional<T> wrong(String name, String description) {
    errors.add(new FieldError(name, description));
    return Optional.empty();
  }

  /** A text. An empty text counts as missing. */
  public Optional<String> text(String name) {
    return text(name, () -> "must be a string");
  }

  /**
   * A text. An empty text counts as missing.
   *
   * @param description what it must be, for the error of a value that is no text
   */
  public Optional<String> text(String name, Supplier<String> description) {
    JsonValue value = members.get(name);
    if (value == null || value instanceof JsonValue.Null) {
      return Optional.empty();
    }
    if (value instanceof JsonValue.Text text) {
      return text.text().isEmpty() ? Optional.empty() : Optional.of(text.text());
    }
    return wrong(
        name, value instanceof JsonValue.Repeated ? "must be given once" : description.get());
  }

  /** A text within a limit. */
  public Optional<String> text(String name, TextLimit limit) {
    Optional<String> text = text(name);
    Optional<String> problem = text.flatMap(limit::problem);
    return problem.isPresent() ? wrong(name, problem.get()) : text;
  }

  /** One of some constants, by its name. */
  public <E extends Enum<?>> Optional<E> constant(String name, Collection<E> constants) {
    Supplier<String> description = () -> "must be one of " + constants;
    Optional<String> text = text(name, description);
    Optional<E> constant =
        constants.stream().filter(each -> text.filter(each.name()::equals).isPresent()).findFirst();
    return text.isPresent() && constant.isEmpty() ? wrong(name, description.get()) : constant;
  }
}

package io.usageapi.json;

import com.fasterxml.jackson.core.io.SerializedString;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;

/** An object of the API as its fields. They are the same, in the same order, in JSON and CSV. */
@JsonSerialize(using = JsonFieldsSerializer.class)
public interface JsonFields {

  /**
   * Takes fields.
   *
   * @param <E> what it may throw
   */
  @FunctionalInterface
  interface Sink<E extends Exception> {
    /**
     * Takes a field.
     *
     * @param name the name, which is encoded only once
     * @param value the value, or null
     */
    void field(SerializedString name, Object value) throws E;
  }

  /** Gives all fields, in their order. */
  <E extends Exception> void fields(Sink<E> sink) throws E;
}

package io.usageapi.error;

/**
 * A parameter or field at fault.
 *
 * @param name its name as the caller wrote it, or as it is documented
 * @param description what is wrong with it, in words
 */
public record FieldError(String name, String description) {}

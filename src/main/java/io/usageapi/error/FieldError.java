package io.usageapi.error;

/**
 * An invalid parameter or field.
 *
 * @param name its name as the caller wrote it, or as documented
 * @param description what is wrong
 */
public record FieldError(String name, String description) {}

package io.usageapi.error;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A parameter or field at fault.
 *
 * @param name its name as the caller wrote it, or as it is documented
 * @param description what is wrong with it, in words
 */
@Schema(description = "A parameter or field at fault.")
public record FieldError(
    @Schema(required = true, examples = "per_page", description = "The name of the parameter.")
        String name,
    @Schema(
            required = true,
            examples = "must be a whole number from 1 to 250",
            description = "What is wrong with it.")
        String description) {}

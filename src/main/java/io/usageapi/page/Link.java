package io.usageapi.page;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A link of HAL. */
@Schema(description = "A link; to be followed as it is.")
public record Link(
    @Schema(
            required = true,
            examples = "https://usage.example.com/express/usage/month?per_page=50",
            description = "An absolute address.")
        String href) {}

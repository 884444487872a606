package io.usageapi.account;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** An account as callers see it. */
@Schema(name = "Account", description = "An account of an organization.")
public record AccountView(
    @Schema(required = true, examples = "acme-eu", description = "Its id, unique over all.")
        String id,
    @Schema(required = true, nullable = true, examples = "Acme Europe", description = "Its name.")
        String name,
    @Schema(
            required = true,
            nullable = true,
            examples = "Acme Europe GmbH",
            description = "The company behind it.")
        String companyName,
    @Schema(required = true, examples = "ACTIVE", description = "Where it stands with the vendor.")
        AccountStatus status) {}

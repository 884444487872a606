package io.usageapi.account;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** What is sent to provision an account; for the OpenAPI document. */
@Schema(name = "AccountBody", description = "What is to be stored of an account.")
public record AccountBody(
    @Schema(
            required = true,
            minLength = 1,
            maxLength = 128,
            examples = "acme",
            description = "The organization it belongs to, for good.")
        String organizationId,
    @Schema(nullable = true, maxLength = 256, examples = "Acme Europe", description = "Its name.")
        String name,
    @Schema(
            nullable = true,
            maxLength = 256,
            examples = "Acme Europe GmbH",
            description = "The company behind it.")
        String companyName,
    @Schema(
            nullable = true,
            defaultValue = "ACTIVE",
            examples = "ACTIVE",
            description = "Where it stands.")
        AccountStatus status) {}

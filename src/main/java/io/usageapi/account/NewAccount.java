package io.usageapi.account;

import io.usageapi.security.OrganizationId;

/**
 * An account that is to be there.
 *
 * @param organization whose it is
 * @param id its id
 * @param name its name, or null
 * @param companyName the company behind it, or null
 * @param status where it stands
 */
public record NewAccount(
    OrganizationId organization,
    String id,
    String name,
    String companyName,
    AccountStatus status) {}

package io.usageapi.account;

/** An account as callers see it. */
public record AccountView(String id, String name, String companyName, AccountStatus status) {}

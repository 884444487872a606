package io.usageapi.security;

import java.util.Optional;

/** On whose behalf a caller writes. */
public sealed interface Writer {
  /** The organization it is bound to, if any. */
  Optional<OrganizationId> boundTo();

  /** Whether this writer may write for {@code organization}. */
  boolean mayWriteFor(OrganizationId organization);

  /** Whether its records may create missing accounts, in formats that support it. */
  boolean mayMakeAccounts();

  /**
   * A writer bound to the organization of its token.
   *
   * @param mayMakeAccounts whether its scopes allow creating accounts; otherwise it could take an
   *     id that another organization is about to get
   */
  record Bound(OrganizationId organization, boolean mayMakeAccounts) implements Writer {
    @Override
    public Optional<OrganizationId> boundTo() {
      return Optional.of(organization);
    }

    @Override
    public boolean mayWriteFor(OrganizationId other) {
      return organization.equals(other);
    }
  }

  /** The vendor's own pipelines: any organization. */
  record Operator() implements Writer {
    @Override
    public boolean mayMakeAccounts() {
      return true;
    }

    @Override
    public Optional<OrganizationId> boundTo() {
      return Optional.empty();
    }

    @Override
    public boolean mayWriteFor(OrganizationId other) {
      return true;
    }
  }
}

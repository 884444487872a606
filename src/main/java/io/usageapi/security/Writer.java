package io.usageapi.security;

import java.util.Optional;

/** For whom a caller may write. */
public sealed interface Writer {
  /** The organization of its token, if any. */
  Optional<OrganizationId> boundTo();

  boolean mayWriteFor(OrganizationId organization);

  /** Whether its records may create missing accounts. */
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

  /** The vendor: any organization. */
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

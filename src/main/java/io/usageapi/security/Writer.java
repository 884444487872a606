package io.usageapi.security;

import java.util.Optional;

/** On whose behalf a caller writes. */
public sealed interface Writer {
  /** The organization it is bound to, where it is. */
  Optional<OrganizationId> boundTo();

  /** Whether this writer may write for {@code organization}. */
  boolean mayWriteFor(OrganizationId organization);

  /** A writer bound to the organization of its token. */
  record Bound(OrganizationId organization) implements Writer {
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
    public Optional<OrganizationId> boundTo() {
      return Optional.empty();
    }

    @Override
    public boolean mayWriteFor(OrganizationId other) {
      return true;
    }
  }
}

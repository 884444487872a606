package io.usageapi.security;

/** On whose behalf a caller writes. */
public sealed interface Writer {
  /** Whether this writer may write for {@code organization}. */
  boolean mayWriteFor(OrganizationId organization);

  /** A writer bound to the organization of its token. */
  record Bound(OrganizationId organization) implements Writer {
    @Override
    public boolean mayWriteFor(OrganizationId other) {
      return organization.equals(other);
    }
  }

  /** The vendor's own pipelines: any organization. */
  record Operator() implements Writer {
    @Override
    public boolean mayWriteFor(OrganizationId other) {
      return true;
    }
  }
}

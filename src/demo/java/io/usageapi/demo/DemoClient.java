package io.usageapi.demo;

import io.usageapi.security.OrganizationId;
import io.usageapi.security.Scope;
import java.util.Optional;
import java.util.Set;

/**
 * A client of the demo's token issuer: the vendor's pipeline, or an organization. Any other id is
 * an organization, so data imported for it can be read with its own token.
 *
 * @param id its id, which is also the id of its organization
 */
public record DemoClient(String id) {
  /** The vendor's own pipeline: writes for any organization, reads nothing. */
  public static final DemoClient PIPELINE = new DemoClient("pipeline");

  /** The organization of the demo's data that resells to many accounts. */
  public static final DemoClient RESELLER = new DemoClient("reseller");

  /** The secret of every client. */
  public static final String SECRET = "demo";

  /** The client with this id, if the id is valid. */
  static Optional<DemoClient> withId(String id) {
    return id.isEmpty() || id.length() > OrganizationId.MAX_LENGTH
        ? Optional.empty()
        : Optional.of(new DemoClient(id));
  }

  Set<String> scopes() {
    return equals(PIPELINE)
        ? Set.of(Scope.USAGE_WRITE, Scope.ACCOUNTS_WRITE, Scope.OPERATOR)
        : Set.of(Scope.USAGE_READ, Scope.ACCOUNTS_READ, Scope.USAGE_WRITE, Scope.ACCOUNTS_WRITE);
  }

  /** The organization in its tokens; none for the pipeline. */
  Optional<String> organization() {
    return equals(PIPELINE) ? Optional.empty() : Optional.of(id);
  }
}

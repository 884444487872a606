package io.usageapi.demo;

import io.usageapi.security.Scope;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The clients the demo's token issuer knows. Their secret is {@value #SECRET}. */
public enum DemoClient {
  /** A reseller with many accounts. */
  RESELLER(Scope.USAGE_READ, Scope.ACCOUNTS_READ, Scope.USAGE_WRITE, Scope.ACCOUNTS_WRITE),
  /** An ordinary customer. */
  ACME(Scope.USAGE_READ, Scope.ACCOUNTS_READ, Scope.USAGE_WRITE, Scope.ACCOUNTS_WRITE),
  /** Another ordinary customer. */
  GLOBEX(Scope.USAGE_READ, Scope.ACCOUNTS_READ, Scope.USAGE_WRITE, Scope.ACCOUNTS_WRITE),
  /** A customer that used nothing yet. */
  NEWCOMER(Scope.USAGE_READ, Scope.ACCOUNTS_READ, Scope.USAGE_WRITE, Scope.ACCOUNTS_WRITE),
  /** The vendor's own pipeline: writes for any organization, reads nothing. */
  PIPELINE(Scope.USAGE_WRITE, Scope.ACCOUNTS_WRITE, Scope.OPERATOR);

  /** The secret of every client. */
  public static final String SECRET = "demo";

  private final String scopes;

  DemoClient(String... scopes) {
    this.scopes = String.join(" ", scopes);
  }

  /** The client of this id, if there is one. */
  static Optional<DemoClient> withId(String id) {
    return Arrays.stream(values()).filter(client -> client.id().equals(id)).findFirst();
  }

  /** Its id, which is also that of its organization. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The scopes it may have. */
  public Set<String> scopes() {
    return Set.of(scopes.split(" "));
  }

  /** The organization its tokens name; the pipeline's name none. */
  public Optional<String> organization() {
    return this == PIPELINE ? Optional.empty() : Optional.of(id());
  }
}

package io.usageapi.account;

import io.usageapi.security.OrganizationId;
import io.usageapi.text.TextLimit;
import java.util.Optional;

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
    OrganizationId organization, String id, String name, String companyName, AccountStatus status) {

  /** What is wrong with the id of an account that is to be made; empty when nothing is. */
  public static Optional<String> problemOfId(String id) {
    // An address cannot name these: they are steps in a path (RFC 3986 section 5.2.4).
    return id.equals(".") || id.equals("..")
        ? Optional.of("must not be . or ..")
        : TextLimit.ID.problem(id);
  }
}

package io.usageapi.imports;

import io.usageapi.security.OrganizationId;
import io.usageapi.text.CanonicalDigest;
import java.util.Optional;
import java.util.UUID;

/**
 * Which import: an id, and to whom it belongs.
 *
 * @param owner the organization that sends it; empty for operators, who share their imports
 * @param id chosen by the sender
 */
public record ImportId(Optional<OrganizationId> owner, String id) {
  /** The owner in the database; no organization has an empty id. */
  String ownerColumn() {
    return owner.map(OrganizationId::value).orElse("");
  }

  /** The import in tables of many organizations. */
  UUID key() {
    return new CanonicalDigest().add(ownerColumn()).add(id).toUuid();
  }
}

package io.usageapi.export;

import io.usageapi.config.UsageApiConfig;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.security.OrganizationId;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.Map;

/** How many exports there are at once, on this replica: of one organization, and in all. */
@ApplicationScoped
public class ExportLimits {
  private final UsageApiConfig.Export config;
  private final Map<OrganizationId, Integer> running = new HashMap<>();
  private int all;

  ExportLimits(UsageApiConfig config) {
    this.config = config.export();
  }

  /**
   * Begins an export.
   *
   * @throws ApiException 429 when the organization has as many as it may, 503 when the server has
   */
  synchronized void begin(OrganizationId organization) {
    if (running.getOrDefault(organization, 0) >= config.maxPerOrganization()) {
      throw ApiException.of(
          ErrorCode.RATE_LIMITED,
          "An organization may have " + config.maxPerOrganization() + " exports at once.");
    }
    if (all >= config.maxConcurrent()) {
      throw ApiException.of(ErrorCode.UNAVAILABLE, "There are as many exports as there may be.");
    }
    running.merge(organization, 1, Integer::sum);
    all++;
  }

  /** Ends an export that was begun. */
  synchronized void end(OrganizationId organization) {
    running.computeIfPresent(organization, (key, count) -> count == 1 ? null : count - 1);
    all--;
  }
}

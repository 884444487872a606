package io.usageapi.security;

import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How many of one thing that costs there are at once, on this replica: of one organization, and in
 * all. A place is taken in what is subscribed to, never while a {@code Uni} is assembled: what
 * nobody subscribes to would never give it back.
 */
public final class Places {
  private final String things;
  private final int max;
  private final int maxPerOrganization;
  private final Map<OrganizationId, Integer> taken = new HashMap<>();
  private int all;

  /**
   * Creates places, all of them free.
   *
   * @param things what takes one, in the plural, for the caller who gets none
   * @param max how many there are
   * @param maxPerOrganization how many of them one organization may have
   */
  public Places(String things, int max, int maxPerOrganization) {
    this.things = things;
    this.max = max;
    this.maxPerOrganization = maxPerOrganization;
  }

  /**
   * Takes a place.
   *
   * @param organization who it is for; a caller bound to no organization, which only the vendor's
   *     own pipelines are, may have all
   * @throws ApiException 429 when the organization has as many as it may, 503 when none is free
   */
  public synchronized Place take(Optional<OrganizationId> organization) {
    int its = organization.map(id -> taken.getOrDefault(id, 0)).orElse(0);
    if (organization.isPresent() && its >= maxPerOrganization) {
      throw ApiException.of(
          ErrorCode.RATE_LIMITED,
          "An organization may have " + maxPerOrganization + " " + things + " at once.");
    }
    if (all >= max) {
      throw ApiException.of(
          ErrorCode.UNAVAILABLE, "There are as many " + things + " as there may be.");
    }
    organization.ifPresent(id -> taken.put(id, its + 1));
    all++;
    return new Place(organization);
  }

  private synchronized void giveBack(Optional<OrganizationId> organization) {
    organization.ifPresent(
        id -> taken.computeIfPresent(id, (key, count) -> count == 1 ? null : count - 1));
    all--;
  }

  /** A place that was taken. */
  public final class Place {
    private final Optional<OrganizationId> organization;
    private boolean free;

    private Place(Optional<OrganizationId> organization) {
      this.organization = organization;
    }

    /** Gives it back; when that was done already, does nothing. */
    public void giveBack() {
      synchronized (Places.this) {
        if (!free) {
          free = true;
          Places.this.giveBack(organization);
        }
      }
    }
  }
}

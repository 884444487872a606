package io.usageapi.security;

import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Limits how many expensive operations run at once on this replica, per organization and in total.
 * Take a place on subscription, never while assembling a {@code Uni}: one that is never subscribed
 * to would never return its place.
 */
public final class Places {
  private final String things;
  private final int max;
  private final int maxPerOrganization;
  private final Map<OrganizationId, Integer> taken = new HashMap<>();
  private int all;

  /**
   * Creates free places.
   *
   * @param things what takes a place, in the plural, for error messages
   * @param max the number of places
   * @param maxPerOrganization how many of them one organization may take
   */
  public Places(String things, int max, int maxPerOrganization) {
    this.things = things;
    this.max = max;
    this.maxPerOrganization = maxPerOrganization;
  }

  /**
   * Takes a place.
   *
   * @param organization the organization it counts for; empty for the vendor's own pipelines, which
   *     may take all
   * @throws ApiException 429 if the organization has taken all it may, 503 if none is free
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

    /** Returns the place. Safe to repeat. */
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

package io.usageapi.security;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Limits how many expensive operations run at once on this replica, per organization and in total.
 * A request may wait for its turn. A returned place goes to the waiting organization that has the
 * fewest; equals take turns. Take a place on subscription, never while assembling a {@code Uni}:
 * one without a subscriber would never return its place.
 */
public final class Bulkhead {
  /**
   * The limits. A caller without an organization, which is only the vendor, may take all places.
   *
   * @param each places of one organization
   * @param all places in total
   * @param eachWaiting waiting requests of one organization
   * @param allWaiting waiting requests in total
   */
  public record Bounds(int each, int all, int eachWaiting, int allWaiting) {}

  /** The result of {@link Permit#ask}. */
  public enum Answer {
    /** The place is taken. */
    TAKEN,
    /** The place will be taken later; then its {@code turn} is called. */
    WAITING,
    /** The organization has all it may have, and its queue is full. */
    TOO_MANY_OF_OWNER,
    /** All places are taken, or the queue is full. */
    TOO_MANY
  }

  private enum State {
    NEW,
    WAITING,
    TAKEN,
    ENDED
  }

  private final String things;
  private final Bounds bounds;
  private final Map<Optional<OrganizationId>, Integer> taken = new HashMap<>();

  /** In order of the last turn, longest ago first. */
  private final Map<Optional<OrganizationId>, Deque<Permit>> waiting = new LinkedHashMap<>();

  private int allTaken;
  private int allWaiting;

  /**
   * Creates places without a queue.
   *
   * @param things what takes a place, in the plural, for error messages
   */
  public Bulkhead(String things, int max, int maxPerOrganization) {
    this(things, new Bounds(maxPerOrganization, max, 0, 0));
  }

  /** Creates free places within bounds. */
  public Bulkhead(String things, Bounds bounds) {
    this.things = things;
    this.bounds = bounds;
  }

  /**
   * Adds the places to the metrics: how many are taken, and how many there are.
   *
   * @param of what takes a place; the tag {@code of}
   */
  public void measure(MeterRegistry registry, String of) {
    Gauge.builder("usage_api.places.taken", this, Bulkhead::taken)
        .description("Places taken on this replica")
        .tag("of", of)
        .register(registry);
    Gauge.builder("usage_api.places.limit", bounds, Bounds::all)
        .description("Places of this replica")
        .tag("of", of)
        .register(registry);
  }

  /**
   * Takes a place without waiting.
   *
   * @throws ApiException 429 if the organization has all it may, 503 if none is free
   */
  public Permit take(Optional<OrganizationId> owner) {
    Permit place = place(owner, () -> {});
    return switch (place.ask()) {
      case TAKEN -> place;
      case TOO_MANY_OF_OWNER ->
          throw ApiException.of(
              ErrorCode.RATE_LIMITED,
              "An organization may have " + bounds.each + " " + things + " at once.");
      case TOO_MANY, WAITING ->
          throw ApiException.of(
              ErrorCode.UNAVAILABLE, "There are as many " + things + " as there may be.");
    };
  }

  /**
   * Creates a place to ask for once.
   *
   * @param owner the organization; empty for the vendor
   * @param turn called when the place is taken after a wait, on the thread that returned another
   *     one
   */
  public Permit place(Optional<OrganizationId> owner, Runnable turn) {
    return new Permit(owner, turn);
  }

  /** How many places are taken. */
  public synchronized int taken() {
    return allTaken;
  }

  synchronized int taken(Optional<OrganizationId> owner) {
    return taken.getOrDefault(owner, 0);
  }

  synchronized int waiting() {
    return allWaiting;
  }

  synchronized boolean isEmpty() {
    return taken.isEmpty() && waiting.isEmpty() && allTaken == 0 && allWaiting == 0;
  }

  private boolean mayHaveMore(Optional<OrganizationId> owner) {
    return owner.isEmpty() || taken(owner) < bounds.each;
  }

  private Answer refusal(Optional<OrganizationId> owner) {
    return mayHaveMore(owner) ? Answer.TOO_MANY : Answer.TOO_MANY_OF_OWNER;
  }

  private synchronized Answer ask(Permit place) {
    if (place.state != State.NEW) {
      throw new IllegalStateException("asked for twice");
    }
    Deque<Permit> before = waiting.get(place.owner);
    if (before == null && allTaken < bounds.all && mayHaveMore(place.owner)) {
      take(place);
      return Answer.TAKEN;
    }
    place.state = State.ENDED;
    if ((before == null ? 0 : before.size()) >= bounds.eachWaiting) {
      return refusal(place.owner);
    }
    if (allWaiting >= bounds.allWaiting) {
      return Answer.TOO_MANY;
    }
    place.state = State.WAITING;
    waiting.computeIfAbsent(place.owner, owner -> new ArrayDeque<>()).add(place);
    allWaiting++;
    return Answer.WAITING;
  }

  private void take(Permit place) {
    place.state = State.TAKEN;
    taken.merge(place.owner, 1, Integer::sum);
    allTaken++;
  }

  private synchronized Optional<Answer> giveUp(Permit place) {
    if (place.state != State.WAITING) {
      return Optional.empty();
    }
    leave(place);
    return Optional.of(refusal(place.owner));
  }

  /** Ends a place, and returns those that are taken instead. */
  private synchronized List<Permit> end(Permit place) {
    if (place.state == State.WAITING) {
      leave(place);
    } else if (place.state == State.TAKEN) {
      taken.computeIfPresent(place.owner, (owner, count) -> count == 1 ? null : count - 1);
      allTaken--;
    }
    place.state = State.ENDED;
    List<Permit> next = new ArrayList<>();
    while (allWaiting > 0 && allTaken < bounds.all) {
      Optional<Optional<OrganizationId>> owner = nextOwner();
      if (owner.isEmpty()) {
        break;
      }
      next.add(takeFirst(owner.get()));
    }
    return next;
  }

  private void leave(Permit place) {
    place.state = State.ENDED;
    Deque<Permit> queue = waiting.get(place.owner);
    queue.remove(place);
    allWaiting--;
    if (queue.isEmpty()) {
      waiting.remove(place.owner);
    }
  }

  private Optional<Optional<OrganizationId>> nextOwner() {
    return waiting.keySet().stream()
        .filter(this::mayHaveMore)
        .min(Comparator.comparing(this::taken));
  }

  private Permit takeFirst(Optional<OrganizationId> owner) {
    Deque<Permit> queue = waiting.remove(owner);
    Permit first = queue.remove();
    allWaiting--;
    if (!queue.isEmpty()) {
      // It had its turn, so it moves behind the others.
      waiting.put(owner, queue);
    }
    take(first);
    return first;
  }

  /** A place of an owner. */
  public final class Permit {
    private final Optional<OrganizationId> owner;
    private final Runnable turn;
    private State state = State.NEW;

    private Permit(Optional<OrganizationId> owner, Runnable turn) {
      this.owner = owner;
      this.turn = turn;
    }

    /** Asks for it, once. */
    public Answer ask() {
      return Bulkhead.this.ask(this);
    }

    /**
     * Stops waiting.
     *
     * @return why it had to wait; empty if it was not waiting
     */
    public Optional<Answer> giveUp() {
      return Bulkhead.this.giveUp(this);
    }

    /** Returns the place. Safe to repeat. */
    public void giveBack() {
      Bulkhead.this.end(this).forEach(next -> next.turn.run());
    }
  }
}

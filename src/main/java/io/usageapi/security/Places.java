package io.usageapi.security;

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
 * Bounds how many of one costly thing there are at once on this replica: for each organization, and
 * in all. Whoever finds no place is refused or, where the bounds allow it, waits behind those of
 * the same organization. A place that comes free goes to the organization that holds the fewest,
 * and among equals in turn. Take a place in what is subscribed to, never while a {@code Uni} is
 * assembled: what nobody subscribes to never gives it back. Safe for several threads; it blocks
 * none.
 */
public final class Places {
  /**
   * How many there may be. A caller bound to no organization, which only the vendor's own pipelines
   * are, may have all.
   *
   * @param each places of one organization
   * @param all places in all
   * @param eachWaiting how many may wait for places of one organization
   * @param allWaiting how many may wait in all
   */
  public record Bounds(int each, int all, int eachWaiting, int allWaiting) {}

  /** The answer to one who asks for a place. */
  public enum Answer {
    /** The place is taken. */
    TAKEN,
    /** It will be told when it is. */
    WAITING,
    /** The organization has as many as it may have, and as many wait as may. */
    TOO_MANY_OF_OWNER,
    /** There are as many as there may be. */
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

  /** The owner whose turn was longest ago first. */
  private final Map<Optional<OrganizationId>, Deque<Place>> waiting = new LinkedHashMap<>();

  private int allTaken;
  private int allWaiting;

  /**
   * Creates free places that nobody waits for.
   *
   * @param things what takes one, in the plural, for the caller who gets none
   * @param max how many there are
   * @param maxPerOrganization how many of them one organization may have
   */
  public Places(String things, int max, int maxPerOrganization) {
    this(things, new Bounds(maxPerOrganization, max, 0, 0));
  }

  /** Creates free places within bounds. */
  public Places(String things, Bounds bounds) {
    this.things = things;
    this.bounds = bounds;
  }

  /**
   * Takes a place now.
   *
   * @throws ApiException 429 when the organization has as many as it may, 503 when none is free
   */
  public Place take(Optional<OrganizationId> owner) {
    Place place = place(owner, () -> {});
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
   * A place to ask for, once.
   *
   * @param owner the organization it is for
   * @param turn called when the place is taken after a wait, by whoever freed one
   */
  public Place place(Optional<OrganizationId> owner, Runnable turn) {
    return new Place(owner, turn);
  }

  /** How many are taken. */
  synchronized int taken() {
    return allTaken;
  }

  /** How many of an owner are taken. */
  synchronized int taken(Optional<OrganizationId> owner) {
    return taken.getOrDefault(owner, 0);
  }

  /** How many wait. */
  synchronized int waiting() {
    return allWaiting;
  }

  /** Whether nothing is kept of anyone. */
  synchronized boolean isEmpty() {
    return taken.isEmpty() && waiting.isEmpty() && allTaken == 0 && allWaiting == 0;
  }

  private boolean mayHaveMore(Optional<OrganizationId> owner) {
    return owner.isEmpty() || taken(owner) < bounds.each;
  }

  private Answer refusal(Optional<OrganizationId> owner) {
    return mayHaveMore(owner) ? Answer.TOO_MANY : Answer.TOO_MANY_OF_OWNER;
  }

  private synchronized Answer ask(Place place) {
    if (place.state != State.NEW) {
      throw new IllegalStateException("asked for twice");
    }
    Deque<Place> before = waiting.get(place.owner);
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

  private void take(Place place) {
    place.state = State.TAKEN;
    taken.merge(place.owner, 1, Integer::sum);
    allTaken++;
  }

  private synchronized Optional<Answer> giveUp(Place place) {
    if (place.state != State.WAITING) {
      return Optional.empty();
    }
    leave(place);
    return Optional.of(refusal(place.owner));
  }

  /** The places that are taken now that this one has ended. */
  private synchronized List<Place> end(Place place) {
    if (place.state == State.WAITING) {
      leave(place);
    } else if (place.state == State.TAKEN) {
      taken.computeIfPresent(place.owner, (owner, count) -> count == 1 ? null : count - 1);
      allTaken--;
    }
    place.state = State.ENDED;
    List<Place> next = new ArrayList<>();
    while (allWaiting > 0 && allTaken < bounds.all) {
      Optional<Optional<OrganizationId>> owner = nextOwner();
      if (owner.isEmpty()) {
        break;
      }
      next.add(takeFirst(owner.get()));
    }
    return next;
  }

  private void leave(Place place) {
    place.state = State.ENDED;
    Deque<Place> queue = waiting.get(place.owner);
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

  private Place takeFirst(Optional<OrganizationId> owner) {
    Deque<Place> queue = waiting.remove(owner);
    Place first = queue.remove();
    allWaiting--;
    if (!queue.isEmpty()) {
      // Behind the others: it had its turn.
      waiting.put(owner, queue);
    }
    take(first);
    return first;
  }

  /** A place of an organization. */
  public final class Place {
    private final Optional<OrganizationId> owner;
    private final Runnable turn;
    private State state = State.NEW;

    private Place(Optional<OrganizationId> owner, Runnable turn) {
      this.owner = owner;
      this.turn = turn;
    }

    /** Asks for it, once. */
    public Answer ask() {
      return Places.this.ask(this);
    }

    /**
     * Stops waiting.
     *
     * @return why it had to wait; empty when it does not wait
     */
    public Optional<Answer> giveUp() {
      return Places.this.giveUp(this);
    }

    /** Gives it back, or stops waiting; when that was done already, does nothing. */
    public void giveBack() {
      Places.this.end(this).forEach(next -> next.turn.run());
    }
  }
}

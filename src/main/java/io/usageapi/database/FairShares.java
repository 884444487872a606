package io.usageapi.database;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Places that owners share: each may hold so many of them, and all of them together so many. Who
 * finds none waits, behind those of the same owner. A place that comes free goes to the owner who
 * holds the fewest, and among equals in turn. Safe for use by several threads; it blocks none.
 *
 * @param <K> what tells owners apart
 */
final class FairShares<K> {
  /**
   * How many there may be.
   *
   * @param each places of one owner
   * @param all places of all owners
   * @param eachWaiting how many may wait for places of one owner
   * @param allWaiting how many may wait in all
   */
  record Bounds(int each, int all, int eachWaiting, int allWaiting) {}

  /** What became of who asked for a place. */
  enum Answer {
    /** The place is taken. */
    TAKEN,
    /** To be told when it is. */
    WAITING,
    /** The owner has as many as one may have, and as many wait as may. */
    TOO_MANY_OF_OWNER,
    /** There are as many as there may be, of whomever. */
    TOO_MANY
  }

  private enum State {
    NEW,
    WAITING,
    TAKEN,
    ENDED
  }

  private final Bounds bounds;
  private final Map<K, Integer> taken = new HashMap<>();

  /** The owner whose turn was longest ago first. */
  private final Map<K, Deque<Place>> waiting = new LinkedHashMap<>();

  private int allTaken;
  private int allWaiting;

  FairShares(Bounds bounds) {
    this.bounds = bounds;
  }

  /**
   * A place to ask for, once.
   *
   * @param owner whose it is to be
   * @param turn called when it is taken after a wait, by whoever freed one
   */
  Place place(K owner, Runnable turn) {
    return new Place(owner, turn);
  }

  /** How many are taken. */
  synchronized int taken() {
    return allTaken;
  }

  /** How many of an owner are taken. */
  synchronized int taken(K owner) {
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

  private synchronized Answer ask(Place place) {
    if (place.state != State.NEW) {
      throw new IllegalStateException("asked for twice");
    }
    Collection<Place> before = waiting.getOrDefault(place.owner, new ArrayDeque<>());
    if (before.isEmpty() && allTaken < bounds.all && taken(place.owner) < bounds.each) {
      take(place);
      return Answer.TAKEN;
    }
    if (before.size() >= bounds.eachWaiting) {
      place.state = State.ENDED;
      return taken(place.owner) < bounds.each ? Answer.TOO_MANY : Answer.TOO_MANY_OF_OWNER;
    }
    if (allWaiting >= bounds.allWaiting) {
      place.state = State.ENDED;
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
    return Optional.of(
        taken(place.owner) < bounds.each ? Answer.TOO_MANY : Answer.TOO_MANY_OF_OWNER);
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
    while (allTaken < bounds.all) {
      Optional<K> owner = nextOwner();
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

  private Optional<K> nextOwner() {
    return waiting.keySet().stream()
        .filter(owner -> taken(owner) < bounds.each)
        .min(Comparator.comparing(this::taken));
  }

  private Place takeFirst(K owner) {
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

  /** A place of an owner. */
  final class Place {
    private final K owner;
    private final Runnable turn;
    private State state = State.NEW;

    private Place(K owner, Runnable turn) {
      this.owner = owner;
      this.turn = turn;
    }

    /** Asks for it, once. */
    Answer ask() {
      return FairShares.this.ask(this);
    }

    /**
     * Waits no longer.
     *
     * @return what it waited for; empty when it did not wait, or not any more
     */
    Optional<Answer> giveUp() {
      return FairShares.this.giveUp(this);
    }

    /** Frees it, or leaves those who wait; as often as one likes. */
    void end() {
      FairShares.this.end(this).forEach(next -> next.turn.run());
    }
  }
}

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
 * A non-blocking semaphore whose permits are shared by owners. Each owner may hold so many, and all
 * owners together so many. If none is free, the request waits behind those of the same owner. A
 * released permit goes to the waiting owner that holds the fewest; equals take turns. Thread-safe.
 *
 * @param <K> the type that identifies owners
 */
final class FairSemaphore<K> {
  /**
   * The limits.
   *
   * @param each permits of one owner
   * @param all permits of all owners
   * @param eachWaiting waiting requests of one owner
   * @param allWaiting waiting requests of all owners
   */
  record Bounds(int each, int all, int eachWaiting, int allWaiting) {}

  /** The result of a request. */
  enum Answer {
    /** The permit is held. */
    TAKEN,
    /** The owner is called back when the permit is held. */
    WAITING,
    /** The owner holds all it may, and its queue is full. */
    TOO_MANY_OF_OWNER,
    /** All permits are held, or the queue is full. */
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

  /** In order of the last turn, longest ago first. */
  private final Map<K, Deque<Permit>> waiting = new LinkedHashMap<>();

  private int allTaken;
  private int allWaiting;

  FairSemaphore(Bounds bounds) {
    this.bounds = bounds;
  }

  /**
   * Creates a permit to acquire once.
   *
   * @param turn called when it is granted after a wait, on the thread that released another one
   */
  Permit permit(K owner, Runnable turn) {
    return new Permit(owner, turn);
  }

  /** How many are held. */
  synchronized int taken() {
    return allTaken;
  }

  /** How many an owner holds. */
  synchronized int taken(K owner) {
    return taken.getOrDefault(owner, 0);
  }

  /** How many wait. */
  synchronized int waiting() {
    return allWaiting;
  }

  /** Whether no state is left of any owner. */
  synchronized boolean isEmpty() {
    return taken.isEmpty() && waiting.isEmpty() && allTaken == 0 && allWaiting == 0;
  }

  private synchronized Answer acquire(Permit permit) {
    if (permit.state != State.NEW) {
      throw new IllegalStateException("acquired twice");
    }
    Collection<Permit> before = waiting.getOrDefault(permit.owner, new ArrayDeque<>());
    if (before.isEmpty() && allTaken < bounds.all && taken(permit.owner) < bounds.each) {
      take(permit);
      return Answer.TAKEN;
    }
    if (before.size() >= bounds.eachWaiting) {
      permit.state = State.ENDED;
      return taken(permit.owner) < bounds.each ? Answer.TOO_MANY : Answer.TOO_MANY_OF_OWNER;
    }
    if (allWaiting >= bounds.allWaiting) {
      permit.state = State.ENDED;
      return Answer.TOO_MANY;
    }
    permit.state = State.WAITING;
    waiting.computeIfAbsent(permit.owner, owner -> new ArrayDeque<>()).add(permit);
    allWaiting++;
    return Answer.WAITING;
  }

  private void take(Permit permit) {
    permit.state = State.TAKEN;
    taken.merge(permit.owner, 1, Integer::sum);
    allTaken++;
  }

  private synchronized Optional<Answer> giveUp(Permit permit) {
    if (permit.state != State.WAITING) {
      return Optional.empty();
    }
    removeWaiting(permit);
    return Optional.of(
        taken(permit.owner) < bounds.each ? Answer.TOO_MANY : Answer.TOO_MANY_OF_OWNER);
  }

  /** Releases a permit, and returns those that are granted instead. */
  private synchronized List<Permit> release(Permit permit) {
    if (permit.state == State.WAITING) {
      removeWaiting(permit);
    } else if (permit.state == State.TAKEN) {
      taken.computeIfPresent(permit.owner, (owner, count) -> count == 1 ? null : count - 1);
      allTaken--;
    }
    permit.state = State.ENDED;
    List<Permit> next = new ArrayList<>();
    while (allTaken < bounds.all) {
      Optional<K> owner = nextOwner();
      if (owner.isEmpty()) {
        break;
      }
      next.add(takeFirst(owner.get()));
    }
    return next;
  }

  private void removeWaiting(Permit permit) {
    permit.state = State.ENDED;
    Deque<Permit> queue = waiting.get(permit.owner);
    queue.remove(permit);
    allWaiting--;
    if (queue.isEmpty()) {
      waiting.remove(permit.owner);
    }
  }

  private Optional<K> nextOwner() {
    return waiting.keySet().stream()
        .filter(owner -> taken(owner) < bounds.each)
        .min(Comparator.comparing(this::taken));
  }

  private Permit takeFirst(K owner) {
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

  /** A permit of an owner. */
  final class Permit {
    private final K owner;
    private final Runnable turn;
    private State state = State.NEW;

    private Permit(K owner, Runnable turn) {
      this.owner = owner;
      this.turn = turn;
    }

    /** Acquires it, once. */
    Answer acquire() {
      return FairSemaphore.this.acquire(this);
    }

    /**
     * Stops waiting.
     *
     * @return why it had to wait; empty if it was not waiting
     */
    Optional<Answer> giveUp() {
      return FairSemaphore.this.giveUp(this);
    }

    /** Releases it, or leaves the queue. Safe to repeat. */
    void release() {
      FairSemaphore.this.release(this).forEach(next -> next.turn.run());
    }
  }
}

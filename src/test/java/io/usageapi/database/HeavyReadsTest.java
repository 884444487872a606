package io.usageapi.database;

import static io.usageapi.fixture.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.helpers.test.UniAssertSubscriber;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.security.Bulkhead;
import io.usageapi.security.OrganizationId;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class HeavyReadsTest {
  private static final Vertx VERTX = Vertx.vertx();
  private static final OrganizationId ACME = new OrganizationId("acme");
  private static final OrganizationId GLOBEX = new OrganizationId("globex");

  /** The scans that run, to be ended by the test. */
  private final List<UniEmitter<? super String>> running =
      Collections.synchronizedList(new ArrayList<>());

  private static HeavyReads scans(int each, int all, int waiting, Duration patience) {
    return new HeavyReads(new Bulkhead.Bounds(each, all, waiting, 100), patience, VERTX);
  }

  @CanIgnoreReturnValue
  private UniAssertSubscriber<String> run(HeavyReads scans, OrganizationId organization) {
    return scans
        .run(organization, () -> Uni.createFrom().<String>emitter(running::add))
        .subscribe()
        .withSubscriber(UniAssertSubscriber.create());
  }

  private static ErrorCode code(UniAssertSubscriber<String> failed) {
    return ((ApiException) failed.awaitFailure(Duration.ofSeconds(10)).getFailure()).body().code();
  }

  @AfterAll
  static void close() {
    assertThat(VERTX.close()).isNotNull();
  }

  @Test
  void nothing_is_taken_by_what_nobody_subscribes_to() {
    HeavyReads scans = scans(1, 1, 0, Duration.ofSeconds(60));
    for (int i = 0; i < 10; i++) {
      assertThat(scans.run(ACME, () -> Uni.createFrom().item("unused"))).isNotNull();
    }

    run(scans, ACME);

    assertThat(running).hasSize(1);
  }

  @Test
  void a_scan_waits_for_the_one_before_and_runs_when_that_has_ended() throws Exception {
    HeavyReads scans = scans(1, 2, 5, Duration.ofSeconds(60));
    UniAssertSubscriber<String> first = run(scans, ACME);
    UniAssertSubscriber<String> second = run(scans, ACME);
    UniAssertSubscriber<String> other = run(scans, GLOBEX);
    assertThat(running).hasSize(2);

    running.get(0).complete("first");
    UniAssertSubscriber<String> unused = first.awaitItem().assertItem("first");
    unused = second.assertNotTerminated();
    awaitRunning(3);
    running.get(2).fail(new IllegalStateException("failed"));
    unused = second.awaitFailure().assertFailedWith(IllegalStateException.class);
    running.get(1).complete("other");
    unused = other.awaitItem().assertItem("other");

    run(scans, ACME);
    awaitRunning(4);
  }

  @Test
  void what_is_cancelled_gives_back_its_place_or_leaves_those_who_wait() throws Exception {
    HeavyReads scans = scans(1, 1, 5, Duration.ofSeconds(60));
    UniAssertSubscriber<String> first = run(scans, ACME);
    UniAssertSubscriber<String> second = run(scans, ACME);
    UniAssertSubscriber<String> third = run(scans, ACME);

    second.cancel();
    first.cancel();

    awaitRunning(2);
    running.get(1).complete("third");
    UniAssertSubscriber<String> unused = third.awaitItem().assertItem("third");
  }

  @Test
  void a_scan_that_cannot_begin_gives_back_its_place() {
    HeavyReads scans = scans(1, 1, 0, Duration.ofSeconds(60));
    UniAssertSubscriber<Object> unused =
        scans
            .run(
                ACME,
                () -> {
                  throw new IllegalStateException("not begun");
                })
            .subscribe()
            .withSubscriber(UniAssertSubscriber.create())
            .assertFailedWith(IllegalStateException.class);

    run(scans, ACME);
    assertThat(running).hasSize(1);
  }

  @Test
  void who_waits_too_long_is_told_whose_share_it_was() {
    HeavyReads scans = scans(1, 2, 1, Duration.ofMillis(50));
    run(scans, ACME);
    UniAssertSubscriber<String> own = run(scans, ACME);
    UniAssertSubscriber<String> beyond = run(scans, ACME);

    assertThat(code(beyond)).isEqualTo(ErrorCode.RATE_LIMITED);
    assertThat(code(own)).isEqualTo(ErrorCode.RATE_LIMITED);
    run(scans, GLOBEX);
    assertThat(code(run(scans, new OrganizationId("initech")))).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(running).hasSize(2);
  }

  @Test
  void whatever_ends_waits_and_is_cancelled_at_random_leaves_every_place_free() throws Exception {
    Random random = new Random(14);
    HeavyReads scans = scans(2, 3, 4, Duration.ofMillis(1));
    List<UniAssertSubscriber<String>> asked = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      asked.add(run(scans, random.nextBoolean() ? ACME : GLOBEX));
      if (random.nextBoolean()) {
        asked.get(random.nextInt(asked.size())).cancel();
      } else if (!running.isEmpty()) {
        running.get(random.nextInt(running.size())).complete("done");
      }
    }
    asked.forEach(UniAssertSubscriber::cancel);
    running.clear();

    run(scans, ACME);
    run(scans, ACME);
    run(scans, GLOBEX);
    awaitRunning(3);
  }

  private void awaitRunning(int count) throws Exception {
    eventually(count + " run", () -> running.size() == count);
  }
}

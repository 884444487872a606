package io.usageapi.http.body;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.usageapi.error.ApiException;
import io.usageapi.security.OrganizationId;
import io.usageapi.security.Places;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.HttpHeaders;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Reads small bodies whole, as they arrive, without a thread that waits for them. How many there
 * are at once is bounded, and how many of one organization.
 */
@ApplicationScoped
public class SmallBodies {
  private final Vertx vertx;
  private final Duration timeout;
  private final Places places;

  SmallBodies(Vertx vertx, BodyConfig config) {
    this.vertx = vertx;
    this.timeout = config.bodyTimeout();
    this.places =
        new Places(
            "bodies of accounts",
            config.accountBodies().maxConcurrent(),
            config.accountBodies().maxPerOrganization());
  }

  /**
   * Reads the JSON of a request, whose body was not touched up to now.
   *
   * @param organization whose share of the bodies it counts in; of none with an operator
   * @param maxBytes how much it may hold, after decompression, and on its way
   * @return its bytes; fails with 429 or 503 when too many are read already, with 408 when it takes
   *     too long, with 413 when it holds more, and with 400 when it breaks off or is not UTF-8
   * @throws ApiException 415 as {@link BodyReader#coding} does
   */
  public Uni<byte[]> read(
      HttpServerRequest request,
      HttpHeaders headers,
      Optional<OrganizationId> organization,
      int maxBytes) {
    BodyReader.Coding coding = BodyReader.coding(headers, Set.of());
    return Uni.createFrom()
        .deferred(
            () -> {
              ArrivingBody.requireClient(request);
              Places.Place place = places.take(organization);
              return Uni.createFrom()
                  .<Buffer>emitter(emitter -> new Reading(request, emitter, maxBytes).begin())
                  .onTermination()
                  .invoke(place::giveBack);
            })
        .map(
            bytes ->
                BodyReader.readWhole(
                    BodyReader.plain(new ByteArrayInputStream(bytes.getBytes()), coding),
                    maxBytes));
  }

  /** One body that is read, on its event loop. */
  private final class Reading {
    private final HttpServerRequest request;
    private final UniEmitter<? super Buffer> emitter;
    private final int maxBytes;
    private final Buffer read = Buffer.buffer();
    private boolean done;
    private long timer;

    Reading(HttpServerRequest request, UniEmitter<? super Buffer> emitter, int maxBytes) {
      this.request = request;
      this.emitter = emitter;
      this.maxBytes = maxBytes;
    }

    void begin() {
      if (request.isEnded()) {
        emitter.complete(read);
      } else {
        timer = vertx.setTimer(timeout.toMillis(), late -> fail(ArrivingBody::tooSlow));
        UniEmitter<? super Buffer> unused = emitter.onTermination(this::stop);
        request.handler(this::arrived);
        request.endHandler(end -> complete());
        request.exceptionHandler(failure -> fail(ArrivingBody::brokenOff));
        ArrivingBody.goOn(request);
        request.resume();
      }
    }

    private void arrived(Buffer part) {
      if (done) {
        return;
      }
      if (read.length() + part.length() > maxBytes) {
        fail(() -> BodyReader.tooLarge(maxBytes));
      } else {
        read.appendBuffer(part);
      }
    }

    private void complete() {
      if (!done) {
        stop();
        emitter.complete(read);
      }
    }

    private void fail(Supplier<ApiException> why) {
      if (!done) {
        stop();
        emitter.fail(why.get());
      }
    }

    private void stop() {
      done = true;
      boolean unused = vertx.cancelTimer(timer);
    }
  }
}

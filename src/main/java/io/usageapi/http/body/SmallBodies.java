package io.usageapi.http.body;

import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.usageapi.error.ApiException;
import io.usageapi.security.Bulkhead;
import io.usageapi.security.OrganizationId;
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
 * Reads small bodies whole as they arrive, without a thread that waits. Their number is bounded,
 * per organization and in total.
 */
@ApplicationScoped
public class SmallBodies {
  private final Vertx vertx;
  private final Duration timeout;
  private final Bulkhead places;

  SmallBodies(Vertx vertx, BodyConfig config, MeterRegistry registry) {
    this.vertx = vertx;
    this.timeout = config.bodyTimeout();
    this.places =
        new Bulkhead(
            "bodies of accounts",
            config.accountBodies().maxConcurrent(),
            config.accountBodies().maxPerOrganization());
    this.places.measure(registry, "accounts");
  }

  /**
   * Reads the JSON body of a request, which is still untouched.
   *
   * @param organization whose limit it counts in; empty for an operator
   * @param maxBytes the most it may have, compressed and decompressed
   * @return its bytes; fails with 429 or 503 if too many are being read, 408 if it takes too long,
   *     413 if it is too large, and 400 if it breaks off or is not UTF-8
   * @throws ApiException 415 as {@link BodyReader#coding} does
   */
  public Uni<byte[]> read(
      HttpServerRequest request,
      HttpHeaders headers,
      Optional<OrganizationId> organization,
      int maxBytes) {
    BodyReader.Coding coding = BodyReader.coding(headers, request.path(), Set.of());
    return Uni.createFrom()
        .deferred(
            () -> {
              ArrivingBody.requireClient(request);
              Bulkhead.Permit place = places.take(organization);
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

  /** A body being read, on its event loop. */
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

package io.usageapi.export;

import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Multi;
import io.usageapi.aggregate.DataVersionRepository;
import io.usageapi.aggregate.Versioned;
import io.usageapi.database.ExportConfig;
import io.usageapi.http.ConditionalRead;
import io.usageapi.limit.SharedPlaces;
import io.usageapi.security.Bulkhead;
import io.usageapi.security.OrganizationId;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** Answers with all rows of a result, part by part, within the limits and deadlines of exports. */
@ApplicationScoped
public class Exports {
  private final DataVersionRepository versions;
  private final Bulkhead places;
  private final Optional<SharedPlaces> sharedPlaces;
  private final ClientDeadlines deadlines;

  /**
   * @param sharedPlaces used if exports of an organization are counted on all replicas together
   */
  Exports(
      DataVersionRepository versions,
      ClientDeadlines deadlines,
      ExportConfig config,
      Instance<SharedPlaces> sharedPlaces,
      MeterRegistry registry) {
    this.versions = versions;
    this.deadlines = deadlines;
    this.sharedPlaces = config.shared() ? Optional.of(sharedPlaces.get()) : Optional.empty();
    this.places = new Bulkhead("exports", config.maxConcurrent(), config.maxPerOrganization());
    this.places.measure(registry, "exports");
  }

  /**
   * The body of the response; its headers are set before the first part. A {@code HEAD} gets the
   * headers and reads no rows.
   *
   * @param rows reads the rows batch by batch, the first batch even without rows; it must call its
   *     argument once when the database has freed everything
   * @return the parts; fails with 429 or 503 beyond the limits, and as {@code rows} does
   */
  public <T> Multi<byte[]> answer(
      OrganizationId organization,
      ExportFormat<T> format,
      Function<Runnable, Multi<Versioned<List<T>>>> rows,
      ConditionalRead read,
      HttpServerRequest http) {
    if (http.method().equals(HttpMethod.HEAD)) {
      return versions
          .current(organization)
          .invoke(version -> addHeaders(read.headers(version), http))
          .onItem()
          .transformToMulti(version -> Multi.createFrom().empty());
    }
    return stream(
        organization,
        rows,
        batch -> part(batch.value(), format, () -> read.headers(batch.version()), http),
        http);
  }

  /**
   * The body of a response that has no entity tag. Otherwise as {@link #answer(OrganizationId,
   * ExportFormat, Function, ConditionalRead, HttpServerRequest)}.
   */
  public <T> Multi<byte[]> answer(
      OrganizationId organization,
      ExportFormat<T> format,
      Function<Runnable, Multi<List<T>>> rows,
      HttpServerRequest http) {
    if (http.method().equals(HttpMethod.HEAD)) {
      addHeaders(Map.of(), http);
      return Multi.createFrom().empty();
    }
    return stream(organization, rows, batch -> part(batch, format, Map::of, http), http);
  }

  private <B> Multi<byte[]> stream(
      OrganizationId organization,
      Function<Runnable, Multi<B>> batches,
      Function<B, byte[]> part,
      HttpServerRequest http) {
    return deadlines.watch(
        Multi.createFrom()
            .deferred(() -> begun(organization, batches))
            .map(part)
            .filter(bytes -> bytes.length > 0),
        http);
  }

  /** Takes a place on this replica first, which costs nothing. */
  private <B> Multi<B> begun(OrganizationId organization, Function<Runnable, Multi<B>> batches) {
    Bulkhead.Permit here = places.take(Optional.of(organization));
    if (sharedPlaces.isEmpty()) {
      return begun(batches, here::giveBack);
    }
    SharedPlaces.Place everywhere = sharedPlaces.get().take(organization);
    Runnable end =
        () -> {
          here.giveBack();
          everywhere.giveBack();
        };
    return everywhere
        .taken()
        .onFailure()
        .invoke(end)
        .onCancellation()
        .invoke(end)
        .onItem()
        .transformToMulti(none -> begun(batches, end));
  }

  private static <B> Multi<B> begun(Function<Runnable, Multi<B>> batches, Runnable end) {
    try {
      return batches.apply(end);
    } catch (RuntimeException e) {
      end.run();
      throw e;
    }
  }

  private static <T> byte[] part(
      List<T> rows,
      ExportFormat<T> format,
      Supplier<Map<String, String>> headers,
      HttpServerRequest http) {
    if (http.response().headWritten()) {
      return format.next(rows);
    }
    addHeaders(headers.get(), http);
    return format.first(rows);
  }

  private static void addHeaders(Map<String, String> headers, HttpServerRequest http) {
    // The framework forbids compression until it knows the media type. For a stream it forgets to
    // allow it again.
    http.response().headers().remove(HttpHeaders.CONTENT_ENCODING);
    headers.forEach(http.response()::putHeader);
  }
}

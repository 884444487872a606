package io.usageapi.export;

import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Multi;
import io.usageapi.aggregate.DataVersionRepository;
import io.usageapi.aggregate.Versioned;
import io.usageapi.database.ExportConfig;
import io.usageapi.http.ConditionalRead;
import io.usageapi.security.Bulkhead;
import io.usageapi.security.OrganizationId;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/** Answers with all rows of a result, part by part, within the limits and deadlines of exports. */
@ApplicationScoped
public class Exports {
  private final DataVersionRepository versions;
  private final Bulkhead places;
  private final ClientDeadlines deadlines;

  Exports(
      DataVersionRepository versions,
      ClientDeadlines deadlines,
      ExportConfig config,
      MeterRegistry registry) {
    this.versions = versions;
    this.deadlines = deadlines;
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
          .invoke(version -> addHeaders(read, version, http))
          .onItem()
          .transformToMulti(version -> Multi.createFrom().empty());
    }
    return deadlines.watch(
        Multi.createFrom()
            .deferred(() -> begun(rows, places.take(Optional.of(organization))))
            .map(batch -> part(batch, format, read, http))
            .filter(part -> part.length > 0),
        http);
  }

  private static <T> Multi<Versioned<List<T>>> begun(
      Function<Runnable, Multi<Versioned<List<T>>>> rows, Bulkhead.Permit place) {
    try {
      return rows.apply(place::giveBack);
    } catch (RuntimeException e) {
      place.giveBack();
      throw e;
    }
  }

  private static <T> byte[] part(
      Versioned<List<T>> batch,
      ExportFormat<T> format,
      ConditionalRead read,
      HttpServerRequest http) {
    if (http.response().headWritten()) {
      return format.next(batch.value());
    }
    addHeaders(read, batch.version(), http);
    return format.first(batch.value());
  }

  private static void addHeaders(ConditionalRead read, UUID version, HttpServerRequest http) {
    // The framework forbids compression until it knows the media type. For a stream it forgets to
    // allow it again.
    http.response().headers().remove(HttpHeaders.CONTENT_ENCODING);
    read.headers(version).forEach(http.response()::putHeader);
  }
}

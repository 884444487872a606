package io.usageapi.export;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.config.MeterFilter;
import io.quarkus.micrometer.runtime.HttpServerMetricsTagsContributor;
import io.vertx.core.Vertx;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/**
 * Tells exports from pages in the metrics of requests: both have the same route, but an export may
 * take minutes. A request whose parameters are refused counts as none.
 */
@Singleton
public class ExportMeters implements HttpServerMetricsTagsContributor {
  private static final String REQUESTS = "http.server.requests";
  private static final String TAG = "export";
  private static final Tag IS_NONE = Tag.of(TAG, "false");
  private static final Tag IS_ONE = Tag.of(TAG, "true");
  private static final String MARK = ExportMeters.class.getName();

  /** Marks the request in progress as an export. */
  public static void markRequest() {
    Vertx.currentContext().putLocal(MARK, true);
  }

  @Override
  public Tags contribute(Context request) {
    Boolean marked = request.requestContextLocalData(MARK);
    return Tags.of(marked == null ? IS_NONE : IS_ONE);
  }

  /**
   * The framework asks for no tags where a client hangs up, and all meters of a name need the same.
   */
  @Produces
  @Singleton
  MeterFilter tagOfAbortedRequests() {
    return new MeterFilter() {
      @Override
      public Meter.Id map(Meter.Id id) {
        return id.getName().equals(REQUESTS) && id.getTag(TAG) == null ? id.withTag(IS_NONE) : id;
      }
    };
  }
}

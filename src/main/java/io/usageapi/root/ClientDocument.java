package io.usageapi.root;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.ws.rs.core.HttpHeaders;
import java.io.IOException;
import java.io.InputStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Serves the OpenAPI document for generators of clients, which the build derives from the full one,
 * wherever the full one is served. No resource does: resources never answer YAML.
 */
@ApplicationScoped
public class ClientDocument {
  /** Where it is served. */
  static final String PATH = "/q/openapi-client.yaml";

  private static final String FILE = "/META-INF/openapi-client.yaml";

  private final boolean enabled;

  ClientDocument(
      @ConfigProperty(name = "quarkus.smallrye-openapi.enabled", defaultValue = "true")
          boolean enabled) {
    this.enabled = enabled;
  }

  void register(@Observes Router router) throws IOException {
    if (!enabled) {
      return;
    }
    try (InputStream file = ClientDocument.class.getResourceAsStream(FILE)) {
      Buffer document = Buffer.buffer(file.readAllBytes());
      router
          .route(PATH)
          .method(HttpMethod.GET)
          .method(HttpMethod.HEAD)
          .handler(context -> answer(context, document));
    }
  }

  private static void answer(RoutingContext context, Buffer document) {
    HttpServerResponse response =
        context
            .response()
            .putHeader(HttpHeaders.CONTENT_TYPE, "application/yaml;charset=UTF-8")
            .putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(document.length()));
    boolean head = context.request().method().equals(HttpMethod.HEAD);
    (head ? response.end() : response.end(document)).onFailure(context::fail);
  }
}

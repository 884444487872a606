package io.usageapi.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.usageapi.error.ErrorBody;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;

/** Answers a request with the contract's error before any resource is looked for. */
@ApplicationScoped
public class EarlyAnswer {
  private final ObjectMapper json;

  EarlyAnswer(ObjectMapper json) {
    this.json = json;
  }

  /** Ends the request with an error. */
  public void refuse(RoutingContext context, ErrorBody error) {
    try {
      String body = json.writeValueAsString(error);
      // A body that nobody reads must not hold up the next request of the connection.
      context.request().resume();
      context
          .response()
          .setStatusCode(error.code().status())
          .putHeader(HttpHeaders.CONTENT_TYPE, MediaType.APPLICATION_JSON)
          // It is not compressed, and what the caller says of codings not even read.
          .putHeader(HttpHeaders.CONTENT_ENCODING, HttpHeaderValues.IDENTITY)
          .end(body)
          .onFailure(context::fail);
    } catch (JsonProcessingException e) {
      context.fail(e);
    }
  }
}

package io.usageapi.http;

import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Answers who holds the answer already. */
public class NotModifiedMapper {
  /** A 304, with the headers of the 200 that a cache needs (RFC 9110 section 15.4.5). */
  @ServerExceptionMapper
  public RestResponse<Void> map(NotModified e) {
    ResponseBuilder<Void> response = ResponseBuilder.notModified();
    e.headers().forEach(response::header);
    return response.build();
  }
}

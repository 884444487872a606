package io.usageapi.database;

import io.usageapi.error.ErrorBody;
import io.usageapi.error.ErrorCode;
import io.usageapi.error.ErrorMappers;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Handles failures without another mapper: database outages and server faults. */
public class FailureMapper {
  private static final Logger LOG = Logger.getLogger(FailureMapper.class);

  /** 503 for an outage, else 500; logged either way. */
  @ServerExceptionMapper
  public RestResponse<ErrorBody> map(Throwable e) {
    if (Outage.is(e)) {
      LOG.warn("The database cannot serve a request", e);
      return ErrorMappers.respond(ErrorCode.UNAVAILABLE).build();
    }
    LOG.error("A request failed", e);
    return ErrorMappers.respond(ErrorCode.INTERNAL_ERROR).build();
  }
}

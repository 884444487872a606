package io.usageapi.http;

import io.usageapi.security.OrganizationId;
import io.usageapi.text.CanonicalDigest;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.EntityTag;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;

/**
 * A read whose answer has a weak entity tag (operation {@code getMonthlyUsage}). The tag is a
 * digest of everything that the content of the body depends on, so it is the same on every replica
 * and after a restart. It says nothing about the content coding.
 */
public final class ConditionalRead {
  /** Raise it with every change of the bodies that the same data is answered with. */
  private static final String FORMAT = "3";

  private static final String CACHE_CONTROL = "private, no-cache, max-age=0, must-revalidate";
  private static final String VARY =
      String.join(", ", HttpHeaders.ACCEPT, HttpHeaders.ACCEPT_ENCODING);

  private final OrganizationId organization;
  private final String self;
  private final MediaType type;
  private final Request conditions;
  private final boolean conditional;

  private ConditionalRead(
      OrganizationId organization,
      String self,
      MediaType type,
      Request conditions,
      boolean conditional) {
    this.organization = organization;
    this.self = self;
    this.type = type;
    this.conditions = conditions;
    this.conditional = conditional;
  }

  /**
   * Reads the conditions of a request.
   *
   * @param organization the organization whose data is read
   * @param self the absolute address of the answer; all other links follow from it and the data
   * @param types the media types of the resource, the default first
   * @param request the request
   */
  public static ConditionalRead of(
      OrganizationId organization, Link self, List<MediaType> types, ApiRequest request) {
    // Not Request.selectVariant: it refuses other headers that are malformed.
    MediaType type =
        request.headers().getAcceptableMediaTypes().stream()
            .flatMap(accepted -> types.stream().filter(each -> isOf(each, accepted)))
            .findFirst()
            .orElse(types.get(0));
    return new ConditionalRead(
        organization,
        self.href(),
        type,
        request.conditions(),
        request.http().headers().contains(HttpHeaders.IF_NONE_MATCH));
  }

  private static boolean isOf(MediaType type, MediaType accepted) {
    return type.getType().equals(accepted.getType())
        && type.getSubtype().equals(accepted.getSubtype());
  }

  /** Whether the caller holds something already. */
  public boolean isConditional() {
    return conditional;
  }

  /** Whether the caller holds the answer of a data version already. */
  public boolean isHeld(UUID version) {
    String tag = tag(organization, version, self, type);
    // The framework compares strongly; a cache may have dropped the W/.
    return isHeld(new EntityTag(tag, true)) || isHeld(new EntityTag(tag, false));
  }

  /** A failed {@code If-Match} is ignored: this server promises no 412. */
  private boolean isHeld(EntityTag tag) {
    Response.ResponseBuilder answer = conditions.evaluatePreconditions(tag);
    return answer != null
        && answer.build().getStatus() == Response.Status.NOT_MODIFIED.getStatusCode();
  }

  /** 304, with the headers of the 200. */
  public <T> RestResponse<T> notModified(UUID version) {
    return withHeaders(ResponseBuilder.create(RestResponse.Status.NOT_MODIFIED), version);
  }

  /**
   * Checks that the caller does not hold the answer of a data version already.
   *
   * @throws NotModified when it does: 304, where the answer is a stream
   */
  public void requireModified(UUID version) {
    if (isHeld(version)) {
      throw new NotModified(notModified(version).toResponse());
    }
  }

  /**
   * The answer.
   *
   * @param version the version of the data in the body
   */
  public <T> RestResponse<T> answer(UUID version, T body) {
    return withHeaders(ResponseBuilder.ok(body, type.withCharset("UTF-8")), version);
  }

  private <T> RestResponse<T> withHeaders(ResponseBuilder<T> response, UUID version) {
    headers(version).forEach(response::header);
    return response.build();
  }

  /**
   * The headers of the answer.
   *
   * @param version the version of the data in the body
   */
  public Map<String, String> headers(UUID version) {
    return Map.of(
        HttpHeaders.ETAG,
        "W/\"" + tag(organization, version, self, type) + '"',
        HttpHeaders.CACHE_CONTROL,
        CACHE_CONTROL,
        HttpHeaders.VARY,
        VARY);
  }

  /** The tag, without {@code W/} and quotes. */
  static String tag(OrganizationId organization, UUID version, String self, MediaType type) {
    return new CanonicalDigest()
        .add(FORMAT)
        .add(organization.value())
        .add(version.toString())
        .add(self)
        .add(type.toString())
        .toHex();
  }

  /** The caller holds the answer already: 304, with the headers of the 200. */
  private static final class NotModified extends WebApplicationException {
    private static final long serialVersionUID = 1L;

    NotModified(Response response) {
      super(response);
    }

    /** None: this is an answer, not a fault, and a 304 is to be cheap. */
    @Override
    public synchronized Throwable fillInStackTrace() {
      return this;
    }
  }
}

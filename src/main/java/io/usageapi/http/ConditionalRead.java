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
  private static final String FORMAT = "1";

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

  /**
   * Checks that the caller does not hold the answer of a data version already.
   *
   * @param version the current version of the organization's data
   * @throws NotModified when it does
   */
  public void requireModified(UUID version) {
    // The framework compares strongly; a cache may have dropped the W/.
    if (isHeld(tag(version, true)) || isHeld(tag(version, false))) {
      throw new NotModified(headers(version));
    }
  }

  /** A failed {@code If-Match} is ignored: this server promises no 412. */
  private boolean isHeld(EntityTag tag) {
    Response.ResponseBuilder answer = conditions.evaluatePreconditions(tag);
    return answer != null
        && answer.build().getStatus() == Response.Status.NOT_MODIFIED.getStatusCode();
  }

  /**
   * The answer.
   *
   * @param version the version of the data in the body
   */
  public <T> RestResponse<T> answer(UUID version, T body) {
    ResponseBuilder<T> response = ResponseBuilder.ok(body, type.withCharset("UTF-8"));
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
        "W/\"" + tag(version, true).getValue() + '"',
        HttpHeaders.CACHE_CONTROL,
        CACHE_CONTROL,
        HttpHeaders.VARY,
        VARY);
  }

  private EntityTag tag(UUID version, boolean weak) {
    return new EntityTag(tag(organization, version, self, type), weak);
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

    NotModified(Map<String, String> headers) {
      super(response(headers));
    }

    private static Response response(Map<String, String> headers) {
      Response.ResponseBuilder response = Response.notModified();
      headers.forEach(response::header);
      return response.build();
    }

    /** None: this is an answer, not a fault, and a 304 is to be cheap. */
    @Override
    public synchronized Throwable fillInStackTrace() {
      return this;
    }
  }
}

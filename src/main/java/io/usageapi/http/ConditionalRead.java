package io.usageapi.http;

import io.usageapi.http.body.ContentCoding;
import io.usageapi.security.OrganizationId;
import io.usageapi.text.CanonicalDigest;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;

/**
 * A read whose answer has an entity tag, by which the caller can ask again for what has changed
 * only (operation {@code getMonthlyUsage}). The tag is strong: a digest of all that the bytes of
 * the body depend on, and of nothing else, so that it is the same on every replica and after a
 * restart.
 */
public final class ConditionalRead {
  /** To be raised by whoever changes the bytes that the same data is answered with. */
  private static final String FORMAT = "1";

  private static final String CACHE_CONTROL = "private, no-cache";
  private static final String VARY =
      String.join(", ", HttpHeaders.AUTHORIZATION, HttpHeaders.ACCEPT, HttpHeaders.ACCEPT_ENCODING);

  private final OrganizationId organization;
  private final String self;
  private final MediaType type;
  private final String coding;
  private final IfNoneMatch known;

  private ConditionalRead(
      OrganizationId organization, String self, MediaType type, String coding, IfNoneMatch known) {
    this.organization = organization;
    this.self = self;
    this.type = type;
    this.coding = coding;
    this.known = known;
  }

  /**
   * Looks at a request.
   *
   * @param organization whose data is read
   * @param self the absolute address of what is read: all other links follow from it and the data
   * @param types the media types of the resource, the first for a caller who does not mind
   * @param headers the headers of the request
   * @param request the request itself
   */
  public static ConditionalRead of(
      OrganizationId organization,
      String self,
      List<MediaType> types,
      HttpHeaders headers,
      HttpServerRequest request) {
    MediaType type =
        headers.getAcceptableMediaTypes().stream()
            .flatMap(accepted -> types.stream().filter(each -> isOf(each, accepted)))
            .findFirst()
            .orElse(types.get(0));
    return new ConditionalRead(
        organization,
        self,
        type,
        ContentCoding.of(request),
        new IfNoneMatch(
            Optional.ofNullable(headers.getRequestHeader(HttpHeaders.IF_NONE_MATCH))
                .orElse(List.of())));
  }

  private static boolean isOf(MediaType type, MediaType accepted) {
    return type.getType().equals(accepted.getType())
        && type.getSubtype().equals(accepted.getSubtype());
  }

  /** Whether the caller holds something already. */
  public boolean isConditional() {
    return known.isPresent();
  }

  /**
   * Checks that the caller does not hold the answer of a data version already.
   *
   * @param version the current version of the organization's data
   * @throws NotModified when it does
   */
  public void requireModified(UUID version) {
    if (known.holds(tag(version))) {
      throw new NotModified(headers(version));
    }
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
        '"' + tag(version) + '"',
        HttpHeaders.CACHE_CONTROL,
        CACHE_CONTROL,
        HttpHeaders.VARY,
        VARY);
  }

  private String tag(UUID version) {
    return tag(organization, version, self, type, coding);
  }

  /** The tag, without quotes, of the bytes that follow from all this. */
  static String tag(
      OrganizationId organization, UUID version, String self, MediaType type, String coding) {
    return new CanonicalDigest()
        .add(FORMAT)
        .add(organization.value())
        .add(version.toString())
        .add(self)
        .add(type.toString())
        .add(coding)
        .toHex();
  }
}

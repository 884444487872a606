package io.usageapi.telemetry;

import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.quarkus.vertx.http.runtime.security.QuarkusHttpUser;
import io.usageapi.config.FilterOrder;
import io.usageapi.http.RequestIds;
import io.usageapi.imports.ImportResult;
import io.usageapi.intake.IntakeResult;
import io.usageapi.security.Bearer;
import io.usageapi.security.OrganizationClaim;
import io.usageapi.security.OrganizationId;
import io.usageapi.security.Scope;
import io.vertx.core.AsyncResult;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.ws.rs.container.ContainerResponseContext;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;

/**
 * Logs one line for each request that writes, also if it failed: its id, the subject and
 * organization of its token, what it writes, and the result. Never a token or a body.
 */
@ApplicationScoped
public class Audit {
  /** The category of the lines, at level INFO. */
  static final String CATEGORY = "io.usageapi.audit";

  private static final Logger LOG = Logger.getLogger(CATEGORY);
  private static final String RECORDS = "/express/usage/records";
  private static final String IMPORT = "/express/usage/imports/";
  private static final String ACCOUNT = "/express/accounts/";
  private static final String RESULT = Audit.class.getName();
  private static final String NONE = "-";

  /** The log fields of a trace. */
  private static final List<String> TRACE = List.of("traceId", "spanId");

  /** The organization claim is malformed; the request was refused. */
  private static final String MALFORMED = "malformed";

  /** An operator without a claim. */
  private static final String ANY = "any";

  private static final int MAX_LENGTH = OrganizationId.MAX_LENGTH;

  /** Characters that could break a line or disguise it: controls, line ends, directions. */
  private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{C}\\p{Zl}\\p{Zp}]");

  void register(@Observes Filters filters) {
    filters.register(Audit::watch, FilterOrder.AUDIT);
  }

  /** Keeps the counts of records and rows for the line. */
  @ServerResponseFilter(priority = FilterOrder.ANSWERS)
  public void keep(ContainerResponseContext response, RoutingContext request) {
    if (response.getEntity() instanceof IntakeResult result) {
      request.put(
          RESULT,
          " accepted=%d duplicates=%d rejected=%d"
              .formatted(result.accepted(), result.duplicates(), result.rejected()));
    } else if (response.getEntity() instanceof ImportResult result) {
      request.put(
          RESULT,
          " added=%d removed=%d unchanged=%d rejected=%d"
              .formatted(result.added(), result.removed(), result.unchanged(), result.rejected()));
    }
  }

  private static void watch(RoutingContext request) {
    written(request)
        .ifPresent(
            what -> {
              List<Object> trace = TRACE.stream().map(MDC::get).collect(Collectors.toList());
              request.addEndHandler(
                  end -> {
                    keepTrace(trace);
                    log(request, what, end);
                  });
            });
    request.next();
  }

  /** The request's span ends with the answer and clears its log fields. */
  private static void keepTrace(List<Object> trace) {
    for (int i = 0; i < TRACE.size(); i++) {
      if (trace.get(i) != null && MDC.get(TRACE.get(i)) == null) {
        MDC.put(TRACE.get(i), trace.get(i));
      }
    }
  }

  private static Optional<String> written(RoutingContext request) {
    HttpMethod method = request.request().method();
    String path = request.normalizedPath();
    if (method.equals(HttpMethod.POST) && path.startsWith(RECORDS)) {
      return Optional.of("records");
    }
    // Ids are percent-encoded as they were sent.
    if (method.equals(HttpMethod.PUT) && path.startsWith(IMPORT)) {
      return Optional.of("import=" + quoted(path.substring(IMPORT.length())));
    }
    if (method.equals(HttpMethod.DELETE) && path.startsWith(IMPORT)) {
      return Optional.of("delete import=" + quoted(path.substring(IMPORT.length())));
    }
    if (method.equals(HttpMethod.PUT) && path.startsWith(ACCOUNT)) {
      return Optional.of("account=" + quoted(path.substring(ACCOUNT.length())));
    }
    return Optional.empty();
  }

  private static void log(RoutingContext request, String what, AsyncResult<Void> end) {
    Optional<SecurityIdentity> sender = sender(request);
    LOG.infof(
        "request=%s subject=%s organization=%s %s status=%s%s",
        request.response().headers().get(RequestIds.HEADER),
        sender
            .flatMap(one -> ((Bearer) one.getPrincipal()).subject())
            .map(Audit::quoted)
            .orElse(NONE),
        sender.map(Audit::organization).orElse(NONE),
        what,
        end.succeeded() ? Integer.toString(request.response().getStatusCode()) : "aborted",
        counts(request));
  }

  /** The verified sender; an unverified token proves nothing. */
  private static Optional<SecurityIdentity> sender(RoutingContext request) {
    return request.user() instanceof QuarkusHttpUser user
            && user.getSecurityIdentity().getPrincipal() instanceof Bearer
        ? Optional.of(user.getSecurityIdentity())
        : Optional.empty();
  }

  private static String organization(SecurityIdentity sender) {
    OrganizationClaim claim = OrganizationClaim.of(sender);
    if (claim.present()) {
      return claim.organization().map(id -> quoted(id.value())).orElse(MALFORMED);
    }
    return sender.hasRole(Scope.OPERATOR) ? ANY : NONE;
  }

  private static String counts(RoutingContext request) {
    String counts = request.get(RESULT);
    return counts == null ? "" : counts;
  }

  private static String quoted(String text) {
    String cut =
        text.codePointCount(0, text.length()) > MAX_LENGTH
            ? text.substring(0, text.offsetByCodePoints(0, MAX_LENGTH)) + "…"
            : text;
    String plain = UNPRINTABLE.matcher(cut).replaceAll("");
    return '"' + plain.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}

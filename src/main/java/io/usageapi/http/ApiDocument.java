package io.usageapi.http;

import io.quarkus.smallrye.openapi.OpenApiFilter;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;
import org.eclipse.microprofile.openapi.models.headers.Header;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;
import org.eclipse.microprofile.openapi.models.security.SecurityScheme;

/**
 * What every operation of the OpenAPI document has in common: the errors, the request id, the
 * token. Said once here, so that no operation can forget it.
 */
@OpenApiFilter(stages = OpenApiFilter.RunStage.BUILD)
public class ApiDocument implements OASFilter {
  /** The name of the scheme by which a token is sent. */
  public static final String BEARER = "bearer";

  /** The parameter that says how much a page holds, of all operations that answer by pages. */
  public static final String PER_PAGE = "per_page";

  private static final String NOT_MODIFIED = "304";
  private static final String UNAUTHORIZED = "401";
  private static final String RATE_LIMITED = "429";
  private static final String ERROR = "#/components/schemas/Error";

  /** The headers that say how much an organization may still ask, each with what it holds. */
  private static final Map<String, String> RATES =
      new TreeMap<>(
          Map.of(
              "RateLimit-Limit", "How many requests the organization may send in a period.",
              "RateLimit-Remaining", "How many of them are left.",
              "RateLimit-Reset", "In how many seconds all of them are there again."));

  private static final Map<String, String> ERRORS = errors();

  private static Map<String, String> errors() {
    Map<String, String> errors = new LinkedHashMap<>();
    errors.put("400", "A parameter or the body is not valid; `fields` names all that is at fault.");
    errors.put("401", "No token, or a bad one.");
    errors.put("403", "A scope, the organization, or an account is not the caller's.");
    errors.put("404", "There is nothing at this address that the caller may see.");
    errors.put("405", "The method is not allowed here.");
    errors.put("406", "None of the accepted media types can be produced.");
    errors.put(
        RATE_LIMITED,
        "The organization has sent more requests than it may, where the server limits them, or has"
            + " as many exports at once as it may.");
    errors.put("500", "The server failed.");
    errors.put("503", "The database or the identity provider is out of reach; see `Retry-After`.");
    return errors;
  }

  /** In an order of its own, so that the document is the same at every build. */
  private static final Map<String, String> ERRORS_OF_BODIES =
      new TreeMap<>(
          Map.of(
              "408", "The body took too long to arrive.",
              "413", "The body is too large, or grows out of proportion when decompressed.",
              "415", "The media type, its charset or profile, or the coding is not supported."));

  @Override
  public void filterOpenAPI(OpenAPI document) {
    document.setInfo(
        OASFactory.createInfo()
            .title("usage-api")
            .version("1")
            .description(
                "What customers and resellers used, month by month. JSON in `snake_case`; decimals"
                    + " are exact and written without superfluous zeros; months are UTC; links are"
                    + " absolute and to be followed as they are. An unknown parameter, one given"
                    + " twice, or an empty one is a 400, and so is a request without a `Host` that"
                    + " a link can have, with two, or with two `Authorization`. A request has at"
                    + " most 256 headers. Without `Accept` the answer is JSON.\n\n"
                    + "Compatibility: without notice there may come new optional parameters, new"
                    + " fields in objects, new values of enums, new error codes and new links."
                    + " Nothing else changes under these addresses.")
            .contact(OASFactory.createContact().name("Whoever operates this server"))
            .license(
                OASFactory.createLicense()
                    .name("Apache-2.0")
                    .url("https://www.apache.org/licenses/LICENSE-2.0.txt")));
    document.setServers(
        List.of(OASFactory.createServer().url("/").description("The server asked.")));
    document
        .getComponents()
        .addSecurityScheme(
            BEARER,
            OASFactory.createSecurityScheme()
                .type(SecurityScheme.Type.HTTP)
                .scheme("bearer")
                .bearerFormat("JWT")
                .description(
                    "A JWT with `iss`, `aud`, `exp`, the scopes in `scope` or `scp`, and the"
                        + " organization in a claim (`org_id` unless configured otherwise). Each"
                        + " operation says which scope it demands. With `express-operator` and no"
                        + " organization claim a write scope is good for any organization."));
    document.getComponents().addParameter(PER_PAGE, perPage());
    RATES.forEach(
        (name, description) ->
            document
                .getComponents()
                .addHeader(
                    name,
                    header(description + " Where the server limits requests only.", "[0-9]+")
                        .required(false)));
    document.getPaths().getPathItems().values().forEach(ApiDocument::complete);
  }

  private static Parameter perPage() {
    return OASFactory.createParameter()
        .name(PER_PAGE)
        .in(Parameter.In.QUERY)
        .description("How much a page holds at most.")
        .schema(
            OASFactory.createSchema()
                .addType(SchemaType.INTEGER)
                .format("int32")
                .minimum(BigDecimal.ONE)
                .maximum(new BigDecimal(250))
                .defaultValue(50));
  }

  private static void complete(PathItem path) {
    path.getOperations().values().forEach(ApiDocument::complete);
  }

  private static void complete(Operation operation) {
    sayScopes(operation);
    Map<String, String> errors = new LinkedHashMap<>(ERRORS);
    if (operation.getRequestBody() != null) {
      errors.putAll(ERRORS_OF_BODIES);
    }
    // The framework adds some of these without a body of their own; ours say what the body is.
    errors.forEach(
        (status, description) ->
            operation.getResponses().addAPIResponse(status, error(description)));
    operation.getResponses().getAPIResponses().values().forEach(ApiDocument::addRequestId);
    operation.getResponses().getAPIResponses().forEach(ApiDocument::addRates);
    if (operation.getResponses().hasAPIResponse(NOT_MODIFIED)) {
      sayConditional(operation);
    }
  }

  /** What a read has that can be asked for again. */
  private static void sayConditional(Operation operation) {
    operation.addParameter(
        OASFactory.createParameter()
            .name("If-None-Match")
            .in(Parameter.In.HEADER)
            .description(
                "Entity tags the caller holds, or `*`. They are compared weakly. When one is the"
                    + " current one, the answer is 304. A malformed value is as if it were absent.")
            .schema(OASFactory.createSchema().addType(SchemaType.STRING)));
    for (String status : List.of("200", NOT_MODIFIED)) {
      operation
          .getResponses()
          .getAPIResponse(status)
          .addHeader(
              "ETag",
              header(
                  "A strong entity tag: it changes whenever a byte of the body would, by new data,"
                      + " another address, media type or coding.",
                  "\"[0-9a-f]{64}\""))
          .addHeader(
              "Cache-Control",
              header("Only the caller may keep it, and asks before using it.", "private, no-cache"))
          .addHeader(
              "Vary",
              header(
                  "What of a request's headers the answer depends on.",
                  "Authorization, Accept, Accept-Encoding"));
    }
  }

  private static Header header(String description, String pattern) {
    return OASFactory.createHeader()
        .description(description)
        .required(true)
        .schema(OASFactory.createSchema().addType(SchemaType.STRING).pattern(pattern));
  }

  /** A bearer token's scopes have no place of their own in the document but the description. */
  private static void sayScopes(Operation operation) {
    operation
        .getSecurity()
        .forEach(
            requirement ->
                requirement
                    .getScheme(BEARER)
                    .forEach(
                        scope ->
                            operation.setDescription(
                                operation.getDescription() + " Scope: `" + scope + "`.")));
    operation.setSecurity(List.of(OASFactory.createSecurityRequirement().addScheme(BEARER)));
  }

  private static APIResponse error(String description) {
    return OASFactory.createAPIResponse()
        .description(description)
        .content(
            OASFactory.createContent()
                .addMediaType(
                    "application/json",
                    OASFactory.createMediaType().schema(OASFactory.createSchema().ref(ERROR))));
  }

  /** Whose token it is must be known first. */
  private static void addRates(String status, APIResponse response) {
    if (status.equals(UNAUTHORIZED)) {
      return;
    }
    RATES
        .keySet()
        .forEach(
            name ->
                response.addHeader(
                    name, OASFactory.createHeader().ref("#/components/headers/" + name)));
    if (status.equals(RATE_LIMITED)) {
      response.addHeader("Retry-After", header("After how many seconds to try again.", "[0-9]+"));
    }
  }

  private static void addRequestId(APIResponse response) {
    response.addHeader(
        RequestIds.HEADER,
        header(
            "The request's id: the caller's when well-formed, else a new one.",
            "[A-Za-z0-9._-]{1,128}"));
  }
}

package io.usageapi.intake;

import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Uni;
import io.usageapi.config.UsageApiConfig;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.http.ApiDocument;
import io.usageapi.http.BodyReader;
import io.usageapi.http.QueryParameters;
import io.usageapi.security.Caller;
import io.usageapi.security.Scope;
import io.usageapi.security.Writer;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
import java.io.InputStream;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Usage records over HTTP (contract, "POST /express/usage/records"). */
@Path("/express/usage/records")
@Tag(name = "Intake", description = "Taking rated usage records in, each exactly once.")
public class RecordsResource {
  private static final String FOCUS = "focus";

  private final Caller caller;
  private final RecordIntake intake;
  private final RecordReader reader;
  private final UsageApiConfig.Intake config;

  RecordsResource(Caller caller, RecordIntake intake, RecordReader reader, UsageApiConfig config) {
    this.caller = caller;
    this.intake = intake;
    this.reader = reader;
    this.config = config.intake();
  }

  /** Takes in the records of a JSON body. */
  @POST
  @RolesAllowed(Scope.USAGE_WRITE)
  @SecurityRequirement(name = ApiDocument.BEARER, scopes = Scope.USAGE_WRITE)
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  @Blocking
  @Operation(
      operationId = "postUsageRecords",
      summary = "Take usage records in",
      description =
          "Each record counts exactly once, however often it is sent: its identity is its account and"
              + " its id. The answer comes when everything accepted is durable and in the monthly"
              + " aggregates. A bad record rejects itself, not its batch: all rejected is still 200."
              + " A FOCUS 1.0 file is sent whole, as `text/csv; profile=focus`; a row's id is made"
              + " from its columns and from how many equal rows came before it, so a file sent again"
              + " adds nothing; a restated file is not a replacement, its changed rows are added."
              + " A FOCUS row without `BilledCost` is rejected: it is not priced from its list price."
              + " A record of a month whose records were dropped is rejected, `record_too_old`, one"
              + " that was counted before too."
              + " At most 100 `errors` are returned. Bodies may be gzip.")
  @RequestBody(
      required = true,
      content = {
        @Content(
            mediaType = "application/json",
            schema = @Schema(implementation = RecordBody.Records.class)),
        @Content(
            mediaType = "text/csv; profile=focus",
            schema = @Schema(type = SchemaType.STRING, description = "A FOCUS 1.0 file."))
      })
  @APIResponse(responseCode = "200", description = "What became of the records.")
  public Uni<IntakeResult> json(
      @Context UriInfo request, @Context HttpHeaders headers, InputStream body) {
    Writer writer = writer(request);
    InputStream plain = BodyReader.open(headers, body, Set.of());
    return intake.takeAll(
        writer, () -> JsonSource.of(BodyReader.readWhole(plain, config.maxJsonBytes()), reader));
  }

  /**
   * Takes in the rows of a CSV body, which says by {@code profile=focus} that it is a FOCUS file.
   */
  @POST
  @RolesAllowed(Scope.USAGE_WRITE)
  @SecurityRequirement(name = ApiDocument.BEARER, scopes = Scope.USAGE_WRITE)
  @Consumes("text/csv")
  @Produces(MediaType.APPLICATION_JSON)
  @Blocking
  @Operation(hidden = true)
  public Uni<IntakeResult> csv(
      @Context UriInfo request, @Context HttpHeaders headers, InputStream body) {
    Writer writer = writer(request);
    InputStream plain = BodyReader.open(headers, body, Set.of(FOCUS));
    if (!FOCUS.equals(headers.getMediaType().getParameters().get("profile"))) {
      throw ApiException.of(
          ErrorCode.UNSUPPORTED_MEDIA_TYPE, "The only CSV taken is text/csv; profile=focus.");
    }
    return intake.takeAll(writer, () -> new FocusSource(plain, reader, config.maxRowCharacters()));
  }

  private Writer writer(UriInfo request) {
    Writer writer = caller.writer();
    QueryParameters.of(request.getRequestUri().getRawQuery(), Set.of()).check();
    return writer;
  }
}

package io.usageapi.intake;

import io.smallrye.mutiny.Uni;
import io.usageapi.config.UsageApiConfig;
import io.usageapi.http.ApiDocument;
import io.usageapi.http.BodyReader;
import io.usageapi.http.QueryParameters;
import io.usageapi.security.Caller;
import io.usageapi.security.Scope;
import io.usageapi.security.Writer;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
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
  @Operation(
      operationId = "postUsageRecords",
      summary = "Take usage records in",
      description =
          "Each record counts exactly once, however often it is sent: its identity is its account and"
              + " its id. The answer comes when everything accepted is durable and in the monthly"
              + " aggregates. A bad record rejects itself, not its batch: all rejected is still 200."
              + " At most 100 `errors` are returned, and at most 20 `fields` of each. Bodies may be"
              + " gzip.\n\nJSON and CloudEvents bodies are read whole before anything is stored: at"
              + " most 10,000 records and 16 MiB. NDJSON, CSV and FOCUS bodies are streamed, of any"
              + " length: a line of NDJSON has at most 256 KiB, a row of CSV 262,144 characters. When"
              + " a stream fails, what was durable before stays, and sending it all again is safe. At"
              + " most 8 bodies are read at once; beyond that the answer is 503 with `Retry-After`. At"
              + " most 4 of them are of one organization; beyond that it is 429 with `Retry-After`. The"
              + " server waits for a body for a minute, and a second longer for each 4 KiB that arrives,"
              + " but never for more than a minute at a time; past that it is 408. An answer may come"
              + " before all was sent; then the connection is closed after it."
              + " These numbers are the defaults of settings.\n\nThe header of a CSV body names"
              + " fields of a record, each once; those every record needs must be there. An empty"
              + " cell is no value.\n\nOf a CloudEvent the record's id is its `source`, a space and"
              + " its `id`; where that is over 128 characters, its SHA-256 in lower-case hex. `time`"
              + " is `occurred_at`, `data` holds the other fields. `source` has no spaces;"
              + " `datacontenttype`, where given, is JSON; other attributes are ignored.\n\nA record,"
              + " an event and its `data` have at most 64 members each, else the record is rejected; a"
              + " header of CSV has at most 64 columns, of FOCUS 1,024, else it is 400. A JSON body with"
              + " a text or a number of more than 262,144 characters, a name of more than 50,000, or"
              + " more than 1,000 levels of nesting is 413; in a line of NDJSON that rejects the"
              + " record.\n\nA body of gzip has one or more members and nothing else: a member that is"
              + " broken or cut, and anything that follows the last, is 400. Of a stream the records"
              + " before it may have been taken in, also those of a member whose checksum turns out to"
              + " be wrong.\n\nA record of an account that is not there is rejected,"
              + " `account_not_in_organization`. So is one whose `organization_id` is not that of its"
              + " account; a writer bound to an organization is told the same of one that does not"
              + " exist.\n\nA FOCUS"
              + " 1.0 file is sent whole, as `text/csv; profile=focus`; a row's id is made from its"
              + " columns and from how many equal rows came before it, so a file sent again adds"
              + " nothing; a restated file is not a replacement, its changed rows are added. A FOCUS"
              + " row without `BilledCost` is rejected: it is not priced from its list price. Its"
              + " organization and its account are made when they are not there: by an operator, and"
              + " by a bound writer whose token has `express-accounts:write` too. For another bound"
              + " writer the row is rejected, `account_not_in_organization`.\n\nA"
              + " record of a month whose records were dropped is rejected, `record_too_old`, one that"
              + " was counted before too. A record of a month that is closed is rejected,"
              + " `month_closed`, unless it was counted before; by configuration it counts instead"
              + " in the first month after its own that is open, on the first day of that.")
  @RequestBody(
      required = true,
      content = {
        @Content(
            mediaType = "application/json",
            schema = @Schema(implementation = RecordBody.Records.class)),
        @Content(
            mediaType = "application/x-ndjson",
            schema =
                @Schema(
                    type = SchemaType.STRING,
                    description = "A record a line, as an object like those of the JSON body.")),
        @Content(
            mediaType = "text/csv",
            schema =
                @Schema(
                    type = SchemaType.STRING,
                    description = "A header with the names of the fields, and a record a row."),
            example =
                "id,account_id,product_id,occurred_at,type,currency,unit,number_of_units,"
                    + "total_amount\r\ncall-19,acme-eu,voice-out,2026-08-31T22:32:00Z,CALL,EUR,"
                    + "MINUTES,2,0.025\r\n"),
        @Content(
            mediaType = "application/cloudevents-batch+json",
            schema = @Schema(type = SchemaType.ARRAY, implementation = RecordBody.Event.class)),
        @Content(
            mediaType = "text/csv; profile=focus",
            schema = @Schema(type = SchemaType.STRING, description = "A FOCUS 1.0 file."))
      })
  @APIResponse(responseCode = "200", description = "What became of the records.")
  public Uni<IntakeResult> json(
      @Context UriInfo request, @Context HttpHeaders headers, @Context HttpServerRequest http) {
    Writer writer = writer(request);
    BodyReader.Coding coding = BodyReader.coding(headers, Set.of());
    return intake.takeAll(
        writer,
        http,
        body ->
            WholeBody.ofRecords(
                BodyReader.readWhole(BodyReader.plain(body, coding), config.maxJsonBytes()),
                reader));
  }

  /** Takes in the events of a CloudEvents batch. */
  @POST
  @RolesAllowed(Scope.USAGE_WRITE)
  @SecurityRequirement(name = ApiDocument.BEARER, scopes = Scope.USAGE_WRITE)
  @Consumes("application/cloudevents-batch+json")
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(hidden = true)
  public Uni<IntakeResult> cloudEvents(
      @Context UriInfo request, @Context HttpHeaders headers, @Context HttpServerRequest http) {
    Writer writer = writer(request);
    BodyReader.Coding coding = BodyReader.coding(headers, Set.of());
    return intake.takeAll(
        writer,
        http,
        body ->
            WholeBody.ofEvents(
                BodyReader.readWhole(BodyReader.plain(body, coding), config.maxJsonBytes()),
                reader));
  }

  /** Takes in the lines of an NDJSON body. */
  @POST
  @RolesAllowed(Scope.USAGE_WRITE)
  @SecurityRequirement(name = ApiDocument.BEARER, scopes = Scope.USAGE_WRITE)
  @Consumes("application/x-ndjson")
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(hidden = true)
  public Uni<IntakeResult> ndjson(
      @Context UriInfo request, @Context HttpHeaders headers, @Context HttpServerRequest http) {
    Writer writer = writer(request);
    BodyReader.Coding coding = BodyReader.coding(headers, Set.of());
    return intake.takeAll(
        writer,
        http,
        body -> new NdjsonSource(BodyReader.plain(body, coding), reader, config.maxLineBytes()));
  }

  /** Takes in the rows of a CSV body; with {@code profile=focus} it is a FOCUS file. */
  @POST
  @RolesAllowed(Scope.USAGE_WRITE)
  @SecurityRequirement(name = ApiDocument.BEARER, scopes = Scope.USAGE_WRITE)
  @Consumes("text/csv")
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(hidden = true)
  public Uni<IntakeResult> csv(
      @Context UriInfo request, @Context HttpHeaders headers, @Context HttpServerRequest http) {
    Writer writer = writer(request);
    BodyReader.Coding coding = BodyReader.coding(headers, Set.of(FOCUS));
    boolean focus = headers.getMediaType().getParameters().containsKey("profile");
    return intake.takeAll(
        writer,
        http,
        body ->
            focus
                ? new FocusSource(
                    BodyReader.plain(body, coding),
                    reader,
                    config.maxRowCharacters(),
                    config.maxTemporaryBytes())
                : new CsvSource(BodyReader.plain(body, coding), reader, config.maxRowCharacters()));
  }

  private Writer writer(UriInfo request) {
    Writer writer = caller.writer();
    QueryParameters.of(request.getRequestUri().getRawQuery(), Set.of()).check();
    return writer;
  }
}

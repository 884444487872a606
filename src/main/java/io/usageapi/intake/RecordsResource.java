package io.usageapi.intake;

import io.smallrye.mutiny.Uni;
import io.usageapi.http.ApiRequest;
import io.usageapi.http.Prefer;
import io.usageapi.http.QueryParameters;
import io.usageapi.http.body.BodyReader;
import io.usageapi.http.body.TakenTypes;
import io.usageapi.intake.format.CsvSource;
import io.usageapi.intake.format.EntrySource;
import io.usageapi.intake.format.EventHeaders;
import io.usageapi.intake.format.JsonSource;
import io.usageapi.intake.format.NdjsonSource;
import io.usageapi.security.Caller;
import io.usageapi.security.Scope;
import io.usageapi.security.Writer;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.InputStream;
import java.util.Set;
import java.util.function.Function;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;

/** Usage records over HTTP (operation {@code postUsageRecords}). */
@Path("/express/usage/records")
public class RecordsResource {
  private static final int OK = 200;
  private static final int UNPROCESSABLE = 422;

  private final Caller caller;
  private final RecordIntake intake;
  private final RecordReader reader;
  private final IntakeConfig config;

  RecordsResource(Caller caller, RecordIntake intake, RecordReader reader, IntakeConfig config) {
    this.caller = caller;
    this.intake = intake;
    this.reader = reader;
    this.config = config;
  }

  /** Takes in the records of a JSON body, or the event in binary mode whose data it is. */
  @POST
  @RolesAllowed(Scope.USAGE_WRITE)
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  public Uni<RestResponse<IntakeResult>> json(@BeanParam ApiRequest request) {
    return EventHeaders.read(request.http().headers())
        .map(
            attributes ->
                takeJson(request, body -> JsonSource.ofEventData(body, attributes, reader)))
        .orElseGet(() -> takeJson(request, body -> JsonSource.ofRecords(body, reader)));
  }

  /** Takes in a CloudEvent in structured mode. */
  @POST
  @RolesAllowed(Scope.USAGE_WRITE)
  @Consumes("application/cloudevents+json")
  @Produces(MediaType.APPLICATION_JSON)
  public Uni<RestResponse<IntakeResult>> cloudEvent(@BeanParam ApiRequest request) {
    return takeJson(request, body -> JsonSource.ofEvent(body, reader));
  }

  /** Takes in the events of a CloudEvents batch. */
  @POST
  @RolesAllowed(Scope.USAGE_WRITE)
  @Consumes("application/cloudevents-batch+json")
  @Produces(MediaType.APPLICATION_JSON)
  public Uni<RestResponse<IntakeResult>> cloudEvents(@BeanParam ApiRequest request) {
    return takeJson(request, body -> JsonSource.ofEvents(body, reader));
  }

  /** Takes in the lines of an NDJSON body. */
  @POST
  @RolesAllowed(Scope.USAGE_WRITE)
  @Consumes({
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/x-jsonlines"
  })
  @Produces(MediaType.APPLICATION_JSON)
  public Uni<RestResponse<IntakeResult>> ndjson(@BeanParam ApiRequest request) {
    return takeLines(request, body -> new NdjsonSource(body, reader, config.maxLineBytes()));
  }

  /** Takes in the rows of a CSV body. */
  @POST
  @RolesAllowed(Scope.USAGE_WRITE)
  @Consumes("text/csv")
  @Produces(MediaType.APPLICATION_JSON)
  public Uni<RestResponse<IntakeResult>> csv(@BeanParam ApiRequest request) {
    return takeLines(request, body -> new CsvSource(body, reader, config.maxRowCharacters()));
  }

  private Uni<RestResponse<IntakeResult>> takeJson(
      ApiRequest request, Function<byte[], EntrySource> source) {
    return take(
        request, () -> {}, body -> source.apply(BodyReader.readWhole(body, config.maxJsonBytes())));
  }

  private Uni<RestResponse<IntakeResult>> takeLines(
      ApiRequest request, Function<InputStream, EntrySource> source) {
    return take(request, () -> refuseEvent(request.http()), source);
  }

  private Uni<RestResponse<IntakeResult>> take(
      ApiRequest request, Runnable check, Function<InputStream, EntrySource> source) {
    Writer writer = caller.writer();
    QueryParameters.of(request.rawQuery(), Set.of()).check();
    refuseFocus(request);
    check.run();
    BodyReader.Coding coding =
        BodyReader.coding(request.headers(), request.http().path(), Set.of());
    boolean strict = Prefer.isStrict(request.http().headers().getAll(Prefer.HEADER));
    return intake
        .takeAll(
            writer,
            request.http(),
            body ->
                source.apply(
                    coding == BodyReader.Coding.IDENTITY
                        ? BodyReader.requireNoGzip(body)
                        : BodyReader.plain(body, coding)))
        .map(result -> answer(result, strict));
  }

  private static RestResponse<IntakeResult> answer(IntakeResult result, boolean strict) {
    if (!strict) {
      return RestResponse.ok(result);
    }
    return ResponseBuilder.<IntakeResult>create(result.rejected() == 0 ? OK : UNPROCESSABLE)
        .entity(result)
        .header(Prefer.APPLIED, Prefer.STRICT)
        .build();
  }

  /** The data of an event in binary mode is JSON. */
  private static void refuseEvent(HttpServerRequest request) {
    if (EventHeaders.read(request.headers()).isPresent()) {
      throw TakenTypes.unsupported(
          request.path(),
          "The headers ce-… are those of a CloudEvent, whose data is application/json.");
    }
  }

  private static void refuseFocus(ApiRequest request) {
    MediaType type = request.headers().getMediaType();
    if (type != null && "focus".equals(type.getParameters().get("profile"))) {
      throw TakenTypes.unsupported(
          request.http().path(),
          "A FOCUS billing file is not a list of records: PUT it to /express/usage/imports/{id}.");
    }
  }
}

package io.usageapi.intake;

import io.smallrye.mutiny.Uni;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.http.ApiRequest;
import io.usageapi.http.QueryParameters;
import io.usageapi.http.body.BodyReader;
import io.usageapi.intake.format.CsvSource;
import io.usageapi.intake.format.EntrySource;
import io.usageapi.intake.format.JsonSource;
import io.usageapi.intake.format.NdjsonSource;
import io.usageapi.security.Caller;
import io.usageapi.security.Scope;
import io.usageapi.security.Writer;
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

/** Usage records over HTTP (operation {@code postUsageRecords}). */
@Path("/express/usage/records")
public class RecordsResource {
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

  /** Takes in the records of a JSON body. */
  @POST
  @RolesAllowed(Scope.USAGE_WRITE)
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  public Uni<IntakeResult> json(@BeanParam ApiRequest request) {
    return take(
        request,
        body -> JsonSource.ofRecords(BodyReader.readWhole(body, config.maxJsonBytes()), reader));
  }

  /** Takes in the events of a CloudEvents batch. */
  @POST
  @RolesAllowed(Scope.USAGE_WRITE)
  @Consumes("application/cloudevents-batch+json")
  @Produces(MediaType.APPLICATION_JSON)
  public Uni<IntakeResult> cloudEvents(@BeanParam ApiRequest request) {
    return take(
        request,
        body -> JsonSource.ofEvents(BodyReader.readWhole(body, config.maxJsonBytes()), reader));
  }

  /** Takes in the lines of an NDJSON body. */
  @POST
  @RolesAllowed(Scope.USAGE_WRITE)
  @Consumes("application/x-ndjson")
  @Produces(MediaType.APPLICATION_JSON)
  public Uni<IntakeResult> ndjson(@BeanParam ApiRequest request) {
    return take(request, body -> new NdjsonSource(body, reader, config.maxLineBytes()));
  }

  /** Takes in the rows of a CSV body. */
  @POST
  @RolesAllowed(Scope.USAGE_WRITE)
  @Consumes("text/csv")
  @Produces(MediaType.APPLICATION_JSON)
  public Uni<IntakeResult> csv(@BeanParam ApiRequest request) {
    return take(request, body -> new CsvSource(body, reader, config.maxRowCharacters()));
  }

  private Uni<IntakeResult> take(ApiRequest request, Function<InputStream, EntrySource> source) {
    Writer writer = caller.writer();
    QueryParameters.of(request.rawQuery(), Set.of()).check();
    refuseFocus(request.headers().getMediaType());
    BodyReader.Coding coding = BodyReader.coding(request.headers(), Set.of());
    return intake.takeAll(
        writer,
        request.http(),
        body ->
            source.apply(
                coding == BodyReader.Coding.IDENTITY
                    ? BodyReader.requireNoGzip(body)
                    : BodyReader.plain(body, coding)));
  }

  private static void refuseFocus(MediaType type) {
    if (type != null && "focus".equals(type.getParameters().get("profile"))) {
      throw ApiException.of(
          ErrorCode.UNSUPPORTED_MEDIA_TYPE,
          "A FOCUS billing file is not a list of records: PUT it to /express/usage/imports/{id}.");
    }
  }
}

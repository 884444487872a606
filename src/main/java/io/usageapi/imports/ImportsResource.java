package io.usageapi.imports;

import io.smallrye.mutiny.Uni;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.error.FieldError;
import io.usageapi.http.ApiRequest;
import io.usageapi.http.QueryParameters;
import io.usageapi.http.body.BodyReader;
import io.usageapi.http.body.TakenTypes;
import io.usageapi.intake.IntakeConfig;
import io.usageapi.intake.RecordReader;
import io.usageapi.security.Caller;
import io.usageapi.security.Scope;
import io.usageapi.security.Writer;
import io.usageapi.text.TextLimit;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Set;
import org.jboss.resteasy.reactive.RestPath;

/**
 * Billing files over HTTP (operations {@code putImport}, {@code getImport} and {@code
 * deleteImport}).
 */
@Path("/express/usage/imports/{id}")
public class ImportsResource {
  private static final String CSV = "text/csv";

  private final Caller caller;
  private final ImportIntake intake;
  private final RecordReader reader;
  private final IntakeConfig config;

  ImportsResource(Caller caller, ImportIntake intake, RecordReader reader, IntakeConfig config) {
    this.caller = caller;
    this.intake = intake;
    this.reader = reader;
    this.config = config;
  }

  /** Replaces what the import contributes by the rows of a file. */
  @PUT
  @RolesAllowed(Scope.USAGE_WRITE)
  @Consumes({
    CSV,
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/x-jsonlines"
  })
  @Produces(MediaType.APPLICATION_JSON)
  public Uni<ImportResult> put(@RestPath String id, @BeanParam ApiRequest request) {
    Writer writer = caller.writer();
    QueryParameters.of(request.rawQuery(), Set.of()).check();
    TextLimit.ID
        .problem(id)
        .ifPresent(
            problem -> {
              throw ApiException.of(
                  ErrorCode.INVALID_PARAMETER, List.of(new FieldError("id", problem)));
            });
    BodyReader.Coding coding =
        BodyReader.coding(request.headers(), request.http().path(), Set.of("focus"));
    FocusFile.Format format =
        request.headers().getMediaType().isCompatible(MediaType.valueOf(CSV))
            ? FocusFile.Format.CSV
            : FocusFile.Format.JSON_LINES;
    return intake.replace(
        writer,
        new ImportId(writer.boundTo(), id),
        request.http(),
        body -> FocusFile.open(body, coding, format, reader, config.maxRowCharacters()));
  }

  /** Refuses a file of another media type. */
  @PUT
  @RolesAllowed(Scope.USAGE_WRITE)
  @Consumes(MediaType.WILDCARD)
  @Produces(MediaType.APPLICATION_JSON)
  public Uni<ImportResult> other(@BeanParam ApiRequest request) {
    Writer unused = caller.writer();
    QueryParameters.of(request.rawQuery(), Set.of()).check();
    throw TakenTypes.unsupported(request.http().path(), "");
  }

  /** What the import contributes. */
  @GET
  @RolesAllowed(Scope.USAGE_WRITE)
  @Produces(MediaType.APPLICATION_JSON)
  public Uni<StoredImport> get(@RestPath String id, @BeanParam ApiRequest request) {
    return intake.one(existing(id, request));
  }

  /** Takes back what the import contributes. */
  @DELETE
  @RolesAllowed(Scope.USAGE_WRITE)
  @Produces(MediaType.APPLICATION_JSON)
  public Uni<ImportResult> delete(@RestPath String id, @BeanParam ApiRequest request) {
    Writer writer = caller.writer();
    return intake.remove(writer, existing(id, request));
  }

  private ImportId existing(String id, ApiRequest request) {
    Writer writer = caller.writer();
    QueryParameters.of(request.rawQuery(), Set.of()).check();
    if (TextLimit.ID.problem(id).isPresent()) {
      throw ApiException.of(ErrorCode.NOT_FOUND);
    }
    return new ImportId(writer.boundTo(), id);
  }
}

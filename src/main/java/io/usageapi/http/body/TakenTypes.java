package io.usageapi.http.body;

import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The media types that resources take, in words: a 415 names them. */
public final class TakenTypes {
  /** By the beginning of the path. */
  private static final Map<String, String> TAKEN =
      Map.of(
          "/express/usage/records",
          "Records are application/json, application/x-ndjson (also application/ndjson,"
              + " application/jsonl, application/x-jsonlines), text/csv,"
              + " application/cloudevents+json or application/cloudevents-batch+json.",
          "/express/usage/imports/",
          "A billing file is text/csv or application/x-ndjson (also application/ndjson,"
              + " application/jsonl, application/x-jsonlines), plain or gzip. Convert Parquet first,"
              + " for instance with DuckDB: COPY (FROM 'bill.parquet') TO 'bill.csv' (HEADER).",
          "/express/accounts/",
          "An account is application/json.");

  private TakenTypes() {}

  /**
   * 415 with the types that the resource at a path takes.
   *
   * @param problem a sentence that says what is wrong with the type, or nothing
   */
  public static ApiException unsupported(String path, String problem) {
    String taken =
        TAKEN.entrySet().stream()
            .filter(each -> path.startsWith(each.getKey()))
            .map(Map.Entry::getValue)
            .findFirst()
            .orElse("");
    String description =
        Stream.of(problem, taken).filter(text -> !text.isEmpty()).collect(Collectors.joining(" "));
    return description.isEmpty()
        ? ApiException.of(ErrorCode.UNSUPPORTED_MEDIA_TYPE)
        : ApiException.of(ErrorCode.UNSUPPORTED_MEDIA_TYPE, description);
  }
}

package io.usageapi.operation;

import static io.usageapi.fixture.RatedRecord.FOCUS_HEADER;
import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.path.json.JsonPath;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.PackagedServer;
import io.usageapi.fixture.TestPostgres;
import io.usageapi.fixture.Tokens;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A file whose distinct rows do not fit into the memory of the server. The drill is a million of
 * them: {@code -Dtest.usageapi.rows=1000000 -Dtest.usageapi.heap=96m}.
 */
@Tag("drill")
class LargeFileIT {
  private static final int ROWS = Integer.getInteger("test.usageapi.rows", 60_000);
  private static final int ROWS_OF_A_PIECE = 1_000;

  /** The server itself takes most of it; a count of each row would take some 100 bytes more. */
  private static final String HEAP = "-Xmx" + System.getProperty("test.usageapi.heap", "56m");

  @Test
  void a_file_of_distinct_rows_is_taken_with_a_heap_too_small_for_them() throws Exception {
    try (EmbeddedPostgres database = TestPostgres.start(0);
        PackagedServer server =
            PackagedServer.start(database.getPort(), HEAP, "-XX:+ExitOnOutOfMemoryError")) {
      HttpRequest put =
          HttpRequest.newBuilder(server.uri(Api.IMPORTS + "/large"))
              .header("Authorization", "Bearer " + Tokens.operator())
              .header("Content-Type", "text/csv")
              .PUT(BodyPublishers.ofByteArrays(LargeFileIT::file))
              .build();

      assertThat(changes(put)).isEqualTo(ROWS + " added, 0 unchanged");
      assertThat(changes(put)).isEqualTo("0 added, " + ROWS + " unchanged");
    }
  }

  private static String changes(HttpRequest put) throws Exception {
    HttpResponse<String> response = HttpClient.newHttpClient().send(put, BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    JsonPath result = JsonPath.from(response.body());
    return result.getLong("added") + " added, " + result.getLong("unchanged") + " unchanged";
  }

  /** Made while it is sent. */
  private static Iterator<byte[]> file() {
    return Stream.concat(
            Stream.of(FOCUS_HEADER),
            IntStream.range(0, ROWS / ROWS_OF_A_PIECE).mapToObj(LargeFileIT::piece))
        .map(text -> text.getBytes(StandardCharsets.UTF_8))
        .iterator();
  }

  private static String piece(int number) {
    return IntStream.range(number * ROWS_OF_A_PIECE, (number + 1) * ROWS_OF_A_PIECE)
        .mapToObj(i -> "big,,big-1,,sku,,,,2026-09-01T00:00:00Z,EUR,GB,," + i + ",1\n")
        .collect(Collectors.joining());
  }
}

import static io.gatling.javaapi.core.CoreDsl.atOnceUsers;
import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import io.gatling.javaapi.core.ScenarioBuilder;
import io.gatling.javaapi.core.Simulation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Requests at a constant rate, each sent when it is due and timed from then, whether or not those
 * before it were answered.
 */
public class ConstantRate extends Simulation {
  public ConstantRate() {
    Map<String, String> tokens = new HashMap<>();
    lines("bench.tokens").forEach(line -> tokens.put(line[0], line[1]));
    List<Map<String, Object>> requests =
        lines("bench.requests")
            .map(line -> Map.<String, Object>of("token", tokens.get(line[0]), "path", line[1]))
            .toList();
    Random random = new Random(1);
    Iterator<Map<String, Object>> feed =
        Stream.generate(() -> requests.get(random.nextInt(requests.size()))).iterator();
    ScenarioBuilder page =
        scenario("page")
            .feed(feed)
            .exec(
                http("page")
                    .get("#{path}")
                    .header("Authorization", "Bearer #{token}")
                    .check(status().is(200)));
    setUp(
            page.injectOpen(
                atOnceUsers(1),
                constantUsersPerSec(Double.parseDouble(System.getProperty("bench.rate")))
                    .during(Duration.ofSeconds(Long.getLong("bench.seconds")))))
        .protocols(http.baseUrl(System.getProperty("bench.url")).shareConnections());
  }

  private static Stream<String[]> lines(String property) {
    try {
      return Files.readAllLines(Path.of(System.getProperty(property))).stream()
          .map(line -> line.split(" "));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

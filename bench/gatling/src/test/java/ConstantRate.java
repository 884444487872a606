import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.details;
import static io.gatling.javaapi.core.CoreDsl.rampUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import io.gatling.javaapi.core.Assertion;
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
  private static final Duration WARM_UP = Duration.ofSeconds(40);

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
    double rate = Double.parseDouble(System.getProperty("bench.rate"));
    Duration measured = Duration.ofSeconds(Long.getLong("bench.seconds"));
    // By another name, so that it is not counted: what sends has to be compiled, too.
    setUp(
            pages("warm-up", feed)
                .injectOpen(rampUsersPerSec(1).to(rate).during(WARM_UP))
                .andThen(
                    pages("page", feed).injectOpen(constantUsersPerSec(rate).during(measured))))
        .protocols(http.baseUrl(System.getProperty("bench.url")).shareConnections())
        // They hold: what was found is printed with each.
        .assertions(
            details("page").allRequests().count().gt(0L),
            details("page").failedRequests().percent().lte(100.0),
            within(50.0),
            within(75.0),
            within(95.0),
            within(99.0),
            within(100.0));
  }

  private static Assertion within(double percentile) {
    return details("page").responseTime().percentile(percentile).lt(Integer.MAX_VALUE);
  }

  private static ScenarioBuilder pages(String name, Iterator<Map<String, Object>> feed) {
    return scenario(name)
        .feed(feed)
        .exec(
            http(name)
                .get("#{path}")
                .header("Authorization", "Bearer #{token}")
                .check(status().is(200)));
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

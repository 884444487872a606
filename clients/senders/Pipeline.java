import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sends records, one JSON object a line, in batches, and sends a batch again until it is answered.
 * The server counts a record once, so a batch whose answer was lost is sent again, too.
 *
 * <pre>java Pipeline.java http://localhost:8080 pipeline:demo &lt;records.ndjson</pre>
 *
 * Records that were rejected end up in {@code rejected.ndjson}, each behind its error.
 */
public final class Pipeline {
  private static final int BATCH = 1_000;
  private static final Duration FIRST_WAIT = Duration.ofMillis(250);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

  private static final Pattern COUNTS =
      Pattern.compile("\"accepted\":(\\d+),\"duplicates\":(\\d+),\"rejected\":(\\d+)");
  private static final Pattern ERROR = Pattern.compile("\\{\"index\":(\\d+),.*?\"fields\":\\[.*?]}");
  private static final Pattern TOKEN = Pattern.compile("\"access_token\":\"([^\"]+)\"");

  private final HttpClient http = HttpClient.newHttpClient();
  private final String server;
  private final String client;
  private final Path rejects;
  private String token;
  private long accepted;
  private long duplicates;
  private long rejected;
  private long retries;

  /**
   * @param server its address
   * @param client the id of the client at the identity provider, a colon and its secret
   * @param rejects where records go that were rejected
   */
  public Pipeline(String server, String client, Path rejects) {
    this.server = server;
    this.client = client;
    this.rejects = rejects;
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    Pipeline pipeline = new Pipeline(args[0], args[1], Path.of("rejected.ndjson"));
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    List<String> batch = new ArrayList<>();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      batch.add(line);
      if (batch.size() == BATCH) {
        pipeline.send(batch);
        batch.clear();
      }
    }
    if (!batch.isEmpty()) {
      pipeline.send(batch);
    }
    System.out.println(pipeline);
    System.exit(pipeline.rejected == 0 ? 0 : 1);
  }

  /** Sends a batch. When it returns, each record counts, or is among the rejected ones. */
  public void send(List<String> records) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        exchange(
            HttpRequest.newBuilder(URI.create(server + "/express/usage/records"))
                .header("Content-Type", "application/x-ndjson")
                .timeout(Duration.ofMinutes(2))
                .POST(BodyPublishers.ofString(String.join("\n", records) + "\n")));
    Matcher counts = COUNTS.matcher(answer.body());
    if (!counts.find()) {
      throw new IOException("not an answer of usage-api: " + answer.body());
    }
    List<MatchResult> errors = ERROR.matcher(answer.body()).results().toList();
    if (errors.size() < Long.parseLong(counts.group(3)) && records.size() > 1) {
      // The answer lists only the first errors. What counted already is a duplicate, which is success.
      int half = records.size() / 2;
      send(records.subList(0, half));
      send(records.subList(half, records.size()));
      return;
    }
    for (MatchResult error : errors) {
      Files.writeString(
          rejects,
          error.group() + " " + records.get(Integer.parseInt(error.group(1))) + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    }
    accepted += Long.parseLong(counts.group(1));
    duplicates += Long.parseLong(counts.group(2));
    rejected += Long.parseLong(counts.group(3));
  }

  /** Sends a request until it is answered by 200, or 422 for those who prefer it. */
  private HttpResponse<String> exchange(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    Duration wait = FIRST_WAIT;
    while (true) {
      Duration asked = Duration.ZERO;
      try {
        boolean fresh = token == null;
        if (fresh) {
          token = newToken();
        }
        HttpResponse<String> answer =
            http.send(
                request.setHeader("Authorization", "Bearer " + token).build(),
                BodyHandlers.ofString());
        int status = answer.statusCode();
        if (status == 200 || status == 422) {
          return answer;
        } else if (status == 401 && !fresh) {
          token = null; // It expired.
        } else if (status != 408 && status != 429 && status < 500) {
          throw new IllegalStateException(status + " " + answer.body());
        }
        asked =
            Duration.ofSeconds(answer.headers().firstValueAsLong("Retry-After").orElse(0));
      } catch (IOException e) {
        // There was no answer. The batch may count, or not: sent again, it counts once.
      }
      retries++;
      Duration longest = wait.compareTo(asked) > 0 ? wait : asked;
      // Not all senders at the same time.
      Thread.sleep(longest.toMillis() + ThreadLocalRandom.current().nextLong(wait.toMillis()));
      wait = wait.compareTo(LONGEST_WAIT) < 0 ? wait.multipliedBy(2) : wait;
    }
  }

  private String newToken() throws IOException, InterruptedException {
    String credentials =
        Base64.getEncoder().encodeToString(client.getBytes(StandardCharsets.UTF_8));
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(URI.create(server + "/oauth/token"))
                .header("Authorization", "Basic " + credentials)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString("grant_type=client_credentials"))
                .build(),
            BodyHandlers.ofString());
    Matcher found = TOKEN.matcher(answer.body());
    if (answer.statusCode() == 400 || answer.statusCode() == 401) {
      throw new IllegalStateException("no token for " + client.replaceFirst(":.*", ""));
    }
    if (!found.find()) {
      throw new IOException("no token: " + answer.statusCode());
    }
    return found.group(1);
  }

  @Override
  public String toString() {
    return "accepted=%d duplicates=%d rejected=%d retries=%d"
        .formatted(accepted, duplicates, rejected, retries);
  }
}

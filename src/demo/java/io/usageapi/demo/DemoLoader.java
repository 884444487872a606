package io.usageapi.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.usageapi.security.Scope;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Loads the demo's data over HTTP, like a pipeline would, and prints what to try next. */
@ApplicationScoped
public class DemoLoader {
  private static final Logger LOG = Logger.getLogger(DemoLoader.class);
  private static final int RECORDS_PER_BODY = 5_000;
  private static final Duration DEADLINE = Duration.ofMinutes(2);

  private final DemoTokens tokens;
  private final ObjectMapper json;
  private final String address;
  private final HttpClient http = HttpClient.newHttpClient();

  DemoLoader(
      DemoTokens tokens, ObjectMapper json, @ConfigProperty(name = "quarkus.http.port") int port) {
    this.tokens = tokens;
    this.json = json;
    this.address = "http://localhost:" + port;
  }

  /** Loads the data into this server and prints what to try. */
  void load() throws IOException, InterruptedException {
    load(address);
    sayWhatToTry();
  }

  /**
   * Loads the data; loading it again adds nothing.
   *
   * @param address the server to load it into
   */
  void load(String address) throws IOException, InterruptedException {
    String pipeline = tokens.sign(DemoClient.PIPELINE, DemoClient.PIPELINE.scopes());
    for (DemoData.Account account : DemoData.accounts()) {
      send(
          pipeline,
          "PUT",
          address + "/express/accounts/" + URLEncoder.encode(account.id(), StandardCharsets.UTF_8),
          account.body());
    }
    Iterator<Map<String, Object>> records = DemoData.records().iterator();
    int count = 0;
    while (records.hasNext()) {
      List<Map<String, Object>> body = new ArrayList<>();
      while (records.hasNext() && body.size() < RECORDS_PER_BODY) {
        body.add(records.next());
      }
      send(pipeline, "POST", address + "/express/usage/records", Map.of("records", body));
      count += body.size();
    }
    LOG.infof("Demo data loaded: %d accounts, %d records", DemoData.accounts().size(), count);
  }

  private void send(String token, String method, String target, Map<String, ?> body)
      throws IOException, InterruptedException {
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(URI.create(target))
                .timeout(DEADLINE)
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .method(
                    method, HttpRequest.BodyPublishers.ofByteArray(json.writeValueAsBytes(body)))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() > 201 || response.body().contains("\"errors\":[{")) {
      throw new IOException(target + " answered " + response.statusCode() + ": " + response.body());
    }
  }

  private void sayWhatToTry() {
    String reader = tokens.sign(DemoClient.RESELLER, Set.of(Scope.USAGE_READ, Scope.ACCOUNTS_READ));
    System.out.printf(
        """

        usage-api is running with demo data. To look at it: %s/explorer/

        To read a page of monthly usage:

        curl -H 'Authorization: Bearer %s' \\
          '%s/express/usage/month?per_page=2'

        Swagger UI: %s/q/swagger-ui
          Authorize there with client_id reseller, acme, globex or newcomer, and client_secret %s.
        Tokens: %s/oauth/token gives any organization its own;
          client_id pipeline may write for all of them.

        Ctrl-C stops it; its data goes with it.

        """,
        address, reader, address, address, DemoClient.SECRET, address);
  }
}

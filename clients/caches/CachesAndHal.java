import java.net.URI;
import java.nio.file.Files;
import java.util.Collection;
import java.util.Map;
import java.util.UUID;
import okhttp3.Cache;
import okhttp3.Credentials;
import okhttp3.FormBody;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.hateoas.CollectionModel;
import org.springframework.hateoas.EntityModel;
import org.springframework.hateoas.MediaTypes;
import org.springframework.hateoas.client.Traverson;
import org.springframework.http.HttpHeaders;

/** OkHttp's cache and Spring HATEOAS, as they come, against a demo server whose address is given. */
public class CachesAndHal {
  private static final String PAGE = "/express/usage/month?per_page=50";

  private final String server;
  private final OkHttpClient plain = new OkHttpClient();

  private CachesAndHal(String server) {
    this.server = server;
  }

  public static void main(String[] arguments) throws Exception {
    CachesAndHal here = new CachesAndHal(arguments[0]);
    here.okHttp();
    here.springHateoas();
  }

  private void okHttp() throws Exception {
    OkHttpClient cached =
        new OkHttpClient.Builder()
            .cache(new Cache(Files.createTempDirectory("cache").toFile(), 10_000_000))
            .build();
    String first = token("globex");
    String seen = read(cached, first) + " " + read(cached, first) + " " + read(cached, token("globex"));
    send("globex");
    seen += " " + read(cached, first) + " " + read(cached, token("reseller"));
    require("OkHttp", seen, "200 304 304 200 200");
  }

  /** The status that went over the wire. The client has the page in any case. */
  private String read(OkHttpClient client, String token) throws Exception {
    Request request =
        new Request.Builder().url(server + PAGE).header("Authorization", "Bearer " + token).build();
    try (Response response = client.newCall(request).execute()) {
      if (response.code() != 200 || !response.body().string().contains("\"count\":50")) {
        throw new AssertionError("not the page: " + response);
      }
      return Integer.toString(response.networkResponse().code());
    }
  }

  private void springHateoas() throws Exception {
    HttpHeaders headers = new HttpHeaders();
    headers.setBearerAuth(token("globex"));
    Traverson root = new Traverson(URI.create(server + "/express"), MediaTypes.HAL_JSON);
    Collection<EntityModel<Map<String, Object>>> second =
        root.follow("usage_by_month", "next")
            .withHeaders(headers)
            .toObject(
                new ParameterizedTypeReference<
                    CollectionModel<EntityModel<Map<String, Object>>>>() {})
            .getContent();
    EntityModel<Map<String, Object>> first = second.iterator().next();
    String records =
        root.follow("usage_by_month", "next", "$._embedded.usage[0]._links.records.href")
            .withHeaders(headers)
            .toObject("$._embedded.records.length()")
            .toString();
    require(
        "Spring HATEOAS",
        second.size()
            + " aggregates, the first at "
            + first.getRequiredLink("self").toUri().getPath().replaceAll("[0-9a-f]{32}", "{id}")
            + (Integer.parseInt(records) > 0 ? ", with records" : ", without records"),
        "50 aggregates, the first at /express/usage/month/{id}, with records");
  }

  private String token(String client) throws Exception {
    return text(
            new Request.Builder()
                .url(server + "/oauth/token")
                .header("Authorization", Credentials.basic(client, "demo"))
                .post(new FormBody.Builder().add("grant_type", "client_credentials").build()))
        .replaceAll(".*\"access_token\":\"([^\"]*)\".*", "$1");
  }

  private void send(String account) throws Exception {
    String record =
        """
        [{"id": "%s", "account_id": "%s", "product_id": "cached", "occurred_at": "2026-10-01T00:00:00Z",
          "type": "OTHER", "currency": "EUR", "unit": "OTHER", "number_of_units": 1, "total_amount": 1}]
        """
            .formatted(UUID.randomUUID(), account);
    String answer =
        text(
            new Request.Builder()
                .url(server + "/express/usage/records")
                .header("Authorization", "Bearer " + token("pipeline"))
                .post(RequestBody.create(record, MediaType.get("application/json"))));
    if (!answer.contains("\"accepted\":1")) {
      throw new AssertionError(answer);
    }
  }

  private String text(Request.Builder request) throws Exception {
    try (Response response = plain.newCall(request.build()).execute()) {
      return response.body().string();
    }
  }

  private static void require(String client, String seen, String expected) {
    System.out.println((seen.equals(expected) ? "ok    " : "FAILS ") + client + ": " + seen);
    if (!seen.equals(expected)) {
      System.exit(1);
    }
  }
}

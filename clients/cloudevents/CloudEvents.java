import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.core.data.PojoCloudEventData;
import io.cloudevents.core.message.MessageWriter;
import io.cloudevents.http.HttpMessageFactory;
import io.cloudevents.jackson.JsonFormat;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.UUID;
import java.util.function.BiConsumer;

/**
 * The CNCF's Java SDK, as it comes, against a demo server: {@code clients/cloudevents/java
 * http://localhost:8080}.
 */
public class CloudEvents {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static String base;

  public static void main(String[] args) throws Exception {
    base = args.length > 0 ? args[0] : "http://localhost:8080";
    String account = "events-" + UUID.randomUUID();
    send(
        HttpRequest.newBuilder(URI.create(base + "/express/accounts/" + account))
            .header("Authorization", "Bearer " + token("pipeline"))
            .header("Content-Type", "application/json")
            .PUT(BodyPublishers.ofString("{\"organization_id\":\"" + account + "\"}")));
    String token = token(account);
    String data =
        """
        {"account_id":"%s","product_id":"voice","type":"CALL","currency":"EUR","unit":"MINUTES",
         "number_of_units":16777217,"total_amount":0.1}"""
            .formatted(account);

    show("writeBinary", token, event("1", data).build(), true, "\"accepted\":1");
    show("writeStructured, the same", token, event("1", data).build(), false, "\"duplicates\":1");
    CloudEvent odd = event("e 1 %41 é", data).withSubject("ä").build();
    show("binary, an id beyond ASCII", token, odd, true, "");
    show("the same, structured", token, odd, false, "");
    CloudEvent pojo =
        CloudEventBuilder.v1(event("2", data).build())
            .withData("application/json", PojoCloudEventData.wrap(data, text -> text.getBytes(StandardCharsets.UTF_8)))
            .build();
    show("structured, of an object", token, pojo, false, "\"accepted\":1");
    CloudEvent untyped = event("3", data).withDataContentType(null).build();
    show("structured, without a type of its data", token, untyped, false, "\"accepted\":1");
  }

  private static CloudEventBuilder event(String id, String data) {
    return CloudEventBuilder.v1()
        .withSource(URI.create("/meter/eu-2"))
        .withId(id)
        .withType("com.example.usage.rated")
        .withTime(OffsetDateTime.parse("2026-10-01T12:00:00Z"))
        .withData("application/json", data.getBytes(StandardCharsets.UTF_8));
  }

  private static void show(
      String name, String token, CloudEvent event, boolean binary, String expected)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + "/express/usage/records"))
            .header("Authorization", "Bearer " + token);
    BiConsumer<String, String> header = request::header;
    MessageWriter<?, ?> writer =
        HttpMessageFactory.createWriter(
            header, body -> request.POST(BodyPublishers.ofByteArray(body)));
    if (binary) {
      writer.writeBinary(event);
    } else {
      writer.writeStructured(event, new JsonFormat());
    }
    String answer = send(request);
    System.out.println(name + ": " + answer);
    if (!answer.contains(expected)) {
      throw new IllegalStateException("expected " + expected);
    }
  }

  private static String token(String client) throws Exception {
    String basic = Base64.getEncoder().encodeToString((client + ":demo").getBytes());
    return send(
            HttpRequest.newBuilder(URI.create(base + "/oauth/token"))
                .header("Authorization", "Basic " + basic)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString("grant_type=client_credentials")))
        .replaceFirst("(?s).*\"access_token\":\"([^\"]*)\".*", "$1");
  }

  private static String send(HttpRequest.Builder request) throws Exception {
    return HTTP.send(request.build(), BodyHandlers.ofString()).body();
  }
}

package io.usageapi.attack;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.path.json.JsonPath;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.RawRequest;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Bodies that are gzip in an odd way, and bodies that hold too much of something. */
@Tag("attack")
class ParsingAttackIT {
  @RegisterExtension
  static final Siege SIEGE = Siege.with("usage-api.imports.max-per-organization=4");

  private static final String JSON = "application/json";
  private static final String NDJSON = "application/x-ndjson";
  private static final String EVENTS = "application/cloudevents-batch+json";

  /** What a JSON body holds at most, less what the tests put around it. */
  private static final int MOST = 16 * 1024 * 1024 - 1_000;

  /** Some batches of records. */
  private static final int LINES = 5_000;

  /** As many bodies as one organization may send at once. */
  private static final int AT_ONCE = 4;

  private final Tenant attacker = SIEGE.attacker();

  @Test
  void a_member_that_comes_a_second_after_the_other_counts() throws Exception {
    byte[] first = gzip(attacker.usage().json() + "\n");
    byte[] second = gzip(attacker.usage().json() + "\n");

    RawRequest.Response answer =
        zipped(NDJSON, joined(first, second))
            .sendInPackets(SIEGE.server(), Duration.ofSeconds(1), first.length);

    SIEGE.tried();
    assertThat(answer.status()).isEqualTo(200);
    assertThat(JsonPath.from(answer.text()).getInt("accepted")).isEqualTo(2);
    attacker.accepted(2);
  }

  @Test
  void what_is_no_member_is_refused_when_it_comes_late_and_what_was_committed_stays()
      throws Exception {
    // More than a batch, so that some of it is committed.
    byte[] lines = gzip(lines(LINES));
    byte[] second = gzip(attacker.usage().json());
    byte[] cut = Arrays.copyOf(second, second.length - 1);
    byte[] wrong = second.clone();
    wrong[second.length - 5]++;
    for (byte[] bad : List.of("garbage".getBytes(UTF_8), new byte[1], cut, wrong)) {
      RawRequest.Response answer =
          zipped(NDJSON, joined(lines, bad))
              .sendInPackets(SIEGE.server(), Duration.ofMillis(500), lines.length);

      SIEGE.tried();
      assertThat(answer.status()).isEqualTo(400);
      JsonPath error = JsonPath.from(answer.text());
      assertThat(error.getString("code")).isEqualTo("invalid_body");
      assertThat(error.getString("description"))
          .contains("line ")
          .contains("sending it all again is safe");
    }
    RawRequest.Response whole = zipped(NDJSON, lines).send(SIEGE.server());
    JsonPath result = JsonPath.from(whole.text());
    assertThat(result.getInt("accepted") + result.getInt("duplicates")).isEqualTo(LINES);
    assertThat(result.getInt("duplicates")).isPositive();
    assertThat(attacker.units()).isEqualTo(LINES);
  }

  @Test
  void wherever_two_members_are_cut_both_count() throws Exception {
    for (int from = -12; from <= 12; from++) {
      byte[] first = gzip(attacker.usage().json() + "\n");
      byte[] both = joined(first, gzip(attacker.usage().json()));
      int cut = first.length + from;

      RawRequest.Response answer =
          zipped(NDJSON, both).sendInPackets(SIEGE.server(), Duration.ofMillis(30), cut, cut + 1);

      SIEGE.tried();
      assertThat(answer.status()).as("cut at %d: %s", from, answer.text()).isEqualTo(200);
      assertThat(JsonPath.from(answer.text()).getInt("accepted")).isEqualTo(2);
      attacker.accepted(2);
    }
  }

  @Test
  void a_record_of_a_million_members_is_rejected_and_kept_by_nobody() throws Exception {
    StringBuilder members = new StringBuilder("{\"id\":\"wide\"");
    Random random = new Random(4);
    while (members.length() < MOST) {
      members.append(",\"").append(Integer.toString(46_656 + random.nextInt(1_600_000), 36));
      members.append("\":1");
    }
    String wide = members.append('}').toString();
    byte[] record = gzip("{\"records\":[" + wide + "]}");
    byte[] event = gzip("[{\"data\":" + wide + "}]");

    for (int round = 0; round < Siege.ROUNDS; round++) {
      for (RawRequest.Response answer : atOnce(() -> zipped(JSON, record))) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.text()).contains("\"id\":\"wide\"", "has more than 64 members");
      }
      for (RawRequest.Response answer : atOnce(() -> zipped(EVENTS, event))) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.text()).contains("\"data\"", "has more than 64 members");
      }
    }
    SIEGE.recovers(attacker);
  }

  @Test
  void ten_thousand_records_that_are_wrong_in_every_way_are_counted() throws Exception {
    String wrong =
        IntStream.range(0, 55)
            .mapToObj(i -> "\"unknown-" + i + "-" + "x".repeat(11) + "\":1")
            .collect(Collectors.joining(",", "{", "},"));
    String all = wrong.repeat(10_000);
    byte[] body = ("{\"records\":[" + all.substring(0, all.length() - 1) + "]}").getBytes(UTF_8);

    for (RawRequest.Response answer : atOnce(() -> attacker.post(JSON, "").body(body))) {
      assertThat(answer.status()).as(answer.text()).isEqualTo(200);
      assertThat(JsonPath.from(answer.text()).getInt("rejected")).isEqualTo(10_000);
      assertThat(answer.body()).hasSizeLessThan(500_000);
    }
  }

  @Test
  void the_largest_records_that_are_valid_fit_too() throws Exception {
    String largest =
        attacker
            .usage()
            .account("nobody's")
            .with("description", noise(500))
            .with("product_id", noise(128))
            .with("aggr_product_id", noise(128))
            .with("wallet_name", noise(128))
            .json();
    String all =
        IntStream.range(0, 10_000)
            .mapToObj(i -> largest.replace("nobody's", "nobody's-" + i))
            .collect(Collectors.joining(","));
    byte[] body = ("{\"records\":[" + all + "]}").getBytes(UTF_8);

    for (RawRequest.Response answer : atOnce(() -> attacker.post(JSON, "").body(body))) {
      assertThat(answer.status()).as(answer.text()).isEqualTo(200);
      assertThat(JsonPath.from(answer.text()).getInt("rejected")).isEqualTo(10_000);
    }
  }

  @Test
  void a_number_a_text_and_a_name_without_end_end_their_body() throws Exception {
    for (String value :
        List.of(
            "{\"price\":" + "9".repeat(MOST) + "}",
            "{\"description\":\"" + noise(1_000).repeat(MOST / 1_000) + "\"}",
            "{\"" + "n".repeat(MOST) + "\":1}")) {
      byte[] body = ("{\"records\":[" + value + "]}").getBytes(UTF_8);
      for (RawRequest.Response answer : atOnce(() -> attacker.post(JSON, "").body(body))) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(413);
      }
    }
  }

  @Test
  void headers_and_accounts_of_any_number_of_names_are_refused_in_few_words() throws Exception {
    String columns = names(30_000, "c%d");
    String members = names(5_000, "\"m%d\":1");
    List<Supplier<RawRequest>> requests =
        List.of(
            () -> attacker.post("text/csv", columns + "\n"),
            () -> attacker.put("columns", columns + "\n"),
            () ->
                RawRequest.of("PUT", Api.ACCOUNTS + "/" + attacker.account())
                    .token(attacker.writer())
                    .body(JSON, "{" + members + "}"));

    for (Supplier<RawRequest> request : requests) {
      for (RawRequest.Response answer : atOnce(request)) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.body()).hasSizeLessThan(1_000);
      }
    }
  }

  private static String names(int count, String form) {
    return IntStream.range(0, count).mapToObj(form::formatted).collect(Collectors.joining(","));
  }

  private String lines(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> attacker.usage().json() + "\n")
        .collect(Collectors.joining());
  }

  private List<RawRequest.Response> atOnce(Supplier<RawRequest> request) throws Exception {
    ExecutorService senders = Executors.newFixedThreadPool(AT_ONCE);
    try {
      List<Callable<RawRequest.Response>> sends = new ArrayList<>();
      for (int i = 0; i < AT_ONCE; i++) {
        sends.add(() -> request.get().send(SIEGE.server()));
      }
      List<RawRequest.Response> answers = new ArrayList<>();
      for (Future<RawRequest.Response> sent : senders.invokeAll(sends)) {
        answers.add(sent.get());
        SIEGE.tried();
      }
      return answers;
    } finally {
      senders.shutdown();
    }
  }

  private RawRequest zipped(String type, byte[] body) {
    return attacker.post(type, "").header("Content-Encoding", "gzip").body(body);
  }

  private static String noise(int length) {
    return new Random(length)
        .ints(length, 'a', 'z' + 1)
        .mapToObj(Character::toString)
        .collect(Collectors.joining());
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static byte[] gzip(String text) {
    return RawRequest.gzip(text.getBytes(ISO_8859_1));
  }
}

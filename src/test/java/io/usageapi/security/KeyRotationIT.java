package io.usageapi.security;

import static io.usageapi.fixture.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.usageapi.demo.DemoKeys;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.KeyServer;
import io.usageapi.fixture.OwnServer;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.Tokens;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.PublicJsonWebKey;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An identity provider that changes its keys, or is away. {@code KeycloakIT} asks a real one. */
@Tag("drill")
class KeyRotationIT {
  private static final KeyServer KEYS = new KeyServer(0);

  /** Verified tokens are remembered for much longer than keys are. */
  @RegisterExtension
  static final OwnServer SERVER =
      OwnServer.with(
          OwnServer.keysAt(KEYS, "usage-api.key-refresh=1s", "usage-api.token-cache=1h"));

  private final HttpClient http = HttpClient.newHttpClient();
  private final String provider = KEYS.address();

  private final URI server = SERVER.uri();

  @AfterAll
  static void the_provider_ends() {
    KEYS.close();
  }

  /** A key of the provider's. */
  private record Key(String id, KeyPair pair) {
    static Key anew() {
      return new Key(UUID.randomUUID().toString(), DemoKeys.generate());
    }

    /** Another each time. */
    String token() {
      return Tokens.claims(Scope.USAGE_READ)
          .claim("org_id", "acme")
          .claim("jti", UUID.randomUUID().toString())
          .jws()
          .keyId(id)
          .sign(pair.getPrivate());
    }
  }

  @AfterEach
  void the_provider_answers() throws Exception {
    assertThat(provider("/release", "")).isEqualTo("released");
  }

  @Test
  void a_new_key_works_at_once() throws Exception {
    Key first = Key.anew();
    Key second = Key.anew();
    publish(first);
    assertThat(ask(first.token())).isEqualTo(200);

    publish(first, second);

    assertThat(ask(second.token())).isEqualTo(200);
    assertThat(ask(first.token())).isEqualTo(200);
  }

  @Test
  void a_withdrawn_key_stops_working_for_tokens_that_were_verified_before_too() throws Exception {
    Key first = Key.anew();
    Key second = Key.anew();
    publish(first, second);
    String token = first.token();
    assertThat(ask(token)).isEqualTo(200);

    publish(second);

    eventually("the key is withdrawn", () -> ask(token) == 401);
    assertThat(ask(first.token())).isEqualTo(401);
    assertThat(ask(second.token())).isEqualTo(200);
  }

  @Test
  void while_the_provider_does_not_answer_known_keys_serve_and_others_are_503() throws Exception {
    Key known = Key.anew();
    publish(known);
    assertThat(ask(known.token())).isEqualTo(200);

    assertThat(provider("/hold", "")).isEqualTo("held");

    eventually("the keys are asked for again", () -> !provider("/waiting", "").equals("0"));
    assertThat(ask(known.token())).isEqualTo(200);
    assertThat(ask(Key.anew().token())).isEqualTo(503);
    assertThat(ask(known.token())).isEqualTo(200);
  }

  @Test
  void a_provider_that_never_answered_a_request_is_asked_again() throws Exception {
    Key known = Key.anew();
    publish(known);
    assertThat(ask(known.token())).isEqualTo(200);
    assertThat(provider("/hold", "")).isEqualTo("held");
    eventually("the keys are asked for again", () -> !provider("/waiting", "").equals("0"));

    assertThat(provider("/forget", "")).isEqualTo("forgotten");
    Key second = Key.anew();
    publish(known, second);

    eventually("the new key works", () -> ask(second.token()) == 200);
  }

  @Test
  void an_answer_that_is_no_key_set_changes_nothing() throws Exception {
    Key known = Key.anew();
    publish(known);
    assertThat(ask(known.token())).isEqualTo(200);

    assertThat(provider("/keys", "<html>Down for maintenance</html>")).isEqualTo("changed");
    int before = asked();

    eventually("they are asked for twice more", () -> asked() > before + 2);
    assertThat(ask(known.token())).isEqualTo(200);
  }

  @Test
  void tokens_with_made_up_keys_do_not_make_the_provider_be_asked_for_each() throws Exception {
    Key known = Key.anew();
    publish(known);
    assertThat(ask(known.token())).isEqualTo(200);
    int before = asked();
    long start = System.nanoTime();

    List<CompletableFuture<HttpResponse<Void>>> answers = new ArrayList<>();
    Key madeUp = Key.anew();
    for (int i = 0; i < 60; i++) {
      answers.add(
          http.sendAsync(
              page(new Key("made-up-" + i, madeUp.pair()).token()), BodyHandlers.discarding()));
    }

    for (CompletableFuture<HttpResponse<Void>> answer : answers) {
      assertThat(answer.get(60, TimeUnit.SECONDS).statusCode()).isEqualTo(401);
    }
    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
    assertThat(asked() - before).isLessThanOrEqualTo((int) seconds + 3).isLessThan(60);
  }

  private int ask(String token) throws IOException, InterruptedException {
    return http.send(page(token), BodyHandlers.discarding()).statusCode();
  }

  private HttpRequest page(String token) {
    return RawRequest.get(Api.USAGE).token(token).http(server);
  }

  private int asked() throws IOException, InterruptedException {
    return Integer.parseInt(provider("/asked", ""));
  }

  private void publish(Key... keys) throws Exception {
    JsonWebKeySet set = new JsonWebKeySet();
    for (Key key : keys) {
      PublicJsonWebKey jwk = PublicJsonWebKey.Factory.newPublicJwk(key.pair().getPublic());
      jwk.setKeyId(key.id());
      set.addJsonWebKey(jwk);
    }
    String text = set.toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY);
    assertThat(provider("/keys", text)).isEqualTo("changed");
  }

  private String provider(String path, String body) throws IOException, InterruptedException {
    return http.send(
            HttpRequest.newBuilder(URI.create(provider + path))
                .POST(BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofString())
        .body();
  }
}

package io.usageapi.http.body;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Over a socket, as only a connection knows how a body can go wrong. */
class ArrivingBodyTest {
  private static final int FOR_EVER = 30;

  private final Vertx vertx = Vertx.vertx();
  private final CompletableFuture<ArrivingBody> opened = new CompletableFuture<>();
  private Duration patience = Duration.ofSeconds(FOR_EVER);
  private boolean open = true;
  private HttpServer server;
  private Socket client;

  @BeforeEach
  void a_server_that_opens_bodies() throws Exception {
    server =
        vertx
            .createHttpServer()
            .requestHandler(
                request -> {
                  request.pause();
                  if (open) {
                    opened.complete(ArrivingBody.open(request, new Patience(patience, 4096)));
                  } else {
                    // Where it hung up in between.
                    request
                        .response()
                        .closeHandler(
                            gone ->
                                opened.complete(
                                    ArrivingBody.open(request, new Patience(patience, 4096))));
                  }
                })
            .listen(0)
            .toCompletionStage()
            .toCompletableFuture()
            .get(FOR_EVER, TimeUnit.SECONDS);
    client = new Socket("localhost", server.actualPort());
  }

  @AfterEach
  void all_ends() throws Exception {
    client.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(FOR_EVER, TimeUnit.SECONDS);
  }

  @Test
  void a_body_is_read_to_its_end() throws Exception {
    byte[] all = new byte[1_000_000];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) (i % 251);
    }
    send("Content-Length: " + all.length + "\r\n\r\n");
    CompletableFuture<Void> sending =
        CompletableFuture.runAsync(
            () -> {
              try {
                client.getOutputStream().write(all);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });

    assertThat(body().readAllBytes()).isEqualTo(all);
    sending.get(FOR_EVER, TimeUnit.SECONDS);
    assertThat(body().read()).isEqualTo(-1);
  }

  @Test
  void a_request_without_a_body_has_an_empty_one() throws Exception {
    send("Content-Length: 0\r\n\r\n");

    assertThat(body().readAllBytes()).isEmpty();
  }

  @Test
  void what_is_not_asked_for_stays_with_the_client() throws Exception {
    send("Content-Length: 1000000000\r\n\r\n");
    InputStream body = body();
    CompletableFuture<Long> sending = CompletableFuture.supplyAsync(this::sendUntilItIsFull);

    assertThat(sending).failsWithin(Duration.ofSeconds(2));
    assertThat(body.readNBytes(100_000_000)).hasSize(100_000_000);
  }

  /** For ever, when it is full. */
  private long sendUntilItIsFull() {
    byte[] some = new byte[1_000_000];
    long sent = 0;
    try {
      OutputStream out = client.getOutputStream();
      while (sent < 1_000_000_000) {
        out.write(some);
        sent += some.length;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sent;
  }

  @Test
  void a_body_that_breaks_off_fails() throws Exception {
    send("Content-Length: 10\r\n\r\n12345");
    InputStream body = body();
    assertThat(body.readNBytes(5)).hasSize(5);

    client.close();

    assertThatThrownBy(body::read).isInstanceOf(IOException.class);
  }

  @Test
  void malformed_chunks_fail() throws Exception {
    send("Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\nno number\r\n");

    assertThatThrownBy(() -> body().readAllBytes()).isInstanceOf(IOException.class);
  }

  @Test
  void the_body_of_a_client_that_was_gone_before_it_was_opened_fails() throws Exception {
    open = false;
    send("Content-Length: 10\r\n\r\n12345");

    client.close();

    assertThatThrownBy(() -> body().read()).isInstanceOf(IOException.class);
  }

  @Test
  void a_client_that_does_not_go_on_is_408() throws Exception {
    patience = Duration.ofMillis(200);
    send("Content-Length: 10\r\n\r\n12345");

    assertThatThrownBy(() -> body().readAllBytes())
        .isInstanceOfSatisfying(
            ApiException.class,
            e -> assertThat(e.body().code()).isEqualTo(ErrorCode.REQUEST_TIMEOUT));
  }

  @Test
  void closing_it_ends_a_read_that_waits() throws Exception {
    send("Content-Length: 10\r\n\r\n12345");
    InputStream body = body();
    assertThat(body.readNBytes(5)).hasSize(5);
    CompletableFuture<Throwable> read =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return new AssertionError("read " + body.read());
              } catch (IOException e) {
                return e;
              }
            });

    body.close();

    assertThat(read.get(FOR_EVER, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
  }

  @Test
  void a_client_that_waits_to_be_told_to_go_on_is_told_so() throws Exception {
    send("Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    InputStream body = body();

    byte[] line = client.getInputStream().readNBytes("HTTP/1.1 100".length());
    assertThat(new String(line, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 100");

    client.getOutputStream().write("12345".getBytes(StandardCharsets.US_ASCII));
    assertThat(body.readAllBytes()).hasSize(5);
  }

  private void send(String headers) throws IOException {
    client
        .getOutputStream()
        .write(
            ("POST / HTTP/1.1\r\nHost: localhost\r\n" + headers)
                .getBytes(StandardCharsets.US_ASCII));
  }

  private ArrivingBody body() throws Exception {
    return opened.get(FOR_EVER, TimeUnit.SECONDS);
  }
}

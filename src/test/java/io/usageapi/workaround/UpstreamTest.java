package io.usageapi.workaround;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.usageapi.config.FilterOrder;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.RawRequest;
import io.usageapi.fixture.ServerResource;
import io.usageapi.fixture.Tokens;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.ws.rs.container.ContainerResponseContext;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the framework does without the workarounds. A test that fails says that one may go. */
@QuarkusTest
@QuarkusTestResource(ServerResource.class)
class UpstreamTest {
  /** What answers had before the workarounds changed them. */
  private static final List<String> BARE = new CopyOnWriteArrayList<>();

  @TestHTTPResource URI server;

  /** Sees answers before the filters of the server do. */
  @ApplicationScoped
  public static class Bare {
    void register(@Observes Filters filters) {
      // Its handler of headers is added after that of HeadResponses, and so is called before it.
      filters.register(Bare::watch, FilterOrder.HEAD_RESPONSES - 1);
    }

    private static void watch(RoutingContext context) {
      if (context.request().method().equals(HttpMethod.HEAD)) {
        int unused =
            context.addHeadersEndHandler(
                end -> BARE.add("HEAD " + context.response().headers().get("Content-Encoding")));
      }
      context.next();
    }

    /** Answers pass the filter with the greatest number first. */
    @ServerResponseFilter(priority = FilterOrder.ANSWERS + 1)
    public void watch(ContainerResponseContext response) {
      if (response.getStatus() == 405) {
        BARE.add("405 " + response.getHeaderString("Allow"));
      }
    }
  }

  @BeforeEach
  void nothing_seen() {
    BARE.clear();
  }

  @Test
  void a_405_has_no_allow() {
    RawRequest.Response response =
        RawRequest.of("DELETE", Api.USAGE).token(Tokens.reader("acme")).send(server);

    assertThat(response.status()).isEqualTo(405);
    assertThat(response.header("Allow")).isPresent();
    assertThat(BARE).as("AllowHeader is needed").contains("405 null");
  }

  @Test
  void an_answer_to_head_says_it_is_not_compressed() {
    RawRequest.Response response = RawRequest.of("HEAD", "/nothing-here").send(server);

    assertThat(response.header("Content-Encoding")).isEmpty();
    assertThat(BARE).as("HeadResponses is needed").contains("HEAD identity");
  }

  @Test
  void any_number_of_headers_is_read() {
    EmbeddedChannel channel =
        new EmbeddedChannel(
            new HttpRequestDecoder(new HttpDecoderConfig().setMaxHeaderSize(65_536)));
    String head = "GET / HTTP/1.1\r\n" + "a:b\r\n".repeat(10_000) + "\r\n";

    assertThat(channel.writeInbound(Unpooled.copiedBuffer(head, StandardCharsets.US_ASCII)))
        .isTrue();
    HttpRequest request = channel.readInbound();

    assertThat(request.decoderResult().isSuccess()).as("HeadDecoder is needed").isTrue();
    assertThat(request.headers().size()).isEqualTo(10_000);
  }
}

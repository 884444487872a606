package io.usageapi.operation;

import static org.hamcrest.Matchers.anyOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import io.usageapi.fixture.Api;
import io.usageapi.fixture.OwnServer;
import io.usageapi.fixture.Tokens;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Behind a proxy that is trusted, asked by pages of one origin, with the documents and the explorer
 * turned off.
 */
@Tag("drill")
class BehindProxyIT {
  private static final String ORIGIN = "https://app.example.com";

  /** The settings the README names. */
  @RegisterExtension
  static final OwnServer SERVER =
      OwnServer.with(
          "quarkus.http.proxy.proxy-address-forwarding=true",
          "quarkus.http.proxy.allow-x-forwarded=true",
          "quarkus.http.proxy.enable-forwarded-host=true",
          "quarkus.http.proxy.trusted-proxies=127.0.0.1,::1,localhost",
          "quarkus.http.cors.enabled=true",
          "quarkus.http.cors.origins=" + ORIGIN,
          "quarkus.http.cors.methods=GET",
          "quarkus.swagger-ui.enabled=false",
          "quarkus.smallrye-openapi.enabled=false",
          "usage-api.explorer.enabled=false");

  @Test
  void links_are_those_the_trusted_proxy_was_asked_for() {
    Api.as(Tokens.reader("acme"))
        .header("X-Forwarded-Proto", "https")
        .header("X-Forwarded-Host", "usage.example.com")
        .get(Api.USAGE)
        .then()
        .statusCode(200)
        .body("self.href", startsWith("https://usage.example.com/express/usage/month"));
  }

  @Test
  void the_explorer_is_turned_off_by_a_setting() {
    for (String path :
        List.of("/explorer", "/explorer/", "/explorer/main.js", "/explorer/settings")) {
      Api.anonymous().get(path).then().statusCode(404).body("code", equalTo("not_found"));
    }
    Api.anonymous()
        .redirects()
        .follow(false)
        .get("/")
        .then()
        .statusCode(302)
        .header("Location", "express");
    Api.anonymous()
        .get("/")
        .then()
        .statusCode(200)
        .body("_links.self.href", endsWith("/express"))
        .body("_links", not(anyOf(hasKey("explorer"), hasKey("openapi"))));
  }

  @Test
  void the_documents_are_turned_off_by_settings() {
    for (String path : List.of("/q/openapi", "/q/swagger-ui/")) {
      Api.anonymous().get(path).then().statusCode(404);
    }
  }

  @Test
  void pages_of_the_configured_origin_may_ask_and_of_no_other() {
    Api.as(Tokens.reader("acme"))
        .header("Origin", ORIGIN)
        .get(Api.USAGE)
        .then()
        .statusCode(200)
        .header("Access-Control-Allow-Origin", ORIGIN);
    Api.anonymous()
        .header("Origin", ORIGIN)
        .header("Access-Control-Request-Method", "GET")
        .header("Access-Control-Request-Headers", "Authorization")
        .options(Api.USAGE)
        .then()
        .statusCode(200)
        .header("Access-Control-Allow-Origin", ORIGIN)
        .header("Access-Control-Allow-Headers", containsString("Authorization"));
    Api.as(Tokens.reader("acme"))
        .header("Origin", "https://elsewhere.example.com")
        .get(Api.USAGE)
        .then()
        .header("Access-Control-Allow-Origin", nullValue());
  }
}

package io.usageapi.explorer;

import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.inject.Singleton;
import java.net.URI;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The content security policy of the explorer. Everything comes from this server, and nothing
 * stands in the markup. The settings open it for the OpenID provider, the logo and the portals that
 * frame the page, and for nobody else.
 */
@Singleton // made with ExplorerPages at the start, so that bad settings stop it
public class ExplorerPolicy {
  private static final String ISSUER = "usage-api.explorer.openid.issuer";
  private static final String CLIENT = "usage-api.explorer.openid.client-id";

  private final String header;

  ExplorerPolicy(ExplorerConfig config, Brand brand) {
    ExplorerConfig.OpenId openId = config.openid();
    if (openId.issuer().isPresent() != openId.clientId().isPresent()) {
      String missing = openId.issuer().isPresent() ? CLIENT : ISSUER;
      throw new ConfigurationException(
          missing + " is not set: signing in by OpenID Connect needs both issuer and client-id",
          Set.of(missing));
    }
    this.header =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src"
            + sources(brand.logoAddress().filter(logo -> logo.contains("://")).stream())
            + "; connect-src"
            + sources(Stream.of(openId.issuer(), openId.tokenOrigin()).flatMap(Optional::stream))
            + "; base-uri 'none'; form-action 'none'; frame-ancestors "
            + config.embedOrigins().map(origins -> String.join(" ", origins)).orElse("'none'");
  }

  /** This server, and the origins of some addresses. */
  private static String sources(Stream<String> addresses) {
    return Stream.concat(Stream.of("'self'"), addresses.map(ExplorerPolicy::origin))
        .distinct()
        .collect(Collectors.joining(" ", " ", ""));
  }

  private static String origin(String address) {
    URI uri = URI.create(address);
    return uri.getScheme() + "://" + uri.getAuthority();
  }

  /** The value of the header. */
  String header() {
    return header;
  }
}

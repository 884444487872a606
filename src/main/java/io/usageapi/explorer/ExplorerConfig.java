package io.usageapi.explorer;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.Optional;

/** Settings of the explorer. */
@ConfigMapping(prefix = "usage-api.explorer")
public interface ExplorerConfig {
  /** An origin as browsers write it. It goes into a header, so it holds nothing else. */
  String ORIGIN = "https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[1-9][0-9]{0,4})?";

  /** An address whose origin goes into a header. */
  String SECURE_ADDRESS =
      "(https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?|http://(localhost|127\\.0\\.0\\.1))"
          + "(:[1-9][0-9]{0,4})?(/[^?#\\s]*)?";

  /** A colour of six hexadecimal digits. */
  String COLOUR = "#[0-9a-fA-F]{6}";

  /** Whether the explorer is served at {@code /explorer/}. */
  @WithDefault("true")
  boolean enabled();

  /** The name of the page. */
  @WithDefault("Usage explorer")
  @NotBlank
  @Size(max = 60)
  String name();

  /** The logo: an https address, or the path of a file that the server then serves. */
  Optional<String> logo();

  /** The colour of links and buttons in light mode. */
  Optional<@Pattern(regexp = COLOUR, message = "must be like #1d4ed8") String> accent();

  /** The colour of links and buttons in dark mode. */
  Optional<@Pattern(regexp = COLOUR, message = "must be like #8cb4ff") String> accentDark();

  /** The origins whose pages may frame the explorer and hand it a token. Nobody by default. */
  Optional<
          List<
              @Pattern(regexp = ORIGIN, message = "must be like https://portal.example.com")
              String>>
      embedOrigins();

  /** Signing in at an OpenID provider. */
  OpenId openid();

  /** The explorer as a public client: authorization code with PKCE, and no secret. */
  interface OpenId {
    /** The issuer of the provider. Without it the explorer offers no such sign-in. */
    Optional<
            @Pattern(
                regexp = SECURE_ADDRESS,
                message = "must be an https address, or http at localhost")
            String>
        issuer();

    /** The id of the explorer at the provider. */
    Optional<String> clientId();

    /** The scopes to ask for, separated by spaces. */
    @WithDefault("openid express-accounts-usage:read express-accounts:read")
    @Pattern(regexp = "(.* )?openid( .*)?", message = "must include openid")
    String scopes();

    /** The {@code audience} parameter, for providers that choose the API by it. */
    Optional<String> audience();

    /** The origin of the provider's token endpoint, if it is not the issuer's. */
    Optional<@Pattern(regexp = SECURE_ADDRESS, message = "must be an https address") String>
        tokenOrigin();
  }
}

package io.usageapi.explorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.usageapi.config.SettingBounds;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the explorer's settings open, and which are refused. */
class ExplorerSettingsTest {
  private static final String PREFIX = "usage-api.explorer.";
  private static final String ISSUER = "openid.issuer";
  private static final String CLIENT = "openid.client-id";

  @TempDir static Path files;

  @Test
  void the_policy_opens_for_what_the_settings_name_and_for_nothing_else() {
    String plain = policy(Map.of());

    assertThat(
            policy(
                Map.of(
                    ISSUER,
                    "https://id.example.com:8443/realms/usage",
                    CLIENT,
                    "page",
                    "openid.token-origin",
                    "https://token.example.com",
                    "logo",
                    "https://cdn.example.com/logo.svg",
                    "embed-origins",
                    "https://portal.example.com,http://localhost:3000")))
        .isEqualTo(
            plain
                .replace("img-src 'self'", "img-src 'self' https://cdn.example.com")
                .replace(
                    "connect-src 'self'",
                    "connect-src 'self' https://id.example.com:8443 https://token.example.com")
                .replace(
                    "frame-ancestors 'none'",
                    "frame-ancestors https://portal.example.com http://localhost:3000"));
  }

  @Test
  void a_logo_is_read_from_a_file_and_colours_get_text_that_can_be_read_on_them() throws Exception {
    Path logo = Files.writeString(files.resolve("logo.svg"), "<svg/>");
    Brand brand =
        brand(Map.of("logo", logo.toString(), "accent", "#8a1538", "accent-dark", "#ff9db5"));

    assertThat(brand.logo().orElseThrow().type()).isEqualTo("image/svg+xml");
    assertThat(brand.logoAddress()).hasValue("logo");
    assertThat(brand.stylesheet())
        .containsPattern("--accent: #8a1538;\\s+--on-accent: #ffffff;")
        .containsPattern("(?s)dark\\) \\{.*--accent: #ff9db5;\\s+--on-accent: #0b1730;");
    assertThat(brand(Map.of()).stylesheet()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "accent, #ffee00, has a contrast of 1.1",
    "accent-dark, #333333, has a contrast of",
    "logo, /nowhere/logo.svg, is neither",
    "logo, pom.xml, is neither",
    "logo, http://example.com/logo.svg, is neither",
    "openid.issuer, https://id.example.com, openid.client-id is not set",
    "openid.client-id, page, openid.issuer is not set"
  })
  void what_does_not_serve_stops_the_start_and_is_named(String setting, String value, String said) {
    assertThatThrownBy(() -> policy(Map.of(setting, value)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining(PREFIX)
        .hasMessageContaining(said);
  }

  @ParameterizedTest
  @CsvSource({
    "accent, red",
    "name, ' '",
    "embed-origins, *",
    "embed-origins, https://portal.example.com/",
    "embed-origins, https://a.example https://b.example",
    "embed-origins, https://a.example; script-src *",
    "embed-origins, HTTPS://A.example",
    "openid.issuer, http://id.example.com",
    "openid.issuer, https://id.example.com?x",
    "openid.issuer, https://id.example.com; script-src",
    "openid.scopes, express-accounts:read",
    "openid.token-origin, 'https://a.example,'"
  })
  void what_is_malformed_is_refused_by_its_bounds(String setting, String value) {
    assertThatThrownBy(() -> config(Map.of(setting, value)))
        .isInstanceOf(ConfigValidationException.class)
        .hasMessageContaining(PREFIX + setting);
  }

  private static String policy(Map<String, String> settings) {
    ExplorerConfig config = config(settings);
    return new ExplorerPolicy(config, new Brand(config)).header();
  }

  private static Brand brand(Map<String, String> settings) {
    return new Brand(config(settings));
  }

  private static ExplorerConfig config(Map<String, String> settings) {
    Map<String, String> named = new HashMap<>();
    settings.forEach((name, value) -> named.put(PREFIX + name, value));
    SmallRyeConfig config =
        new SmallRyeConfigBuilder()
            .withMapping(ExplorerConfig.class)
            .withValidator(new SettingBounds())
            .withSources(new PropertiesConfigSource(named, "test", 100))
            .build();
    return config.getConfigMapping(ExplorerConfig.class);
  }
}

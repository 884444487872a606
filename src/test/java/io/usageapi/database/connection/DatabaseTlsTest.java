package io.usageapi.database.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.usageapi.database.DatabaseConfig;
import io.usageapi.database.migration.JdbcSettings;
import io.usageapi.fixture.Authority;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code usage-api.database.tls} and its files mean, and what of them is refused. */
class DatabaseTlsTest {
  private static final String TLS = DatabaseTls.TLS;
  private static final String CA = DatabaseTls.CA_FILE;
  private static final String CERTIFICATE = DatabaseTls.CERTIFICATE_FILE;
  private static final String KEY = DatabaseTls.KEY_FILE;

  @TempDir static Path files;

  private static final Authority AUTHORITY = new Authority("authority");
  private static final Authority.Issued CLIENT = AUTHORITY.issue("usage");
  private static KeyPair rsa;
  private static String ca;
  private static String certificate;
  private static String key;

  @BeforeAll
  static void write() throws Exception {
    ca = AUTHORITY.certificateTo(files.resolve("ca.crt")).toString();
    certificate = CLIENT.certificateTo(files.resolve("client.crt")).toString();
    key = CLIENT.keyTo(files.resolve("client.key")).toString();
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    rsa = generator.generateKeyPair();
  }

  @Test
  void off_sends_in_plain_by_both_clients() {
    SmallRyeConfig settings = settings(Map.of());

    assertThat(secured(settings).getSslMode()).isEqualTo(SslMode.DISABLE);
    assertThat(jdbc(settings)).containsExactly(Map.entry("sslmode", "disable"));
  }

  @Test
  void require_encrypts_by_both_clients_and_looks_at_no_certificate() {
    SmallRyeConfig settings = settings(Map.of(TLS, "require"));

    PgConnectOptions options = secured(settings);
    assertThat(options.getSslMode()).isEqualTo(SslMode.REQUIRE);
    assertThat(options.isTrustAll()).isTrue();
    assertThat(jdbc(settings)).containsExactly(Map.entry("sslmode", "require"));
  }

  @Test
  void verify_full_looks_at_the_certificate_and_its_host_by_both_clients() {
    SmallRyeConfig settings =
        settings(Map.of(TLS, "verify-full", CA, ca, CERTIFICATE, certificate, KEY, key));

    PgConnectOptions options = secured(settings);
    assertThat(options.getSslMode()).isEqualTo(SslMode.VERIFY_FULL);
    assertThat(options.isTrustAll()).isFalse();
    assertThat(options.getHostnameVerificationAlgorithm()).isEqualTo("HTTPS");
    assertThat(options.getTrustOptions()).isNotNull();
    assertThat(options.getKeyCertOptions()).isNotNull();
    assertThat(jdbc(settings))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "sslmode", "verify-full",
                "sslrootcert", ca,
                "sslcert", certificate,
                "sslkey", key,
                "pemKeyAlgorithm", "EC"));
  }

  @Test
  void the_key_of_a_client_may_be_of_rsa() {
    Authority.Issued client = AUTHORITY.issue("usage", rsa);
    SmallRyeConfig settings =
        settings(
            Map.of(
                TLS,
                "require",
                CERTIFICATE,
                client.certificateTo(files.resolve("rsa.crt")).toString(),
                KEY,
                client.keyTo(files.resolve("rsa.key")).toString()));

    assertThat(secured(settings).getKeyCertOptions()).isNotNull();
    assertThat(jdbc(settings)).containsEntry("pemKeyAlgorithm", "RSA");
  }

  @Test
  void settings_that_do_not_go_together_are_refused_and_named() {
    refused(Map.of(CA, ca), CA, "off");
    refused(Map.of(CERTIFICATE, certificate, KEY, key), CERTIFICATE, KEY, "off");
    refused(Map.of(TLS, "require", CA, ca), CA, "verify-full");
    refused(Map.of(TLS, "verify-full"), CA, "is not set");
    refused(Map.of(TLS, "require", CERTIFICATE, certificate), KEY, "is not set");
    refused(Map.of(TLS, "require", KEY, key), CERTIFICATE, "is not set");
  }

  @Test
  void tls_said_elsewhere_is_refused_and_named() {
    for (String mode : new String[] {"disable", "allow", "prefer", "require", "verify-full"}) {
      String address = "postgresql://db/usage?application_name=x&sslmode=" + mode;
      refused(
          Map.of("quarkus.datasource.reactive.url", address),
          "quarkus.datasource.reactive.url",
          "sslmode",
          TLS);
      refused(
          Map.of("quarkus.datasource.jdbc.url", "jdbc:" + address, TLS, "require"),
          "quarkus.datasource.jdbc.url",
          "sslmode",
          TLS);
    }
    refused(
        Map.of("quarkus.datasource.reactive.postgresql.ssl-mode", "prefer"),
        "quarkus.datasource.reactive.postgresql.ssl-mode",
        TLS);
    refused(
        Map.of(JdbcSettings.property("sslmode"), "prefer"), JdbcSettings.property("sslmode"), TLS);
  }

  @Test
  void an_authority_that_cannot_be_used_is_refused_and_named() throws Exception {
    Authority.Issued old = AUTHORITY.issue("old", Authority.ellipticKeys(), Duration.ofHours(-1));

    authority("is not there", files.resolve("nowhere.crt").toString());
    authority("cannot be read", files.toString());
    authority("holds no certificate", file("empty.crt", ""));
    authority("holds no certificate", file("text.crt", "no certificate"));
    authority("holds no certificate", key);
    authority("holds a broken certificate", file("broken.crt", cut(ca)));
    authority("not valid now", old.certificateTo(files.resolve("old.crt")).toString());
    // Of a bundle one may be past its time.
    String both = Files.readString(files.resolve("old.crt")) + Files.readString(Path.of(ca));
    assertThat(secured(settings(Map.of(TLS, "verify-full", CA, file("both.crt", both)))))
        .isNotNull();
  }

  private static void authority(String problem, String file) {
    refused(Map.of(TLS, "verify-full", CA, file), CA, file, problem);
  }

  @Test
  void a_certificate_that_cannot_be_used_is_refused_and_named() throws Exception {
    Authority.Issued old = AUTHORITY.issue("old", Authority.ellipticKeys(), Duration.ofHours(-1));
    String nowhere = files.resolve("nowhere.crt").toString();

    refused(client(nowhere, key), CERTIFICATE, nowhere, "is not there");
    refused(client(file("cut.crt", cut(certificate)), key), CERTIFICATE, "cut.crt", "broken");
    refused(
        client(
            old.certificateTo(files.resolve("past.crt")).toString(),
            old.keyTo(files.resolve("past.key")).toString()),
        CERTIFICATE,
        "past.crt",
        "is valid from");
  }

  @Test
  void a_key_that_cannot_be_used_is_refused_and_named() throws Exception {
    String other = AUTHORITY.issue("usage").keyTo(files.resolve("other.key")).toString();
    Path open = CLIENT.keyTo(files.resolve("open.key"));
    assertThat(open.toFile().setReadable(true, false)).isTrue();

    refused(client(certificate, other), KEY, "is not the key", CERTIFICATE);
    refused(
        client(certificate, file("rsa-of-ec.key", Authority.keyPem(rsa.getPrivate()))),
        KEY,
        "is not the key");
    refused(client(certificate, files.resolve("no.key").toString()), KEY, "no.key", "not there");
    refused(client(certificate, certificate), KEY, "holds no key");
    refused(client(certificate, file("cut.key", cut(key))), KEY, "cut.key", "broken");
    refused(
        client(certificate, file("encrypted.key", Authority.pem("ENCRYPTED PRIVATE KEY", some()))),
        KEY,
        "encrypted.key",
        "is encrypted",
        "openssl pkcs8");
    refused(
        client(certificate, file("old.key", Authority.pem("RSA PRIVATE KEY", some()))),
        KEY,
        "RSA PRIVATE KEY",
        "openssl pkcs8");
    refused(client(certificate, open.toString()), KEY, "open.key", "may be read by others");
    refused(
        client(certificate, CLIENT.keyTo(files.resolve("client.der")).toString()),
        KEY,
        "client.der",
        "its name");
  }

  private static byte[] some() {
    return "anything".getBytes(StandardCharsets.US_ASCII);
  }

  private static Map<String, String> client(String certificate, String key) {
    return Map.of(TLS, "require", CERTIFICATE, certificate, KEY, key);
  }

  /** The file, with a part of its middle missing. */
  private static String cut(String file) throws Exception {
    String text = Files.readString(Path.of(file));
    return text.substring(0, 80) + text.substring(140);
  }

  private static String file(String name, String content) throws Exception {
    Path file = Files.writeString(files.resolve(name), content);
    assertThat(file.toFile().setReadable(false, false)).isTrue();
    assertThat(file.toFile().setReadable(true, true)).isTrue();
    return file.toString();
  }

  private static void refused(Map<String, String> settings, String... named) {
    assertThatThrownBy(() -> secured(settings(settings)))
        .isInstanceOf(ConfigurationException.class)
        .message()
        .contains(named);
  }

  private static PgConnectOptions secured(SmallRyeConfig settings) {
    return new DatabaseTls(
            settings.getConfigMapping(DatabaseConfig.class), settings, Clock.systemUTC())
        .secure(new PgConnectOptions().setHost("db"));
  }

  /** What the driver of the migrations is told. */
  private static Map<String, String> jdbc(SmallRyeConfig settings) {
    Map<String, String> told = new TreeMap<>();
    String prefix = JdbcSettings.property("");
    for (String name : settings.getPropertyNames()) {
      if (name.startsWith(prefix)) {
        told.put(name.substring(prefix.length()), settings.getConfigValue(name).getValue());
      }
    }
    return told;
  }

  private static SmallRyeConfig settings(Map<String, String> settings) {
    return new SmallRyeConfigBuilder()
        .addDiscoveredConverters()
        .withMapping(DatabaseConfig.class)
        .withInterceptors(new JdbcSettings())
        .withSources(new io.smallrye.config.PropertiesConfigSource(settings, "test", 500))
        .build();
  }
}

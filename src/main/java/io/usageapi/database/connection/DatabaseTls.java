package io.usageapi.database.connection;

import io.quarkus.runtime.configuration.ConfigurationException;
import io.usageapi.database.DatabaseConfig;
import io.usageapi.database.DatabaseConfig.Tls;
import io.usageapi.database.connection.PemFile.UnusableException;
import io.usageapi.database.migration.JdbcSettings;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * TLS to the database, configured by {@code usage-api.database.tls} and the files beside it. The
 * files are read and checked at the start; any problem stops the process. {@link JdbcSettings}
 * passes the same settings to the migrations.
 */
@Singleton
public class DatabaseTls {
  public static final String TLS = "usage-api.database.tls";
  public static final String CA_FILE = "usage-api.database.tls-ca-file";
  public static final String CERTIFICATE_FILE = "usage-api.database.tls-certificate-file";
  public static final String KEY_FILE = "usage-api.database.tls-key-file";

  /** Connection URLs could also configure TLS, in the words of each client. */
  private static final List<String> ADDRESSES =
      List.of("quarkus.datasource.reactive.url", "quarkus.datasource.jdbc.url");

  private static final Pattern IN_AN_ADDRESS = Pattern.compile("[?&](ssl[a-z]*)=");

  private static final List<String> OTHERS =
      List.of("quarkus.datasource.reactive.postgresql.ssl-mode", JdbcSettings.property("sslmode"));

  private final Tls mode;
  private final long handshakeMillis;
  private Buffer authorities;
  private Buffer certificate;
  private Buffer key;

  DatabaseTls(DatabaseConfig database, Config settings, Clock clock) {
    this.mode = database.tls();
    this.handshakeMillis = database.acquireTimeout().toMillis();
    List<String> problems = new ArrayList<>();
    rejectOtherSettings(settings, problems);
    checkConsistency(database, problems);
    if (problems.isEmpty()) {
      read(database, clock.instant(), problems);
    }
    if (!problems.isEmpty()) {
      throw new ConfigurationException(String.join("; ", problems), Set.of());
    }
  }

  /** Applies the TLS settings to connection options. */
  public PgConnectOptions secure(PgConnectOptions options) {
    if (mode == Tls.OFF) {
      return options.setSslMode(SslMode.DISABLE);
    }
    if (options.isUsingDomainSocket()) {
      throw new ConfigurationException(TLS + " is set, but the database's address is a socket");
    }
    options
        .setSslHandshakeTimeout(handshakeMillis)
        .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
        .setTrustAll(mode == Tls.REQUIRE)
        .setHostnameVerificationAlgorithm(mode == Tls.REQUIRE ? "" : "HTTPS")
        .setSslMode(mode == Tls.REQUIRE ? SslMode.REQUIRE : SslMode.VERIFY_FULL);
    if (authorities != null) {
      options.setTrustOptions(new PemTrustOptions().addCertValue(authorities));
    }
    if (certificate != null) {
      options.setKeyCertOptions(new PemKeyCertOptions().addCertValue(certificate).addKeyValue(key));
    }
    return options;
  }

  /** Rejects TLS settings in other places, because the weaker one could win. */
  private static void rejectOtherSettings(Config settings, List<String> problems) {
    for (String address : ADDRESSES) {
      String value = settings.getConfigValue(address).getValue();
      var found = IN_AN_ADDRESS.matcher(value == null ? "" : value);
      if (found.find()) {
        problems.add(address + " says " + found.group(1) + ": say it by " + TLS);
      }
    }
    for (ConfigSource source : settings.getConfigSources()) {
      for (String other : OTHERS) {
        if (source.getValue(other) != null) {
          problems.add(other + " is set: say it by " + TLS);
        }
      }
    }
  }

  /** Checks that the settings are consistent. */
  private static void checkConsistency(DatabaseConfig database, List<String> problems) {
    boolean off = database.tls() == Tls.OFF;
    rejectIf(off, database.tlsCaFile(), CA_FILE, problems);
    rejectIf(off, database.tlsCertificateFile(), CERTIFICATE_FILE, problems);
    rejectIf(off, database.tlsKeyFile(), KEY_FILE, problems);
    if (database.tls() == Tls.REQUIRE && database.tlsCaFile().isPresent()) {
      problems.add(
          CA_FILE + " is set, but " + TLS + "=require looks at no certificate: set verify-full");
    }
    if (database.tls() == Tls.VERIFY_FULL && database.tlsCaFile().isEmpty()) {
      problems.add(CA_FILE + " is not set: " + TLS + "=verify-full needs to know who may sign");
    }
    if (database.tlsCertificateFile().isPresent() && database.tlsKeyFile().isEmpty()) {
      problems.add(KEY_FILE + " is not set: the key of " + CERTIFICATE_FILE);
    }
    if (database.tlsKeyFile().isPresent() && database.tlsCertificateFile().isEmpty()) {
      problems.add(CERTIFICATE_FILE + " is not set: the certificate of " + KEY_FILE);
    }
  }

  private static void rejectIf(
      boolean off, Optional<Path> file, String setting, List<String> problems) {
    if (off && file.isPresent()) {
      problems.add(setting + " is set, but " + TLS + " is off");
    }
  }

  private void read(DatabaseConfig database, Instant now, List<String> problems) {
    database.tlsCaFile().ifPresent(path -> authorities = readAuthorities(path, now, problems));
    if (database.tlsCertificateFile().isPresent()) {
      X509Certificate own = readCertificate(database.tlsCertificateFile().get(), now, problems);
      PrivateKey privateKey = readKey(database.tlsKeyFile().orElseThrow(), problems);
      if (own != null && privateKey != null && !PemFile.isKeyOf(privateKey, own.getPublicKey())) {
        problems.add(KEY_FILE + " is not the key of the certificate in " + CERTIFICATE_FILE);
      }
    }
  }

  private static Buffer readAuthorities(Path path, Instant now, List<String> problems) {
    try {
      PemFile file = PemFile.read(path);
      // A large bundle may contain expired certificates.
      if (file.certificates().stream().noneMatch(each -> isInTime(each, now))) {
        problems.add(problem(CA_FILE, path, "holds only certificates that are not valid now"));
      }
      return Buffer.buffer(file.content());
    } catch (UnusableException e) {
      problems.add(problem(CA_FILE, path, e.getMessage()));
      return null;
    }
  }

  private X509Certificate readCertificate(Path path, Instant now, List<String> problems) {
    try {
      PemFile file = PemFile.read(path);
      X509Certificate own = file.certificates().get(0);
      if (!isInTime(own, now)) {
        problems.add(
            problem(
                CERTIFICATE_FILE,
                path,
                "holds a certificate that is valid from %s to %s"
                    .formatted(own.getNotBefore().toInstant(), own.getNotAfter().toInstant())));
      }
      certificate = Buffer.buffer(file.content());
      return own;
    } catch (UnusableException e) {
      problems.add(problem(CERTIFICATE_FILE, path, e.getMessage()));
      return null;
    }
  }

  private PrivateKey readKey(Path path, List<String> problems) {
    try {
      PemFile file = PemFile.read(path);
      PrivateKey read = file.privateKey();
      key = Buffer.buffer(file.content());
      return read;
    } catch (UnusableException e) {
      problems.add(problem(KEY_FILE, path, e.getMessage()));
      return null;
    }
  }

  private static boolean isInTime(X509Certificate certificate, Instant now) {
    return !now.isBefore(certificate.getNotBefore().toInstant())
        && !now.isAfter(certificate.getNotAfter().toInstant());
  }

  private static String problem(String setting, Path path, String problem) {
    return setting + " (" + path + ") " + problem;
  }
}

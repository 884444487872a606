package io.usageapi.database;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** How the database is used. */
@ConfigMapping(prefix = "usage-api.database")
public interface DatabaseConfig {
  /**
   * Whether the server migrates the database when it starts. Follows {@code
   * quarkus.flyway.migrate-at-start}, which is the setting to use.
   */
  @WithDefault("false")
  boolean migrateAtStart();

  /**
   * Whether the database is the coordinator of a Citus cluster, over which the migrations spread
   * the tables.
   */
  @WithDefault("false")
  boolean distributed();

  /** How long a statement that reads for a request may run in the database. */
  @WithDefault("5s")
  Duration readTimeout();

  /** How long a statement that writes records or accounts may run in the database. */
  @WithDefault("20s")
  Duration writeTimeout();

  /** How long a request waits for a database connection before it is answered 503. */
  @WithDefault("5s")
  Duration acquireTimeout();

  /** How many requests may wait for a database connection; those beyond are answered 503. */
  @WithDefault("1000")
  @Min(1)
  @Max(1_000_000)
  int maxWaiting();

  /**
   * Whether the way to the database is encrypted, for requests, migrations and commands alike.
   * There is no other setting for it: one in an address stops the start.
   */
  @WithDefault("off")
  Tls tls();

  /**
   * The file, PEM, of the certificates of the authorities that may sign the database's; {@code
   * verify-full} needs it.
   */
  Optional<Path> tlsCaFile();

  /** The file, PEM, of the certificate the database is shown, and those that signed it. */
  Optional<Path> tlsCertificateFile();

  /** The file, PEM (PKCS #8, not encrypted), of the key of that certificate: RSA or EC. */
  Optional<Path> tlsKeyFile();

  /**
   * Whether a pooler in transaction mode, as PgBouncer is, stands before the database. It passes no
   * start-up parameters on, so none are sent: what they say has to be set on the database's role,
   * and the server is not ready until it is.
   */
  @WithDefault("false")
  boolean transactionPooler();

  /** How the way to the database is encrypted. */
  enum Tls {
    /** It is not. */
    OFF,
    /** It is, with whoever answers: what is sent is hidden only from who listens. */
    REQUIRE,
    /** It is, and the database's certificate is signed by an authority that is known, for it. */
    VERIFY_FULL
  }
}

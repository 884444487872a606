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
   * Whether the server migrates the database at its start. Set {@code
   * quarkus.flyway.migrate-at-start}, which this follows.
   */
  @WithDefault("false")
  boolean migrateAtStart();

  /**
   * Whether the database is the coordinator of a Citus cluster, over which migrations spread the
   * tables.
   */
  @WithDefault("false")
  boolean distributed();

  /** How long a reading statement may run. */
  @WithDefault("5s")
  Duration readTimeout();

  /** How long a writing statement may run. */
  @WithDefault("20s")
  Duration writeTimeout();

  /** How long a request waits for a connection; then 503. */
  @WithDefault("5s")
  Duration acquireTimeout();

  /** How many requests may wait for a connection; further ones are 503. */
  @WithDefault("1000")
  @Min(1)
  @Max(1_000_000)
  int maxWaiting();

  /**
   * How many event loops have a connection of their own, beside the pool, on which short reads
   * follow each other without waiting; 0 for none. None with {@link #transactionPooler}, which
   * gives each statement another connection, nor with {@link #distributed}, where it was not
   * measured.
   */
  @WithDefault("4")
  @Min(0)
  @Max(1024)
  int pipelinedConnections();

  /**
   * How connections are encrypted, for requests, migrations and commands alike. A TLS parameter in
   * an address stops the start.
   */
  @WithDefault("off")
  Tls tls();

  /**
   * PEM: the authorities that may sign the certificate of the database; {@code verify-full} needs
   * it.
   */
  Optional<Path> tlsCaFile();

  /** PEM: the client certificate and its chain. */
  Optional<Path> tlsCertificateFile();

  /** PEM, PKCS #8, not encrypted: the key of the client certificate, RSA or EC. */
  Optional<Path> tlsKeyFile();

  /**
   * Whether a pooler in transaction mode, like PgBouncer, is in front of the database. It passes no
   * start-up parameters on, so the role must have these settings; until then the server is not
   * ready.
   */
  @WithDefault("false")
  boolean transactionPooler();

  /** How connections are encrypted. */
  enum Tls {
    /** Not at all. */
    OFF,
    /** Encrypted, but with whoever answers. */
    REQUIRE,
    /** Encrypted, and the certificate is for the host and signed by a known authority. */
    VERIFY_FULL
  }
}

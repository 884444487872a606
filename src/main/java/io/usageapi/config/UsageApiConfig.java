package io.usageapi.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Optional;
import org.hibernate.validator.constraints.time.DurationMin;

/** The settings of this server, beside the standard ones of the framework. */
@ConfigMapping(prefix = "usage-api")
public interface UsageApiConfig {

  /**
   * The public address of the server, under which the links in responses lie, for instance {@code
   * https://usage.example.com}. Without it links are made from each request.
   */
  Optional<@Pattern(regexp = "https?://[^/?#]+(/[^?#]*[^/?#])?") String> baseUrl();

  /** The claim of the token that holds the caller's organization. */
  @WithDefault("org_id")
  @NotBlank
  String organizationClaim();

  /**
   * How long a token that was verified is taken again without verifying it; never past its {@code
   * exp}, and no longer than the keys stay the same. {@code 0s} verifies each time.
   */
  @WithDefault("60s")
  @DurationMin
  Duration tokenCache();

  /**
   * How often the keys of an identity provider are fetched again, and so how long at most a
   * withdrawn one serves on. A key that is new is fetched when the first token is signed with it.
   */
  @WithDefault("30s")
  @DurationMin(seconds = 1)
  Duration keyRefresh();

  /**
   * How long a client that sends a body is waited for before it is answered 408, and a second
   * longer for each {@link #bodyMinRate()} bytes that arrive, but never longer at a time.
   */
  @WithDefault("60s")
  @DurationMin(millis = 1)
  Duration bodyTimeout();

  /** The least rate of a body, in bytes a second of the time that the client is waited for. */
  @WithDefault("4096")
  @Min(1)
  @Max(1_073_741_824)
  int bodyMinRate();

  /**
   * How much of answers clients of HTTP/2 may leave unread on this replica, all together, in bytes;
   * past that the connection that leaves most is closed.
   */
  @WithDefault("67108864")
  @Min(1_048_576)
  @Max(17_179_869_184L)
  long maxUnreadBytes();

  /** The page on which people look at usage. */
  Explorer explorer();

  /** How the database is used. */
  Database database();

  /** How many requests that read much are answered at once. */
  Scans scans();

  /** How usage records are taken in. */
  Intake intake();

  /** How the bodies of accounts are read. */
  AccountBodies accountBodies();

  /** How many requests of an organization are answered. */
  RateLimit rateLimit();

  /** How the operator's commands run. */
  Operator operator();

  /** How long usage records are kept. */
  Records records();

  /** How much may be exported at once, and for how long. */
  Export export();

  /** The page on which people look at usage. */
  interface Explorer {
    /** Whether it is served, at {@code /explorer/}. */
    @WithDefault("true")
    boolean enabled();
  }

  /** How the database is used. */
  interface Database {
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
     * Whether a pooler in transaction mode, as PgBouncer is, stands before the database. It passes
     * no start-up parameters on, so none are sent: what they say has to be set on the database's
     * role, and the server is not ready until it is.
     */
    @WithDefault("false")
    boolean transactionPooler();
  }

  /** How the way to the database is encrypted. */
  enum Tls {
    /** It is not. */
    OFF,
    /** It is, with whoever answers: what is sent is hidden only from who listens. */
    REQUIRE,
    /** It is, and the database's certificate is signed by an authority that is known, for it. */
    VERIFY_FULL
  }

  /**
   * How many requests are answered at once that read far more than they are answered with: totals,
   * days, accounts, pages by number, and filters that no index serves. They are counted in
   * connections to the database, on each replica. Those beyond wait as long as for a connection.
   */
  interface Scans {
    /**
     * The share of the connections that one organization may have for them, in percent; at least
     * one connection. Those that wait for longer, or find too many waiting, are 429.
     */
    @WithDefault("25")
    @Min(1)
    @Max(100)
    int percentPerOrganization();

    /**
     * The share of the connections that all of them may have together, in percent; at least one
     * connection, and never all where there are two. Those that wait for longer are 503.
     */
    @WithDefault("50")
    @Min(1)
    @Max(100)
    int percent();

    /** How many of one organization may wait. */
    @WithDefault("20")
    @Min(0)
    @Max(1_000_000)
    int maxWaiting();
  }

  /** How usage records are taken in. */
  interface Intake {
    /** The largest JSON or CloudEvents body, in bytes after decompression. */
    @WithDefault("16777216")
    @Min(1024)
    @Max(268_435_456)
    int maxJsonBytes();

    /** The longest line of an NDJSON body, in bytes after decompression. */
    @WithDefault("262144")
    @Min(1024)
    @Max(16_777_216)
    int maxLineBytes();

    /** The longest record of a CSV body, in characters, over all the lines it spans. */
    @WithDefault("262144")
    @Min(1024)
    @Max(16_777_216)
    int maxRowCharacters();

    /** The most records written in one transaction. */
    @WithDefault("2500")
    @Min(1)
    @Max(10_000)
    int batchSize();

    /** The most entries in {@code errors} of an answer; the counts are never capped. */
    @WithDefault("100")
    @Min(0)
    @Max(10_000)
    int maxErrors();

    /** The most bodies read at the same time; those beyond are answered 503. */
    @WithDefault("8")
    @Min(1)
    @Max(1_000)
    int maxConcurrent();

    /** The most bodies of one organization read at the same time; those beyond are 429. */
    @WithDefault("4")
    @Min(1)
    @Max(1_000)
    int maxPerOrganization();

    /**
     * The most a body may take of the temporary disk, in bytes, which only a billing file does;
     * past that it is 413.
     */
    @WithDefault("268435456")
    @Min(1_048_576)
    @Max(1_099_511_627_776L)
    long maxTemporaryBytes();

    /** The earliest day a record may have occurred on, in UTC. */
    @WithDefault("2000-01-01")
    LocalDate earliest();

    /** How far ahead of the server's clock a record may have occurred. */
    @WithDefault("31d")
    Duration maxAhead();

    /** What becomes of a record of a month that is closed. */
    @WithDefault("reject")
    LateRecords lateRecords();
  }

  /** How the bodies of accounts are read. */
  interface AccountBodies {
    /** The most read at the same time on this replica; those beyond are answered 503. */
    @WithDefault("256")
    @Min(1)
    @Max(100_000)
    int maxConcurrent();

    /** The most of one organization read at the same time; those beyond are 429. */
    @WithDefault("32")
    @Min(1)
    @Max(100_000)
    int maxPerOrganization();
  }

  /** What becomes of a record of a month that is closed. */
  enum LateRecords {
    /** It is rejected, {@code month_closed}. */
    REJECT,
    /** It counts in the first month after its own that is open. */
    NEXT_OPEN_MONTH
  }

  /** How many requests of an organization are answered. */
  interface RateLimit {
    /**
     * How many requests of one organization each replica answers in a period, and at most at once
     * after a pause; those beyond are 429. Without it there is no limit.
     */
    Optional<@Min(1) @Max(1_000_000_000) Integer> requests();

    /** In what time as many requests may be sent. */
    @WithDefault("1m")
    @DurationMin(seconds = 1)
    Duration period();

    /**
     * How many requests of one organization each replica answers at the same time; those beyond are
     * 429.
     */
    @WithDefault("100")
    @Min(1)
    @Max(1_000_000)
    int maxConcurrent();
  }

  /** How the operator's commands run. */
  interface Operator {
    /** How long one statement of a command may run in the database. */
    @WithDefault("5m")
    Duration statementTimeout();
  }

  /** How long usage records are kept. */
  interface Records {
    /**
     * For how many months after the end of theirs records are kept; without it for ever. Then they
     * are dropped for good, a month at a time, and their aggregates stay.
     */
    Optional<@Min(1) @Max(1_200) Integer> retention();

    /** How often old records are dropped and partitions made for months to come. */
    @WithDefault("1h")
    Duration interval();
  }

  /** How much may be exported at once, and for how long. */
  interface Export {
    /** How long an export may take from its start to its end. */
    @WithDefault("15m")
    @DurationMin(millis = 1)
    Duration timeout();

    /** How long the database may take over the next rows of an export, or its first. */
    @WithDefault("20s")
    @DurationMin(millis = 1)
    Duration batchTimeout();

    /** How long a client may leave a part of an export unread before it is cut off. */
    @WithDefault("60s")
    @DurationMin(millis = 1)
    Duration clientTimeout();

    /** The most exports of one organization at once on this replica; those beyond are 429. */
    @WithDefault("2")
    @Min(1)
    @Max(1_000)
    int maxPerOrganization();

    /**
     * The most exports at once on this replica, and connections to the database for them; those
     * beyond are answered 503.
     */
    @WithDefault("8")
    @Min(1)
    @Max(1_000)
    int maxConcurrent();
  }
}

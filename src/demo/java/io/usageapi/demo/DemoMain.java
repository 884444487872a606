package io.usageapi.demo;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.usageapi.UsageApi;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.KeyPair;
import java.util.Base64;
import java.util.List;

/**
 * Starts the server with its own Postgres, keys and data. With {@code train} and a command, it
 * trains the server that the command starts, and ends.
 */
@QuarkusMain(name = "demo")
public class DemoMain {
  /** Starts the demo; ends with the server. */
  public static void main(String... args) {
    UsageApi.leaveAddressesToUs();
    EmbeddedPostgres postgres = startPostgres();
    KeyPair keys = DemoKeys.generate();
    setDefault(
        "quarkus.datasource.reactive.url",
        "postgresql://localhost:" + postgres.getPort() + "/postgres");
    setDefault("quarkus.datasource.username", "postgres");
    setDefault("quarkus.flyway.migrate-at-start", "true");
    setDefault(
        "mp.jwt.verify.publickey",
        Base64.getEncoder().encodeToString(keys.getPublic().getEncoded()));
    setDefault(
        "smallrye.jwt.sign.key",
        Base64.getEncoder().encodeToString(keys.getPrivate().getEncoded()));
    Quarkus.run(Demo.class, (exitCode, failure) -> stop(postgres, exitCode, failure), args);
  }

  private static EmbeddedPostgres startPostgres() {
    try {
      return EmbeddedPostgres.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void stop(EmbeddedPostgres postgres, int exitCode, Throwable failure) {
    try {
      postgres.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (failure != null) {
      // The log is closed by now.
      System.err.println("The demo failed: " + failure);
      System.exit(exitCode);
    }
  }

  private static void setDefault(String setting, String value) {
    if (System.getProperty(setting) == null) {
      System.setProperty(setting, value);
    }
  }

  /** What runs once the server listens. */
  public static class Demo implements QuarkusApplication {
    private final DemoLoader loader;
    private final DemoTraining training;

    Demo(DemoLoader loader, DemoTraining training) {
      this.loader = loader;
      this.training = training;
    }

    @Override
    public int run(String... args) throws IOException, InterruptedException {
      if (args.length > 1 && args[0].equals("train")) {
        training.train(List.of(args).subList(1, args.length));
        return 0;
      }
      loader.load();
      Quarkus.waitForExit();
      return 0;
    }
  }
}

package io.usageapi.operator;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.util.ExceptionUtil;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.smallrye.mutiny.subscription.Cancellable;
import io.usageapi.account.EveryOrganization;
import io.usageapi.months.Retention;
import io.usageapi.security.OrganizationId;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.time.YearMonth;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import picocli.CommandLine.ParameterException;

/**
 * Runs an operator's command in its own process, with the server's settings but without its ports.
 * The report goes to standard output, everything else to standard error.
 */
public class Operator implements QuarkusApplication {
  /** Nothing differs, or every difference was repaired. */
  public static final int DONE = 0;

  /** Aggregates differ from their records. */
  public static final int DIFFERENCES = 1;

  /** The arguments are not a command, or the organization does not exist. */
  public static final int MISUSED = 2;

  /** The command failed because of the settings or the database. */
  public static final int FAILED = 3;

  private static final Logger LOG = Logger.getLogger(Operator.class);

  private final EveryOrganization organizations;
  private final SumsCheck sums;
  private final OrganizationRemoval removal;
  private final MonthClosing months;
  private final Retention retention;

  Operator(
      EveryOrganization organizations,
      SumsCheck sums,
      OrganizationRemoval removal,
      MonthClosing months,
      Retention retention) {
    this.organizations = organizations;
    this.sums = sums;
    this.removal = removal;
    this.months = months;
    this.retention = retention;
  }

  /** Runs the command in the arguments, and ends the process with its exit code. */
  public static void start(String... args) {
    try {
      if (OperatorCommand.parse(args) instanceof OperatorCommand.Help help) {
        output().print(help.text());
        return;
      }
    } catch (ParameterException e) {
      System.err.println(e.getMessage());
      System.err.print(e.getCommandLine().getUsageMessage());
      System.exit(MISUSED);
    }
    // Overrides the server's settings: a command neither listens nor migrates.
    System.setProperty("quarkus.http.host-enabled", "false");
    System.setProperty("quarkus.management.host-enabled", "false");
    System.setProperty("quarkus.flyway.migrate-at-start", "false");
    System.setProperty("quarkus.scheduler.enabled", "false");
    System.setProperty("quarkus.datasource.reactive.max-size", "2");
    System.setProperty("quarkus.log.console.stderr", "true");
    Quarkus.run(
        Operator.class,
        (exitCode, failure) -> {
          if (failure != null) {
            // An invalid setting is reported nowhere else.
            System.err.println(ExceptionUtil.getRootCause(failure).getMessage());
          }
          System.exit(failure == null ? exitCode : FAILED);
        },
        args);
  }

  @Override
  public int run(String... args) {
    Cancellable command =
        run(OperatorCommand.parse(args), output())
            .subscribe()
            .with(
                Quarkus::asyncExit,
                failure -> {
                  LOG.error("The command failed; it can be run again", failure);
                  Quarkus.asyncExit(FAILED);
                });
    Quarkus.waitForExit();
    // Something else ended the process before the command finished.
    command.cancel();
    return FAILED;
  }

  /**
   * Runs a command.
   *
   * @param report receives the report
   * @return the exit code; fails if the database does
   */
  Uni<Integer> run(OperatorCommand command, PrintStream report) {
    if (command instanceof OperatorCommand.Sums asked) {
      return asked
          .organization()
          .map(
              one ->
                  ifExists(
                      one, () -> sums.run(Multi.createFrom().item(one), asked.repair(), report)))
          .orElseGet(() -> sums.run(organizations.all(), asked.repair(), report));
    }
    if (command instanceof OperatorCommand.SetMonth asked) {
      YearMonth month = asked.month().orElseGet(months::previous);
      return asked
          .organization()
          .map(one -> ifExists(one, () -> months.one(one, month, asked.status(), report)))
          .orElseGet(() -> months.all(month, asked.status(), report));
    }
    if (command instanceof OperatorCommand.Retain) {
      return retention
          .run()
          .emitOn(Infrastructure.getDefaultWorkerPool())
          .invoke(() -> report.printf("retention\tdone%n"))
          .replaceWith(DONE);
    }
    if (command instanceof OperatorCommand.Remove asked) {
      return ifExists(
          asked.organization(),
          () ->
              asked.dryRun()
                  ? removal.count(asked.organization(), report)
                  : removal.remove(asked.organization(), report));
    }
    throw new IllegalArgumentException("not a command to run: " + command);
  }

  private Uni<Integer> ifExists(OrganizationId organization, Supplier<Uni<Integer>> work) {
    return organizations
        .has(organization)
        .chain(
            exists -> {
              if (exists) {
                return work.get();
              }
              LOG.errorf("There is no organization %s", organization.value());
              return Uni.createFrom().item(MISUSED);
            });
  }

  /** In UTF-8: ids may contain any character. */
  private static PrintStream output() {
    return new PrintStream(new FileOutputStream(FileDescriptor.out), true, UTF_8);
  }
}

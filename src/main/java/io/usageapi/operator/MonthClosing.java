package io.usageapi.operator;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.usageapi.account.EveryOrganization;
import io.usageapi.aggregate.MonthStatus;
import io.usageapi.months.MonthRepository;
import io.usageapi.security.OrganizationId;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.Locale;

/** Closes and opens months of one organization or of all. Safe to repeat. */
@ApplicationScoped
public class MonthClosing {
  private final MonthRepository months;
  private final EveryOrganization organizations;
  private final Duration deadline;
  private final Clock clock;

  MonthClosing(
      MonthRepository months, EveryOrganization organizations, OperatorConfig config, Clock clock) {
    this.months = months;
    this.organizations = organizations;
    this.deadline = config.statementTimeout();
    this.clock = clock;
  }

  /** The month before the current one, in UTC. */
  YearMonth previous() {
    return YearMonth.from(clock.instant().atOffset(ZoneOffset.UTC)).minusMonths(1);
  }

  /** Sets the status of a month of one organization, and reports it. */
  public Uni<Integer> one(
      OrganizationId organization, YearMonth month, MonthStatus status, PrintStream report) {
    return report(Multi.createFrom().item(organization), month, status, report);
  }

  /**
   * Sets and reports the status of a month of all organizations, one after the other. The default
   * comes first: organizations created meanwhile get it.
   */
  public Uni<Integer> all(YearMonth month, MonthStatus status, PrintStream report) {
    return months
        .setDefault(month, status)
        .chain(() -> report(organizations.all(), month, status, report));
  }

  private Uni<Integer> report(
      Multi<OrganizationId> selected, YearMonth month, MonthStatus status, PrintStream report) {
    return selected
        .onItem()
        .transformToUniAndConcatenate(organization -> set(organization, month, status))
        .collect()
        .asList()
        .emitOn(Infrastructure.getDefaultWorkerPool())
        .map(
            changes -> {
              report.printf(
                  "%s\tmonth=%s\torganizations=%d\tchanged=%d%n",
                  status.name().toLowerCase(Locale.ROOT),
                  month,
                  changes.size(),
                  Collections.frequency(changes, true));
              return Operator.DONE;
            });
  }

  private Uni<Boolean> set(OrganizationId organization, YearMonth month, MonthStatus status) {
    return switch (status) {
      case CLOSED -> months.close(organization, month, deadline);
      case OPEN -> months.open(organization, month, deadline);
    };
  }
}

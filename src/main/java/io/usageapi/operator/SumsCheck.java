package io.usageapi.operator;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.usageapi.aggregate.total.MonthTotalDifference;
import io.usageapi.database.Steps;
import io.usageapi.operator.SumsRepository.AggregateRange;
import io.usageapi.operator.SumsRepository.Compared;
import io.usageapi.operator.SumsRepository.ComparedTotals;
import io.usageapi.security.OrganizationId;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.PrintStream;
import java.time.YearMonth;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Checks that aggregates and their days are the sums of their records, and the totals of months
 * those of their aggregates. It goes by organization, month and range of ids, so that it runs
 * beside the load and in bounded memory; totals are compared by organization.
 */
@ApplicationScoped
public class SumsCheck {
  /** Before every possible month. */
  private static final YearMonth START = YearMonth.of(1, 1);

  private final SumsRepository sums;

  SumsCheck(SumsRepository sums) {
    this.sums = sums;
  }

  /**
   * Compares, and reports all differences, skipped months, and a summary.
   *
   * @param repair whether to add the differences found
   * @return {@link Operator#DONE} if no difference remains, else {@link Operator#DIFFERENCES}
   */
  public Uni<Integer> run(Multi<OrganizationId> organizations, boolean repair, PrintStream report) {
    return organizations
        .onItem()
        .transformToMultiAndConcatenate(organization -> findings(organization, repair))
        // Printing may block until somebody reads.
        .emitOn(Infrastructure.getDefaultWorkerPool())
        .collect()
        .in(() -> new Summary(report), (summary, finding) -> finding.accept(summary))
        .map(Summary::end);
  }

  /** The ranges of an organization, followed by its end. */
  private Multi<Consumer<Summary>> findings(OrganizationId organization, boolean repair) {
    Multi<Consumer<Summary>> ranges =
        months(organization)
            .onItem()
            .transformToMultiAndConcatenate(month -> ranges(organization, month, repair))
            .map(compared -> summary -> summary.add(compared));
    Uni<Consumer<Summary>> end =
        sums.droppedBefore(organization)
            .map(dropped -> summary -> summary.addOrganization(organization, dropped));
    Uni<Consumer<Summary>> totals =
        sums.compareTotals(organization, repair)
            .map(compared -> summary -> summary.addTotals(organization, compared));
    return Multi.createBy().concatenating().streams(ranges, totals.toMulti(), end.toMulti());
  }

  private Multi<YearMonth> months(OrganizationId organization) {
    return Steps.iterate(
            START,
            from -> sums.nextMonth(organization, from),
            found -> found.map(month -> month.plusMonths(1)))
        .filter(Optional::isPresent)
        .map(Optional::orElseThrow);
  }

  private Multi<Compared> ranges(OrganizationId organization, YearMonth month, boolean repair) {
    return Steps.iterate(
        AggregateRange.after(month, Optional.empty()),
        rest -> next(organization, rest, repair),
        compared -> compared.range().following());
  }

  /** Compares the next range of a month, and repairs it if asked to. */
  private Uni<Compared> next(OrganizationId organization, AggregateRange rest, boolean repair) {
    return sums.compareNext(organization, rest)
        .chain(
            compared ->
                repair && compared.differences().stream().anyMatch(SumDifference::isRepairable)
                    ? sums.repair(organization, compared.range())
                    : Uni.createFrom().item(compared));
  }

  /** Counts and prints the findings. */
  private static final class Summary {
    private final PrintStream report;
    private long organizations;
    private long aggregates;
    private long differences;
    private long repaired;

    Summary(PrintStream report) {
      this.report = report;
    }

    void add(Compared compared) {
      aggregates += compared.range().aggregates();
      for (SumDifference difference : compared.differences()) {
        differences++;
        repaired += difference.repaired() ? 1 : 0;
        report.println(difference.line());
      }
    }

    void addTotals(OrganizationId organization, ComparedTotals compared) {
      if (!compared.current()) {
        report.printf(
            "%s\torganization=%s\ttotals of months: an earlier release wrote since%n",
            compared.repaired() ? "repaired" : "skipped", organization.value());
      }
      for (MonthTotalDifference difference : compared.differences()) {
        differences++;
        repaired += compared.repaired() ? 1 : 0;
        report.println(SumDifference.line(organization, difference, compared.repaired()));
      }
    }

    /** All of an organization was checked except the months before {@code dropped}. */
    void addOrganization(OrganizationId organization, Optional<YearMonth> dropped) {
      organizations++;
      dropped.ifPresent(
          month ->
              report.printf(
                  "skipped\torganization=%s\tmonths before %s: their records were dropped%n",
                  organization.value(), month));
    }

    int end() {
      report.printf(
          "summary\torganizations=%d\taggregates=%d\tdifferences=%d\trepaired=%d%n",
          organizations, aggregates, differences, repaired);
      return differences == repaired ? Operator.DONE : Operator.DIFFERENCES;
    }
  }
}

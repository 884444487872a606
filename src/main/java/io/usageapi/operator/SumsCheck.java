package io.usageapi.operator;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.usageapi.database.Steps;
import io.usageapi.operator.SumsRepository.Compared;
import io.usageapi.security.OrganizationId;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.PrintStream;
import java.time.YearMonth;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Checks that the aggregates and their days are the sums of their records. It goes by organization,
 * month and range of ids, so that it can run beside the load and in bounded memory.
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
   * Compares, and reports every difference, everything skipped, and a summary.
   *
   * @param repair whether to add the differences found
   * @return the exit code: {@link Operator#DONE} if no difference remains, else {@link
   *     Operator#DIFFERENCES}
   */
  public Uni<Integer> run(Multi<OrganizationId> organizations, boolean repair, PrintStream report) {
    return organizations
        .onItem()
        .transformToMultiAndConcatenate(organization -> findings(organization, repair))
        // Printing may block until somebody reads.
        .emitOn(Infrastructure.getDefaultWorkerPool())
        .invoke(finding -> finding.skipped().ifPresent(report::println))
        .collect()
        .in(() -> new Summary(report), Summary::add)
        .map(Summary::end);
  }

  /** The ranges of an organization, followed by its end. */
  private Multi<Finding> findings(OrganizationId organization, boolean repair) {
    Multi<Finding> ranges =
        months(organization)
            .onItem()
            .transformToMultiAndConcatenate(month -> ranges(organization, month, repair));
    Uni<Finding> end =
        sums.droppedBefore(organization).map(dropped -> new Finding.End(organization, dropped));
    return Multi.createBy().concatenating().streams(ranges, end.toMulti());
  }

  private Multi<YearMonth> months(OrganizationId organization) {
    return Steps.of(
            () -> new AtomicReference<>(START),
            from ->
                sums.nextMonth(organization, from.get())
                    .invoke(next -> next.ifPresent(month -> from.set(month.plusMonths(1)))))
        .until(Optional::isEmpty)
        .map(Optional::orElseThrow);
  }

  private Multi<Finding> ranges(OrganizationId organization, YearMonth month, boolean repair) {
    return Steps.of(
            () -> new AtomicReference<>(Optional.<UUID>empty()),
            after ->
                next(organization, month, after.get(), repair)
                    .invoke(compared -> after.set(compared.range().upTo())))
        .upTo(compared -> compared.range().upTo().isEmpty())
        .map(Finding.Of::new);
  }

  /** Compares the next range of a month, and repairs it if asked to. */
  private Uni<Compared> next(
      OrganizationId organization, YearMonth month, Optional<UUID> after, boolean repair) {
    return sums.compareNext(organization, month, after)
        .chain(
            compared ->
                repair && compared.differences().stream().anyMatch(SumDifference::isRepairable)
                    ? sums.repair(organization, compared.range())
                    : Uni.createFrom().item(compared));
  }

  private sealed interface Finding {
    /** A range was compared. */
    record Of(Compared compared) implements Finding {}

    /** All of an organization was checked except the months before {@code dropped}. */
    record End(OrganizationId organization, Optional<YearMonth> dropped) implements Finding {}

    /** The line about skipped months, if any. */
    default Optional<String> skipped() {
      return this instanceof End end
          ? end.dropped()
              .map(
                  month ->
                      "skipped\torganization=%s\tmonths before %s: their records were dropped"
                          .formatted(end.organization().value(), month))
          : Optional.empty();
    }
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

    void add(Finding finding) {
      if (finding instanceof Finding.Of range) {
        aggregates += range.compared().range().aggregates();
        for (SumDifference difference : range.compared().differences()) {
          differences++;
          repaired += difference.repaired() ? 1 : 0;
          report.println(difference.line());
        }
      } else {
        organizations++;
      }
    }

    int end() {
      report.printf(
          "summary\torganizations=%d\taggregates=%d\tdifferences=%d\trepaired=%d%n",
          organizations, aggregates, differences, repaired);
      return differences == repaired ? Operator.DONE : Operator.DIFFERENCES;
    }
  }
}

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
 * Proves that the aggregates and their days are the sums of their records: organization by
 * organization, month by month, range by range, so that it runs beside the load and in bounded
 * memory.
 */
@ApplicationScoped
public class SumsCheck {
  /** Before every month there can be. */
  private static final YearMonth START = YearMonth.of(1, 1);

  private final SumsRepository sums;

  SumsCheck(SumsRepository sums) {
    this.sums = sums;
  }

  /**
   * Compares, and reports every difference, what was skipped, and a summary.
   *
   * @param repair whether to add the differences found
   * @return the exit code: {@link Operator#DONE} when nothing differs any more, else {@link
   *     Operator#DIFFERENCES}
   */
  public Uni<Integer> run(Multi<OrganizationId> organizations, boolean repair, PrintStream report) {
    return organizations
        .onItem()
        .transformToMultiAndConcatenate(organization -> findings(organization, repair))
        // What prints may have to wait for whoever reads.
        .emitOn(Infrastructure.getDefaultWorkerPool())
        .invoke(finding -> finding.skipped().ifPresent(report::println))
        .collect()
        .in(() -> new Summary(report), Summary::add)
        .map(Summary::end);
  }

  /** What is found in an organization: its ranges, and then that it was gone through. */
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

  /** Compares the range of a month that comes after an aggregate, and repairs it where asked to. */
  private Uni<Compared> next(
      OrganizationId organization, YearMonth month, Optional<UUID> after, boolean repair) {
    return sums.compareNext(organization, month, after)
        .chain(
            compared ->
                repair && compared.differences().stream().anyMatch(Difference::isRepairable)
                    ? sums.repair(organization, compared.range())
                    : Uni.createFrom().item(compared));
  }

  /** Something to report. */
  private sealed interface Finding {
    /** A range was compared. */
    record Of(Compared compared) implements Finding {}

    /** An organization was gone through, but for the months before {@code dropped}. */
    record End(OrganizationId organization, Optional<YearMonth> dropped) implements Finding {}

    /** The line that says what was passed over, where something was. */
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

  /** Counts what is found, and prints it. */
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
        for (Difference difference : range.compared().differences()) {
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

package io.usageapi.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.usageapi.aggregate.MonthStatus;
import io.usageapi.operator.OperatorCommand.Remove;
import io.usageapi.operator.OperatorCommand.Retain;
import io.usageapi.operator.OperatorCommand.SetMonth;
import io.usageapi.operator.OperatorCommand.Sums;
import io.usageapi.security.OrganizationId;
import java.time.YearMonth;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.ParameterException;

/** What the arguments of a start mean. */
class OperatorCommandTest {
  private static final Optional<OrganizationId> ACME = Optional.of(new OrganizationId("acme"));

  private static OperatorCommand parse(String line) {
    return OperatorCommand.parse(line.split(" "));
  }

  @Test
  void sums_are_of_all_organizations_or_of_one_and_repaired_when_asked() {
    assertThat(parse("sums")).isEqualTo(new Sums(Optional.empty(), false));
    assertThat(parse("sums --repair")).isEqualTo(new Sums(Optional.empty(), true));
    assertThat(parse("sums --organization acme")).isEqualTo(new Sums(ACME, false));
    assertThat(parse("sums --repair --organization=acme")).isEqualTo(new Sums(ACME, true));
  }

  @Test
  void an_organization_is_removed_or_counted_by_its_name() {
    OrganizationId acme = new OrganizationId("acme");

    assertThat(parse("remove --organization acme")).isEqualTo(new Remove(acme, false));
    assertThat(parse("remove --dry-run --organization acme")).isEqualTo(new Remove(acme, true));
  }

  @Test
  void a_month_is_closed_and_opened_of_one_organization_or_when_said_so_of_all() {
    Optional<YearMonth> august = Optional.of(YearMonth.of(2026, 8));

    assertThat(parse("close --month 2026-08 --organization acme"))
        .isEqualTo(new SetMonth(august, ACME, MonthStatus.CLOSED));
    assertThat(parse("close --all --month 2026-08"))
        .isEqualTo(new SetMonth(august, Optional.empty(), MonthStatus.CLOSED));
    assertThat(parse("open --month=2026-08 --all"))
        .isEqualTo(new SetMonth(august, Optional.empty(), MonthStatus.OPEN));
    assertThat(parse("close --month previous --all"))
        .isEqualTo(new SetMonth(Optional.empty(), Optional.empty(), MonthStatus.CLOSED));
  }

  @Test
  void retention_has_no_options() {
    assertThat(parse("retention")).isEqualTo(new Retain());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--repair",
        "sum",
        "sums --repare",
        "sums acme",
        "sums --organization",
        "sums --organization=",
        "sums --organization a --organization b",
        "sums sums",
        "remove",
        "remove --dry-run",
        "remove --organization=",
        "remove --organization acme --repair",
        "remove --organization acme --dry-rnu",
        "days",
        "retention --all",
        "close",
        "close --all",
        "close --month 2026-08",
        "close --month 2026-13 --all",
        "close --month 2026-8 --all",
        "close --month 2026-08-01 --all",
        "close --month 2026-08 --all --organization acme",
        "open --organization acme",
        "open --month 2026-08"
      })
  void what_is_no_command_is_refused(String line) {
    assertThatThrownBy(() -> parse(line)).isInstanceOf(ParameterException.class);
  }

  @Test
  void help_names_the_commands_and_their_options() {
    assertThat(parse("--help"))
        .isInstanceOfSatisfying(
            OperatorCommand.Help.class,
            help ->
                assertThat(help.text()).contains("sums", "close", "open", "remove", "retention"));
    assertThat(parse("sums --help"))
        .isInstanceOfSatisfying(
            OperatorCommand.Help.class,
            help -> assertThat(help.text()).contains("--organization", "--repair"));
    assertThat(parse("remove --help"))
        .isInstanceOfSatisfying(
            OperatorCommand.Help.class,
            help -> assertThat(help.text()).contains("--organization", "--dry-run"));
  }
}

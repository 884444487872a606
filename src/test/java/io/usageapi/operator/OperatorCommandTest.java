package io.usageapi.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.usageapi.operator.OperatorCommand.Remove;
import io.usageapi.operator.OperatorCommand.Sums;
import io.usageapi.security.OrganizationId;
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
        "remove --organization acme --dry-rnu"
      })
  void what_is_no_command_is_refused(String line) {
    assertThatThrownBy(() -> parse(line)).isInstanceOf(ParameterException.class);
  }

  @Test
  void help_names_the_commands_and_their_options() {
    assertThat(parse("--help"))
        .isInstanceOfSatisfying(
            OperatorCommand.Help.class, help -> assertThat(help.text()).contains("sums", "remove"));
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

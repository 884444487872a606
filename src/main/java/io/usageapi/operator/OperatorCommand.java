package io.usageapi.operator;

import io.usageapi.aggregate.MonthStatus;
import io.usageapi.security.OrganizationId;
import java.time.YearMonth;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** A command of an operator, read from the arguments of the process. */
public sealed interface OperatorCommand {
  /** The month before the current one, in UTC. */
  String PREVIOUS = "previous";

  /**
   * Compares the aggregates with their records.
   *
   * @param organization the organization to check; empty for all
   * @param repair whether to add what is missing
   */
  record Sums(Optional<OrganizationId> organization, boolean repair) implements OperatorCommand {}

  /**
   * Removes an organization and everything it has.
   *
   * @param dryRun whether to only count the rows
   */
  record Remove(OrganizationId organization, boolean dryRun) implements OperatorCommand {}

  /**
   * Closes or opens a month.
   *
   * @param month the month; empty for the one before the current one
   * @param organization the organization; empty for all, including future ones
   * @param status the new status
   */
  record SetMonth(
      Optional<YearMonth> month, Optional<OrganizationId> organization, MonthStatus status)
      implements OperatorCommand {}

  /** Creates partitions ahead and drops records that are no longer kept. */
  record Retain() implements OperatorCommand {}

  /** Prints the usage text. */
  record Help(String text) implements OperatorCommand {}

  /**
   * Reads the arguments.
   *
   * @throws ParameterException if they are not a command; its message says why
   */
  static OperatorCommand parse(String... args) {
    CommandLine line = new CommandLine(spec());
    ParseResult result = line.parseArgs(args);
    while (result.hasSubcommand() && !result.isUsageHelpRequested()) {
      result = result.subcommand();
    }
    CommandLine command = result.commandSpec().commandLine();
    if (result.isUsageHelpRequested()) {
      return new Help(command.getUsageMessage());
    }
    return switch (result.commandSpec().name()) {
      case "sums" -> new Sums(organization(command, result), result.hasMatchedOption("--repair"));
      case "remove" ->
          new Remove(
              organization(command, result).orElseThrow(), result.hasMatchedOption("--dry-run"));
      case "close" -> setMonth(command, result, MonthStatus.CLOSED);
      case "open" -> setMonth(command, result, MonthStatus.OPEN);
      case "retention" -> new Retain();
      default -> throw new ParameterException(command, "Missing command: see --help");
    };
  }

  private static Optional<OrganizationId> organization(CommandLine command, ParseResult result) {
    try {
      return Optional.ofNullable(result.<String>matchedOptionValue("--organization", null))
          .map(OrganizationId::new);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command, "Not an organization: " + e.getMessage(), e);
    }
  }

  private static SetMonth setMonth(CommandLine command, ParseResult result, MonthStatus status) {
    Optional<OrganizationId> organization = organization(command, result);
    if (organization.isPresent() == result.hasMatchedOption("--all")) {
      throw new ParameterException(command, "Say either --organization or --all");
    }
    String month = result.matchedOptionValue("--month", "");
    if (month.equals(PREVIOUS)) {
      return new SetMonth(Optional.empty(), organization, status);
    }
    try {
      return new SetMonth(Optional.of(YearMonth.parse(month)), organization, status);
    } catch (DateTimeParseException e) {
      throw new ParameterException(command, "Not a month like 2026-08: " + month, e);
    }
  }

  /** Built without annotations, which would need reflection in a native image. */
  private static CommandSpec spec() {
    return command("usage-api", "Without a command it is the server.")
        .addSubcommand(
            "sums",
            command("sums", "Compares the aggregates, and their days, with the records they sum.")
                .addOption(organization("Look at this one only.", false))
                .addOption(flag("--repair", "Add the difference to each aggregate that differs.")))
        .addSubcommand(
            "close", monthCommand("close", "Closes a month: nothing is counted in it any more."))
        .addSubcommand("open", monthCommand("open", "Opens a month that was closed."))
        .addSubcommand(
            "retention",
            command(
                "retention", "Makes partitions ahead, and drops records that are no longer kept."))
        .addSubcommand(
            "remove",
            command("remove", "Removes an organization with all it has. There is no way back.")
                .addOption(organization("The organization.", true))
                .addOption(flag("--dry-run", "Only count what would be removed.")));
  }

  private static CommandSpec monthCommand(String name, String description) {
    return command(name, description)
        .addOption(value("--month", "YYYY-MM", "The month, or \"previous\".", true))
        .addOption(organization("Of this one only.", false))
        .addOption(flag("--all", "Of all organizations, those to come too."));
  }

  private static OptionSpec organization(String description, boolean required) {
    return value("--organization", "ID", description, required);
  }

  private static OptionSpec value(String name, String label, String description, boolean required) {
    return OptionSpec.builder(name)
        .type(String.class)
        .paramLabel(label)
        .required(required)
        .description(description)
        .build();
  }

  private static OptionSpec flag(String name, String description) {
    return OptionSpec.builder(name).description(description).build();
  }

  private static CommandSpec command(String name, String description) {
    CommandSpec spec = CommandSpec.create().name(name);
    spec.usageMessage().description(description);
    return spec.addOption(
        OptionSpec.builder("-h", "--help")
            .usageHelp(true)
            .description("Show this and end.")
            .build());
  }
}

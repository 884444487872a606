package io.usageapi.operator;

import io.usageapi.security.OrganizationId;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** What an operator asks for by the arguments the artefact is started with. */
public sealed interface OperatorCommand {
  /**
   * To hold the aggregates against the records.
   *
   * @param organization the only one to look at; all of them where it is empty
   * @param repair whether to add what is missing
   */
  record Sums(Optional<OrganizationId> organization, boolean repair) implements OperatorCommand {}

  /**
   * To remove an organization with all it has.
   *
   * @param dryRun whether only to count what there is
   */
  record Remove(OrganizationId organization, boolean dryRun) implements OperatorCommand {}

  /** To be told what can be asked for. */
  record Help(String text) implements OperatorCommand {}

  /**
   * Reads the arguments.
   *
   * @throws ParameterException when they say no command; its message says why
   */
  static OperatorCommand parse(String... args) {
    CommandLine line = new CommandLine(all());
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
      default -> throw new ParameterException(command, "Missing command: sums or remove");
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

  /** Said by calls and not by annotations, which would need reflection. */
  private static CommandSpec all() {
    return command("usage-api", "Without a command it is the server.")
        .addSubcommand(
            "sums",
            command("sums", "Compares the monthly aggregates with the records they sum.")
                .addOption(
                    OptionSpec.builder("--organization")
                        .type(String.class)
                        .paramLabel("ID")
                        .description("Look at this one only.")
                        .build())
                .addOption(
                    OptionSpec.builder("--repair")
                        .description("Add the difference to each aggregate that differs.")
                        .build()))
        .addSubcommand(
            "remove",
            command("remove", "Removes an organization with all it has. There is no way back.")
                .addOption(
                    OptionSpec.builder("--organization")
                        .type(String.class)
                        .paramLabel("ID")
                        .required(true)
                        .description("The organization.")
                        .build())
                .addOption(
                    OptionSpec.builder("--dry-run")
                        .description("Only count what would be removed.")
                        .build()));
  }

  private static CommandSpec command(String name, String description) {
    CommandSpec spec =
        CommandSpec.create()
            .name(name)
            .addOption(
                OptionSpec.builder("-h", "--help")
                    .usageHelp(true)
                    .description("Show this and end.")
                    .build());
    spec.usageMessage().description(description);
    return spec;
  }
}

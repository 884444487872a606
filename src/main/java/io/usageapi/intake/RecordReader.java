package io.usageapi.intake;

import io.usageapi.aggregate.AggregateKey;
import io.usageapi.aggregate.Dimension;
import io.usageapi.error.ErrorCode;
import io.usageapi.error.FieldError;
import io.usageapi.intake.format.Entry;
import io.usageapi.json.FieldReader;
import io.usageapi.json.JsonMembers;
import io.usageapi.json.JsonValue;
import io.usageapi.months.MonthsConfig;
import io.usageapi.security.OrganizationId;
import io.usageapi.text.DecimalText;
import io.usageapi.text.Rfc3339;
import io.usageapi.text.TextLimit;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads a record from its members. A rejected record names all its errors. */
@ApplicationScoped
public class RecordReader {
  /** The fields a record may have. */
  public static final Set<String> FIELDS =
      fields(
          dimension -> true,
          "id",
          "organization_id",
          "occurred_at",
          "number_of_units",
          "total_amount");

  /** The fields every record has. It may lack the amount if it has a price. */
  public static final Set<String> REQUIRED =
      fields(Dimension::isRequired, "id", "occurred_at", "number_of_units");

  /** The ids of rows of imports, which no sender may take. */
  private static final Pattern IMPORTED = Pattern.compile("[0-9a-f]{64}-[0-9]+");

  private static final int IMPORTED_DIGITS = 64;

  private final IntakeConfig config;
  private final Instant earliest;
  private final Duration maxAhead;
  private final Clock clock;

  RecordReader(IntakeConfig config, MonthsConfig months, Clock clock) {
    this.config = config;
    this.earliest = config.earliest().atStartOfDay(ZoneOffset.UTC).toInstant();
    this.maxAhead = months.intake().maxAhead();
    this.clock = clock;
  }

  private static Set<String> fields(Predicate<Dimension> which, String... others) {
    return Stream.concat(
            Arrays.stream(Dimension.values())
                .filter(Dimension::isSent)
                .filter(which)
                .map(Dimension::column),
            Stream.of(others))
        .collect(Collectors.toUnmodifiableSet());
  }

  /** How many rejected records a response names; the others are only counted. */
  public int maxErrors() {
    return config.maxErrors();
  }

  /** The problem of a time at which a record occurred; empty if it is within the bounds. */
  public Optional<String> problemOf(Instant occurredAt) {
    return occurredAt.isBefore(earliest) || occurredAt.isAfter(clock.instant().plus(maxAhead))
        ? Optional.of(
            "must lie between " + config.earliest() + " and " + maxAhead.toDays() + " days ahead")
        : Optional.empty();
  }

  /** Reads a record. */
  public Entry read(Entry.Place place, JsonMembers record) {
    Reading reading = new Reading(record.members());
    if (record.tooMany()) {
      return new Entry.Rejected(
          place,
          reading.shownId(),
          ErrorCode.INVALID_RECORD,
          List.of(new FieldError("record", JsonMembers.TOO_MANY)));
    }
    return reading.toEntry(place);
  }

  /** A record being read, and its errors. */
  private final class Reading {
    private final Map<String, JsonValue> raw;
    private final FieldReader fields;

    Reading(Map<String, JsonValue> raw) {
      this.raw = raw;
      this.fields = new FieldReader(raw);
    }

    Entry toEntry(Entry.Place place) {
      fields.refuseUnknown(FIELDS, "is not a field of a record");
      String id = fields.required("id", fields.text("id", TextLimit.ID).flatMap(this::ownId));
      Optional<OrganizationId> organization =
          fields.text("organization_id", TextLimit.ID).map(OrganizationId::new);
      Instant occurredAt = fields.required("occurred_at", occurredAt());
      AggregateKey key =
          AggregateKey.of(
              dimension ->
                  switch (dimension.kind()) {
                    case MONTH -> occurredAt == null ? null : UsageRecord.monthOf(occurredAt);
                    case HIDDEN -> null;
                    default -> value(dimension);
                  });
      BigDecimal numberOfUnits = fields.required("number_of_units", number("number_of_units"));
      Optional<BigDecimal> totalAmount = number("total_amount");
      if (totalAmount.isEmpty() && key.price() == null) {
        fields.addMissing("total_amount", "is required where there is no price");
      }
      if (!fields.errors().isEmpty()) {
        return new Entry.Rejected(place, shownId(), ErrorCode.INVALID_RECORD, fields.errors());
      }
      return new Entry.Read(
          place,
          new UsageRecord(
              id,
              occurredAt,
              key,
              numberOfUnits,
              totalAmount.orElseGet(() -> key.price().multiply(numberOfUnits))),
          organization,
          Optional.empty(),
          Optional.empty());
    }

    private Optional<String> ownId(String id) {
      return id.length() > IMPORTED_DIGITS
              && id.charAt(IMPORTED_DIGITS) == '-'
              && IMPORTED.matcher(id).matches()
          ? fields.wrong("id", "must not be 64 hexadecimal digits, a hyphen and a number")
          : Optional.of(id);
    }

    private String shownId() {
      return raw.get("id") instanceof JsonValue.Text text ? TextLimit.shown(text.text()) : null;
    }

    /** The value of a dimension, or null. */
    private Object value(Dimension dimension) {
      String name = dimension.column();
      Optional<?> value =
          switch (dimension.kind()) {
            case ID -> fields.text(name, TextLimit.ID);
            case DESCRIPTION -> fields.text(name, TextLimit.DESCRIPTION);
            case CURRENCY -> currency(name);
            case ENUM -> fields.constant(name, dimension.constants().values());
            case NUMBER -> number(name);
            case MONTH, HIDDEN -> throw new IllegalArgumentException(name + " is never sent");
          };
      return dimension.isRequired() ? fields.required(name, value) : value.orElse(null);
    }

    private Optional<String> currency(String name) {
      String description = "must be three letters A to Z";
      Optional<String> text = fields.text(name, () -> description);
      return text.isEmpty() || text.get().matches("[A-Z]{3}")
          ? text
          : fields.wrong(name, description);
    }

    private Optional<Instant> occurredAt() {
      String description = "must be a time like 2026-08-31T22:30:00Z, with Z or an offset";
      Optional<String> text = fields.text("occurred_at", () -> description);
      if (text.isEmpty()) {
        return Optional.empty();
      }
      Optional<Instant> instant = Rfc3339.parse(text.get());
      if (instant.isEmpty()) {
        return fields.wrong("occurred_at", description);
      }
      Optional<String> problem = problemOf(instant.get());
      return problem.isPresent() ? fields.wrong("occurred_at", problem.get()) : instant;
    }

    /** A number, or a text that holds one. */
    private Optional<BigDecimal> number(String name) {
      JsonValue value = raw.get(name);
      Optional<String> spelling =
          value instanceof JsonValue.Numeral number
              ? Optional.of(number.spelling())
              : fields.text(name, () -> "must be a number");
      if (spelling.isEmpty()) {
        return Optional.empty();
      }
      Optional<BigDecimal> number = DecimalText.parse(spelling.get());
      return number.isPresent()
          ? number
          : fields.wrong(
              name,
              "must be a number of at most "
                  + DecimalText.MAX_DIGITS
                  + " digits before the point and "
                  + DecimalText.MAX_DIGITS
                  + " after it");
    }
  }
}

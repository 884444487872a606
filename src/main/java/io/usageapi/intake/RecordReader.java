package io.usageapi.intake;

import io.usageapi.account.NewAccount;
import io.usageapi.aggregate.Direction;
import io.usageapi.aggregate.Resolution;
import io.usageapi.aggregate.UsageType;
import io.usageapi.aggregate.UsageUnit;
import io.usageapi.config.UsageApiConfig;
import io.usageapi.error.ErrorCode;
import io.usageapi.error.FieldError;
import io.usageapi.intake.format.Entry;
import io.usageapi.json.JsonMembers;
import io.usageapi.json.JsonValue;
import io.usageapi.security.OrganizationId;
import io.usageapi.text.DecimalText;
import io.usageapi.text.Rfc3339;
import io.usageapi.text.TextLimit;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads a record from its raw values. A record that is not one says all that is wrong with it. */
@ApplicationScoped
public class RecordReader {
  public static final Set<String> FIELDS =
      Set.of(
          "id",
          "account_id",
          "organization_id",
          "product_id",
          "aggr_product_id",
          "occurred_at",
          "type",
          "description",
          "currency",
          "direction",
          "resolution",
          "unit",
          "price",
          "wallet_name",
          "number_of_units",
          "total_amount");

  private final UsageApiConfig.Intake config;
  private final Clock clock;

  RecordReader(UsageApiConfig config, Clock clock) {
    this.config = config.intake();
    this.clock = clock;
  }

  /** How many rejected records an answer names; of the others it only counts. */
  public int maxErrors() {
    return config.maxErrors();
  }

  /** Reads a record whose unit is one of the enumerated. */
  public Entry read(Entry.Place place, JsonMembers record) {
    Reading reading = new Reading(record.members());
    if (record.tooMany()) {
      return new Entry.Rejected(
          place,
          reading.shownId(),
          ErrorCode.INVALID_RECORD,
          List.of(new FieldError("record", JsonMembers.TOO_MANY)));
    }
    return reading.toEntry(place, null, Optional.empty(), Optional.empty());
  }

  /**
   * Reads a record that comes with its unit's word and the account it belongs to.
   *
   * @param unitWord the word of a unit that is {@link UsageUnit#OTHER}, or null
   */
  public Entry read(
      Entry.Place place,
      Map<String, JsonValue> raw,
      String unitWord,
      Optional<NewAccount> account,
      Optional<String> organizationName) {
    return new Reading(raw).toEntry(place, unitWord, account, organizationName);
  }

  /** One record being read; collects what is wrong. */
  private final class Reading {
    private final Map<String, JsonValue> raw;
    private final List<FieldError> errors = new ArrayList<>();

    Reading(Map<String, JsonValue> raw) {
      this.raw = raw;
    }

    Entry toEntry(
        Entry.Place place,
        String unitWord,
        Optional<NewAccount> account,
        Optional<String> organizationName) {
      raw.keySet().stream()
          .filter(name -> !FIELDS.contains(name))
          .limit(Entry.Rejected.MAX_FIELDS)
          .forEach(
              name ->
                  errors.add(new FieldError(TextLimit.shown(name), "is not a field of a record")));
      String id = required("id", text("id", TextLimit.ID));
      String accountId = required("account_id", text("account_id", TextLimit.ID));
      String productId = required("product_id", text("product_id", TextLimit.ID));
      Optional<OrganizationId> organization =
          text("organization_id", TextLimit.ID).map(OrganizationId::new);
      Optional<String> aggrProductId = text("aggr_product_id", TextLimit.ID);
      Instant occurredAt = required("occurred_at", occurredAt());
      UsageType type = required("type", value("type", UsageType.values()));
      Optional<String> description = text("description", TextLimit.DESCRIPTION);
      String currency = required("currency", currency());
      Optional<Direction> direction = value("direction", Direction.values());
      Optional<Resolution> resolution = value("resolution", Resolution.values());
      UsageUnit unit = required("unit", value("unit", UsageUnit.values()));
      Optional<BigDecimal> price = number("price");
      Optional<String> walletName = text("wallet_name", TextLimit.ID);
      BigDecimal numberOfUnits = required("number_of_units", number("number_of_units"));
      Optional<BigDecimal> totalAmount = number("total_amount");
      if (totalAmount.isEmpty() && price.isEmpty()) {
        miss("total_amount", "is required where there is no price");
      }
      if (!errors.isEmpty()) {
        return new Entry.Rejected(place, shownId(), ErrorCode.INVALID_RECORD, errors);
      }
      return new Entry.Read(
          place,
          new UsageRecord(
              id,
              accountId,
              productId,
              aggrProductId.orElse(null),
              occurredAt,
              type,
              description.orElse(null),
              currency,
              direction.orElse(null),
              resolution.orElse(null),
              unit,
              unitWord,
              price.orElse(null),
              walletName.orElse(null),
              numberOfUnits,
              totalAmount.orElseGet(() -> price.orElseThrow().multiply(numberOfUnits))),
          organization,
          account,
          organizationName);
    }

    private String shownId() {
      return raw.get("id") instanceof JsonValue.Text text ? TextLimit.shown(text.text()) : null;
    }

    private <T> T required(String name, Optional<T> value) {
      if (value.isEmpty()) {
        miss(name, "is required");
      }
      return value.orElse(null);
    }

    /** A field that is wrong is not missing as well. */
    private void miss(String name, String description) {
      if (errors.stream().noneMatch(error -> error.name().equals(name))) {
        errors.add(new FieldError(name, description));
      }
    }

    private <T> Optional<T> wrong(String name, String description) {
      errors.add(new FieldError(name, description));
      return Optional.empty();
    }

    /** The text of a field, if it has a value: an empty text is none. */
    private Optional<String> text(String name) {
      JsonValue value = raw.get(name);
      if (value == null || value instanceof JsonValue.Null) {
        return Optional.empty();
      }
      if (value instanceof JsonValue.Text text) {
        return text.text().isEmpty() ? Optional.empty() : Optional.of(text.text());
      }
      return wrong(
          name, value instanceof JsonValue.Repeated ? "must be given once" : "must be a string");
    }

    private Optional<String> text(String name, TextLimit limit) {
      Optional<String> text = text(name);
      Optional<String> problem = text.flatMap(limit::problem);
      return problem.isPresent() ? wrong(name, problem.get()) : text;
    }

    private <E extends Enum<E>> Optional<E> value(String name, E[] values) {
      Optional<String> text = text(name);
      if (text.isEmpty()) {
        return Optional.empty();
      }
      for (E value : values) {
        if (value.name().equals(text.get())) {
          return Optional.of(value);
        }
      }
      return wrong(name, "must be one of " + Arrays.toString(values));
    }

    private Optional<String> currency() {
      Optional<String> text = text("currency");
      return text.isEmpty() || text.get().matches("[A-Z]{3}")
          ? text
          : wrong("currency", "must be three letters A to Z");
    }

    private Optional<Instant> occurredAt() {
      Optional<String> text = text("occurred_at");
      if (text.isEmpty()) {
        return Optional.empty();
      }
      Optional<Instant> instant = Rfc3339.parse(text.get());
      if (instant.isEmpty()) {
        return wrong(
            "occurred_at", "must be a time like 2026-08-31T22:30:00Z, with Z or an offset");
      }
      Instant earliest = config.earliest().atStartOfDay(ZoneOffset.UTC).toInstant();
      if (instant.get().isBefore(earliest)
          || instant.get().isAfter(clock.instant().plus(config.maxAhead()))) {
        return wrong(
            "occurred_at",
            "must lie between "
                + config.earliest()
                + " and "
                + config.maxAhead().toDays()
                + " days ahead");
      }
      return instant;
    }

    /** A number of JSON, or a text that holds one. */
    private Optional<BigDecimal> number(String name) {
      JsonValue value = raw.get(name);
      Optional<String> spelling =
          value instanceof JsonValue.Numeral number ? Optional.of(number.spelling()) : text(name);
      if (spelling.isEmpty()) {
        return Optional.empty();
      }
      Optional<BigDecimal> number = DecimalText.parse(spelling.get());
      return number.isPresent()
          ? number
          : wrong(
              name,
              "must be a number of at most "
                  + DecimalText.MAX_DIGITS
                  + " digits before the point and "
                  + DecimalText.MAX_DIGITS
                  + " after it");
    }
  }
}

package io.usageapi.intake;

import io.usageapi.account.NewAccount;
import io.usageapi.aggregate.Direction;
import io.usageapi.aggregate.Resolution;
import io.usageapi.aggregate.UsageType;
import io.usageapi.aggregate.UsageUnit;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads a record from its members. A rejected record says all that is wrong with it. */
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

  private final IntakeConfig config;
  private final Duration maxAhead;
  private final Clock clock;

  RecordReader(IntakeConfig config, MonthsConfig months, Clock clock) {
    this.config = config;
    this.maxAhead = months.intake().maxAhead();
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

  /** One record being read. */
  private final class Reading {
    private final Map<String, JsonValue> raw;
    private final FieldReader fields;

    Reading(Map<String, JsonValue> raw) {
      this.raw = raw;
      this.fields = new FieldReader(raw);
    }

    Entry toEntry(
        Entry.Place place,
        String unitWord,
        Optional<NewAccount> account,
        Optional<String> organizationName) {
      fields.refuseUnknown(FIELDS, "is not a field of a record");
      String id = fields.required("id", fields.text("id", TextLimit.ID));
      String accountId = fields.required("account_id", fields.text("account_id", TextLimit.ID));
      String productId = fields.required("product_id", fields.text("product_id", TextLimit.ID));
      Optional<OrganizationId> organization =
          fields.text("organization_id", TextLimit.ID).map(OrganizationId::new);
      Optional<String> aggrProductId = fields.text("aggr_product_id", TextLimit.ID);
      Instant occurredAt = fields.required("occurred_at", occurredAt());
      UsageType type = fields.required("type", fields.constant("type", UsageType.values()));
      Optional<String> description = fields.text("description", TextLimit.DESCRIPTION);
      String currency = fields.required("currency", currency());
      Optional<Direction> direction = fields.constant("direction", Direction.values());
      Optional<Resolution> resolution = fields.constant("resolution", Resolution.values());
      UsageUnit unit = fields.required("unit", fields.constant("unit", UsageUnit.values()));
      Optional<BigDecimal> price = number("price");
      Optional<String> walletName = fields.text("wallet_name", TextLimit.ID);
      BigDecimal numberOfUnits = fields.required("number_of_units", number("number_of_units"));
      Optional<BigDecimal> totalAmount = number("total_amount");
      if (totalAmount.isEmpty() && price.isEmpty()) {
        fields.addMissing("total_amount", "is required where there is no price");
      }
      if (!fields.errors().isEmpty()) {
        return new Entry.Rejected(place, shownId(), ErrorCode.INVALID_RECORD, fields.errors());
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

    private Optional<String> currency() {
      Optional<String> text = fields.text("currency");
      return text.isEmpty() || text.get().matches("[A-Z]{3}")
          ? text
          : fields.wrong("currency", "must be three letters A to Z");
    }

    private Optional<Instant> occurredAt() {
      Optional<String> text = fields.text("occurred_at");
      if (text.isEmpty()) {
        return Optional.empty();
      }
      Optional<Instant> instant = Rfc3339.parse(text.get());
      if (instant.isEmpty()) {
        return fields.wrong(
            "occurred_at", "must be a time like 2026-08-31T22:30:00Z, with Z or an offset");
      }
      Instant earliest = config.earliest().atStartOfDay(ZoneOffset.UTC).toInstant();
      if (instant.get().isBefore(earliest)
          || instant.get().isAfter(clock.instant().plus(maxAhead))) {
        return fields.wrong(
            "occurred_at",
            "must lie between " + config.earliest() + " and " + maxAhead.toDays() + " days ahead");
      }
      return instant;
    }

    /** A number of JSON, or a text that holds one. */
    private Optional<BigDecimal> number(String name) {
      JsonValue value = raw.get(name);
      Optional<String> spelling =
          value instanceof JsonValue.Numeral number
              ? Optional.of(number.spelling())
              : fields.text(name);
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

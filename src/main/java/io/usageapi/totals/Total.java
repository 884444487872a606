package io.usageapi.totals;

import com.fasterxml.jackson.annotation.JsonValue;
import java.math.BigDecimal;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.media.SchemaProperty;

/**
 * The sums over a group of aggregates.
 *
 * @param group what they have in common: the fields grouped by, null where they have no value
 * @param numberOfUnits how many units; null where the unit is {@code OTHER}, which is many units
 * @param totalAmount the amount in the group's currency
 */
@Schema(
    description =
        "The sums over the aggregates that have the fields of the group in common. It has those of"
            + " `group_by`, `currency` and `unit`, in the order of an aggregate.",
    properties = {
      @SchemaProperty(
          name = "account_id",
          type = SchemaType.STRING,
          examples = "acme-eu",
          description = "The account."),
      @SchemaProperty(
          name = "product_id",
          type = SchemaType.STRING,
          examples = "voice-out",
          description = "The product."),
      @SchemaProperty(
          name = "aggr_product_id",
          type = SchemaType.STRING,
          nullable = true,
          examples = "voice",
          description = "The aggregated product."),
      @SchemaProperty(
          name = "month",
          type = SchemaType.STRING,
          pattern = "[0-9]{4}-(0[1-9]|1[0-2])",
          examples = "2026-08",
          description = "The month, in UTC."),
      @SchemaProperty(
          name = "type",
          type = SchemaType.STRING,
          ref = "UsageType",
          examples = "CALL",
          description = "What was used."),
      @SchemaProperty(
          name = "currency",
          type = SchemaType.STRING,
          pattern = "[A-Z]{3}",
          examples = "EUR",
          description = "The currency, ISO 4217 in form; part of every group."),
      @SchemaProperty(
          name = "direction",
          type = SchemaType.STRING,
          nullable = true,
          examples = "OUTBOUND",
          description = "Which way it went: a `Direction`."),
      @SchemaProperty(
          name = "resolution",
          type = SchemaType.STRING,
          nullable = true,
          examples = "ANSWERED",
          description = "How it ended: a `Resolution`."),
      @SchemaProperty(
          name = "unit",
          type = SchemaType.STRING,
          ref = "UsageUnit",
          examples = "MINUTES",
          description = "What is counted; part of every group."),
      @SchemaProperty(
          name = "wallet_name",
          type = SchemaType.STRING,
          nullable = true,
          examples = "main",
          description = "The wallet that paid."),
      @SchemaProperty(
          name = "number_of_units",
          type = SchemaType.NUMBER,
          nullable = true,
          examples = "1204.5",
          description = "The sum of the units; null where `unit` is `OTHER`, which is many units."),
      @SchemaProperty(
          name = "total_amount",
          type = SchemaType.NUMBER,
          examples = "15.05625",
          description = "The sum of the amounts, in `currency`.")
    },
    requiredProperties = {"currency", "unit", "number_of_units", "total_amount"})
public record Total(
    @Schema(hidden = true) Map<GroupField, String> group,
    @Schema(hidden = true) BigDecimal numberOfUnits,
    @Schema(hidden = true) BigDecimal totalAmount) {
  public Total {
    group = Collections.unmodifiableMap(new EnumMap<>(group));
  }

  /** It as an object of JSON: a field that was not grouped by is absent. */
  @JsonValue
  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    group.forEach((field, value) -> fields.put(field.wireName(), value));
    fields.put("number_of_units", numberOfUnits);
    fields.put("total_amount", totalAmount);
    return fields;
  }
}

package io.usageapi.intake.format;

import io.usageapi.account.AccountStatus;
import io.usageapi.account.NewAccount;
import io.usageapi.aggregate.UsageType;
import io.usageapi.aggregate.UsageUnit;
import io.usageapi.error.ErrorCode;
import io.usageapi.error.FieldError;
import io.usageapi.intake.RecordReader;
import io.usageapi.json.JsonValue;
import io.usageapi.security.OrganizationId;
import io.usageapi.text.CanonicalDigest;
import io.usageapi.text.TextLimit;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The rows of a FOCUS 1.0 cost and usage file as records (operation {@code postUsageRecords}).
 * FOCUS rows have no id. So the id is a digest of all columns and of the number of equal rows
 * before it in the body: sending a file again adds nothing.
 */
public final class FocusSource implements EntrySource {
  private static final Set<String> NEEDED =
      Set.of(
          "BillingAccountId",
          "BillingAccountName",
          "SubAccountId",
          "SubAccountName",
          "SkuId",
          "SkuPriceId",
          "ServiceName",
          "ChargeDescription",
          "ChargePeriodStart",
          "BillingCurrency",
          "PricingUnit",
          "ListUnitPrice",
          "PricingQuantity",
          "BilledCost");

  /** Far more than FOCUS and all provider extensions have. */
  private static final int MAX_COLUMNS = 1_024;

  /** The columns that record fields come from, for error messages. */
  private static final Map<String, String> COLUMN_OF =
      Map.ofEntries(
          Map.entry("account_id", "SubAccountId"),
          Map.entry("product_id", "SkuId"),
          Map.entry("aggr_product_id", "ServiceName"),
          Map.entry("occurred_at", "ChargePeriodStart"),
          Map.entry("description", "ChargeDescription"),
          Map.entry("currency", "BillingCurrency"),
          Map.entry("price", "ListUnitPrice"),
          Map.entry("number_of_units", "PricingQuantity"),
          Map.entry("total_amount", "BilledCost"));

  /** How FOCUS spells a missing value. */
  private static final String NULL = "NULL";

  private final RecordReader reader;
  private final CsvRows rows;
  private final DuplicateRowCounter duplicates;

  /**
   * Opens a file and reads its header. Additional columns are allowed.
   *
   * @throws io.usageapi.error.ApiException 400 {@code invalid_body} if the header lacks a column or
   *     has one twice
   */
  public FocusSource(
      InputStream body, RecordReader reader, int maxRowCharacters, long maxTemporaryBytes) {
    this.reader = reader;
    this.duplicates = new DuplicateRowCounter(maxTemporaryBytes);
    try {
      this.rows = new CsvRows(body, maxRowCharacters, MAX_COLUMNS, NEEDED, name -> true);
    } catch (RuntimeException e) {
      duplicates.close();
      throw e;
    }
  }

  @Override
  public List<Entry> next(int max) {
    return rows.next(max, this::entry);
  }

  private Entry entry(Entry.Place place, Map<String, String> cells) {
    String id = id(cells);
    Optional<String> organization = value(cells, "BillingAccountId");
    if (organization.isEmpty()) {
      return rejected(place, id, "BillingAccountId", "is required");
    }
    Optional<String> problem = TextLimit.ID.problem(organization.get());
    if (problem.isPresent()) {
      return rejected(place, id, "BillingAccountId", problem.get());
    }
    return record(place, id, new OrganizationId(organization.get()), cells);
  }

  private Entry record(
      Entry.Place place, String id, OrganizationId organization, Map<String, String> cells) {
    Optional<String> unitText = value(cells, "PricingUnit");
    Optional<String> unitProblem = unitText.flatMap(TextLimit.ID::problem);
    if (unitProblem.isPresent()) {
      return rejected(place, id, "PricingUnit", unitProblem.get());
    }
    String accountId = value(cells, "SubAccountId").orElse(organization.value());
    Optional<String> accountProblem = NewAccount.problemOfId(accountId);
    if (accountProblem.isPresent()) {
      return rejected(place, id, COLUMN_OF.get("account_id"), accountProblem.get());
    }
    Optional<String> organizationName = value(cells, "BillingAccountName");
    Optional<String> accountName =
        value(cells, "SubAccountId").isPresent()
            ? value(cells, "SubAccountName")
            : organizationName;
    for (String column : List.of("BillingAccountName", "SubAccountName")) {
      Optional<String> nameProblem = value(cells, column).flatMap(TextLimit.NAME::problem);
      if (nameProblem.isPresent()) {
        return rejected(place, id, column, nameProblem.get());
      }
    }
    // A missing amount is not computed from the list price.
    if (value(cells, "BilledCost").isEmpty()) {
      return rejected(place, id, "BilledCost", "is required");
    }
    UsageUnit unit = unitText.map(FocusSource::unit).orElse(UsageUnit.OTHER);
    Map<String, JsonValue> raw = new HashMap<>();
    put(raw, "id", Optional.of(id));
    put(raw, "account_id", Optional.of(accountId));
    put(raw, "organization_id", Optional.of(organization.value()));
    put(
        raw,
        "product_id",
        value(cells, "SkuId")
            .or(() -> value(cells, "SkuPriceId"))
            .or(() -> value(cells, "ServiceName"))
            .or(() -> value(cells, "ChargeDescription")));
    put(raw, "aggr_product_id", value(cells, "ServiceName"));
    put(raw, "occurred_at", value(cells, "ChargePeriodStart").map(FocusSource::withOffset));
    put(raw, "type", Optional.of(UsageType.OTHER.name()));
    put(raw, "description", value(cells, "ChargeDescription").map(TextLimit.DESCRIPTION::cut));
    put(raw, "currency", value(cells, "BillingCurrency"));
    put(raw, "unit", Optional.of(unit.name()));
    put(raw, "price", value(cells, "ListUnitPrice"));
    put(raw, "number_of_units", value(cells, "PricingQuantity").or(() -> Optional.of("0")));
    put(raw, "total_amount", value(cells, "BilledCost"));
    Entry entry =
        reader.read(
            place,
            raw,
            unit == UsageUnit.OTHER ? unitText.orElse(null) : null,
            Optional.of(
                new NewAccount(
                    organization, accountId, accountName.orElse(null), null, AccountStatus.ACTIVE)),
            organizationName);
    return entry instanceof Entry.Rejected rejected ? rejected.withNames(COLUMN_OF) : entry;
  }

  private static Entry rejected(Entry.Place place, String id, String column, String problem) {
    return new Entry.Rejected(
        place, id, ErrorCode.INVALID_RECORD, List.of(new FieldError(column, problem)));
  }

  private String id(Map<String, String> cells) {
    CanonicalDigest row = new CanonicalDigest();
    CanonicalDigest id = new CanonicalDigest();
    new TreeMap<>(cells)
        .forEach(
            (name, cell) -> {
              row.add(name).add(cell);
              id.add(name).add(cell);
            });
    return id.add(Integer.toString(duplicates.next(row.toUuid()))).toHex();
  }

  private static Optional<String> value(Map<String, String> cells, String column) {
    String cell = cells.get(column);
    return cell.isEmpty() || cell.equals(NULL) ? Optional.empty() : Optional.of(cell);
  }

  private static void put(Map<String, JsonValue> raw, String field, Optional<String> value) {
    value.ifPresent(text -> raw.put(field, new JsonValue.Text(text)));
  }

  private static UsageUnit unit(String text) {
    for (UsageUnit unit : UsageUnit.values()) {
      if (unit.name().equals(text.toUpperCase(Locale.ROOT))) {
        return unit;
      }
    }
    return UsageUnit.OTHER;
  }

  private static String withOffset(String time) {
    String separated = time.replaceFirst("^([0-9-]{10}) ", "$1T");
    return separated.matches(".*T[0-9:.]*") ? separated + "Z" : separated;
  }

  @Override
  public void close() {
    duplicates.close();
  }
}

package io.usageapi.intake;

import io.usageapi.account.AccountStatus;
import io.usageapi.account.NewAccount;
import io.usageapi.error.ApiException;
import io.usageapi.error.ErrorCode;
import io.usageapi.error.FieldError;
import io.usageapi.security.OrganizationId;
import io.usageapi.text.CanonicalDigest;
import io.usageapi.text.TextLimit;
import io.usageapi.usage.UsageType;
import io.usageapi.usage.UsageUnit;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.commons.csv.CSVException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * The rows of a FOCUS 1.0 cost and usage file as records (contract, "FOCUS"). The format has no row
 * id; a row's id is a digest over all its columns and over how many equal rows came before it in
 * this body, so that a file sent again adds nothing.
 */
final class FocusSource implements EntrySource {
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

  /** Which column a field of the record comes from, for what is said of it. */
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

  /** The word of the format for no value. */
  private static final String NULL = "NULL";

  private final RecordReader reader;
  private final BoundedReader characters;
  private final CSVParser parser;
  private final Iterator<CSVRecord> rows;
  private final List<String> header;
  private final EqualRows equalRows = new EqualRows();
  private long index;

  /**
   * Opens a file and reads its header.
   *
   * @throws ApiException 400 {@code invalid_body} when the header lacks a column or has one twice
   */
  FocusSource(InputStream body, RecordReader reader, int maxRowCharacters) {
    this.reader = reader;
    try {
      this.characters =
          new BoundedReader(
              new InputStreamReader(withoutMark(body), StandardCharsets.UTF_8.newDecoder()),
              maxRowCharacters);
      this.parser = CSVFormat.RFC4180.builder().setIgnoreEmptyLines(true).get().parse(characters);
    } catch (IOException e) {
      equalRows.close();
      throw brokenOff(e, 1);
    }
    this.rows = parser.iterator();
    this.header = header();
  }

  /** A byte order mark is no part of the text. */
  private static InputStream withoutMark(InputStream body) throws IOException {
    BufferedInputStream buffered = new BufferedInputStream(body);
    buffered.mark(3);
    byte[] start = buffered.readNBytes(3);
    boolean mark =
        start.length == 3
            && start[0] == (byte) 0xEF
            && start[1] == (byte) 0xBB
            && start[2] == (byte) 0xBF;
    if (!mark) {
      buffered.reset();
    }
    return buffered;
  }

  private List<String> header() {
    Optional<CSVRecord> first = row();
    List<String> names = first.map(CSVRecord::toList).orElse(List.of());
    List<FieldError> errors = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (String name : names) {
      if (!seen.add(name)) {
        errors.add(new FieldError(TextLimit.shown(name), "stands in the header twice"));
      }
    }
    NEEDED.stream()
        .sorted()
        .filter(name -> !seen.contains(name))
        .forEach(name -> errors.add(new FieldError(name, "is missing from the header")));
    if (!errors.isEmpty()) {
      close();
      throw ApiException.of(ErrorCode.INVALID_BODY, errors);
    }
    return names;
  }

  @Override
  public List<Entry> next(int max) {
    List<Entry> batch = new ArrayList<>();
    while (batch.size() < max) {
      Optional<CSVRecord> row = row();
      if (row.isEmpty()) {
        break;
      }
      batch.add(entry(row.get()));
      index++;
    }
    return batch;
  }

  private Optional<CSVRecord> row() {
    characters.recordEnded();
    try {
      return rows.hasNext() ? Optional.of(rows.next()) : Optional.empty();
    } catch (UncheckedIOException e) {
      throw brokenOff(e.getCause(), parser.getCurrentLineNumber());
    }
  }

  private ApiException brokenOff(IOException e, long line) {
    String problem = "The body broke off";
    if (e instanceof CSVException) {
      problem = "The quoting is broken";
    } else if (e instanceof CharacterCodingException) {
      problem = "The body is not UTF-8";
    }
    return ApiException.of(
        ErrorCode.INVALID_BODY,
        problem
            + " at or after line "
            + Math.max(1, line)
            + ". Records before it may have been taken in; sending it all again is safe.");
  }

  private Entry entry(CSVRecord row) {
    Entry.Place place = new Entry.Place(index, firstLine(row));
    if (row.size() != header.size()) {
      return new Entry.Rejected(
          place,
          null,
          ErrorCode.INVALID_RECORD,
          List.of(
              new FieldError(
                  "line " + place.line(),
                  "has " + row.size() + " cells, the header has " + header.size())));
    }
    Map<String, String> cells = new TreeMap<>();
    for (int i = 0; i < header.size(); i++) {
      cells.put(header.get(i), row.get(i));
    }
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
    Optional<String> word = value(cells, "PricingUnit");
    Optional<String> wordProblem = word.flatMap(TextLimit.ID::problem);
    if (wordProblem.isPresent()) {
      return rejected(place, id, "PricingUnit", wordProblem.get());
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
    // A bill without an amount is not priced anew from its list price.
    if (value(cells, "BilledCost").isEmpty()) {
      return rejected(place, id, "BilledCost", "is required");
    }
    UsageUnit unit = word.map(FocusSource::unit).orElse(UsageUnit.OTHER);
    String accountId = value(cells, "SubAccountId").orElse(organization.value());
    Map<String, RawValue> raw = new HashMap<>();
    put(raw, "id", Optional.of(id));
    put(raw, "account_id", Optional.of(accountId));
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
            unit == UsageUnit.OTHER ? word.orElse(null) : null,
            Optional.of(
                new NewAccount(
                    organization, accountId, accountName.orElse(null), null, AccountStatus.ACTIVE)),
            organizationName);
    return entry instanceof Entry.Rejected rejected ? inColumns(rejected) : entry;
  }

  /** The sender knows columns, not the fields they are mapped to. */
  private static Entry inColumns(Entry.Rejected rejected) {
    return new Entry.Rejected(
        rejected.place(),
        rejected.id(),
        rejected.code(),
        rejected.fields().stream()
            .map(
                field ->
                    new FieldError(
                        COLUMN_OF.getOrDefault(field.name(), field.name()), field.description()))
            .toList());
  }

  private static Entry rejected(Entry.Place place, String id, String column, String problem) {
    return new Entry.Rejected(
        place, id, ErrorCode.INVALID_RECORD, List.of(new FieldError(column, problem)));
  }

  private String id(Map<String, String> sortedCells) {
    CanonicalDigest row = new CanonicalDigest();
    CanonicalDigest id = new CanonicalDigest();
    sortedCells.forEach(
        (name, cell) -> {
          row.add(name).add(cell);
          id.add(name).add(cell);
        });
    return id.add(Integer.toString(equalRows.next(row.toUuid()))).toHex();
  }

  private static Optional<String> value(Map<String, String> cells, String column) {
    String cell = cells.get(column);
    return cell.isEmpty() || cell.equals(NULL) ? Optional.empty() : Optional.of(cell);
  }

  private static void put(Map<String, RawValue> raw, String field, Optional<String> value) {
    value.ifPresent(text -> raw.put(field, new RawValue.Text(text)));
  }

  private static UsageUnit unit(String word) {
    for (UsageUnit unit : UsageUnit.values()) {
      if (unit.name().equals(word.toUpperCase(Locale.ROOT))) {
        return unit;
      }
    }
    return UsageUnit.OTHER;
  }

  private static String withOffset(String time) {
    String separated = time.replaceFirst("^([0-9-]{10}) ", "$1T");
    return separated.matches(".*T[0-9:.]*") ? separated + "Z" : separated;
  }

  /** The parser knows the line a row ends on. */
  private long firstLine(CSVRecord row) {
    long breaks = 0;
    for (String cell : row) {
      breaks += cell.lines().count() - (cell.isEmpty() ? 0 : 1);
      breaks += cell.endsWith("\n") || cell.endsWith("\r") ? 1 : 0;
    }
    return parser.getCurrentLineNumber() - breaks;
  }

  /**
   * Not the body, which is the framework's: closing it would wait for all that is still to come.
   */
  @Override
  public void close() {
    equalRows.close();
  }
}

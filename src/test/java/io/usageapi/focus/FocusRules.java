package io.usageapi.focus;

import static java.util.stream.Collectors.toMap;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * The normative rules of FOCUS 1.2 that a file by itself can break: its columns, nulls, types,
 * allowed values and formats, and the relations within a row and between rows. Rules that need more
 * than the file (invoices, price lists, whether a purchase covers charges to come) are not here.
 */
final class FocusRules {
  /** Feature level, whether it may be null, and data type ("Content constraints"). */
  private record Column(boolean mandatory, boolean nullable, String type) {}

  /** All columns: M is mandatory, C conditional, R recommended. */
  private static final Map<String, Column> COLUMNS =
      """
      AvailabilityZone R null String
      BilledCost M value Decimal
      BillingAccountId M value String
      BillingAccountName M null String
      BillingAccountType C value String
      BillingCurrency M value Currency
      BillingPeriodEnd M value DateTime
      BillingPeriodStart M value DateTime
      CapacityReservationId C null String
      CapacityReservationStatus C null String
      ChargeCategory M value String
      ChargeClass M null String
      ChargeDescription M null String
      ChargeFrequency R value String
      ChargePeriodEnd M value DateTime
      ChargePeriodStart M value DateTime
      CommitmentDiscountCategory C null String
      CommitmentDiscountId C null String
      CommitmentDiscountName C null String
      CommitmentDiscountQuantity C null Decimal
      CommitmentDiscountStatus C null String
      CommitmentDiscountType C null String
      CommitmentDiscountUnit C null String
      ConsumedQuantity C null Decimal
      ConsumedUnit C null String
      ContractedCost M value Decimal
      ContractedUnitPrice C null UnitPrice
      EffectiveCost M value Decimal
      InvoiceId R null String
      InvoiceIssuerName M value String
      ListCost M value Decimal
      ListUnitPrice C null UnitPrice
      PricingCategory C null String
      PricingCurrency C value String
      PricingCurrencyContractedUnitPrice C null UnitPrice
      PricingCurrencyEffectiveCost C value Decimal
      PricingCurrencyListUnitPrice C null UnitPrice
      PricingQuantity M null Decimal
      PricingUnit M null String
      ProviderName M value String
      PublisherName M value String
      RegionId C null String
      RegionName C null String
      ResourceId C null String
      ResourceName C null String
      ResourceType C null String
      ServiceCategory M value String
      ServiceName M value String
      ServiceSubcategory R value String
      SkuId C null String
      SkuMeter C null String
      SkuPriceDetails C null Json
      SkuPriceId C null String
      SubAccountId C null String
      SubAccountName C null String
      SubAccountType C null String
      Tags C null Json
      """
          .lines()
          .map(line -> line.split(" "))
          .collect(
              toMap(
                  cells -> cells[0],
                  cells -> new Column(cells[1].equals("M"), cells[2].equals("null"), cells[3]),
                  (a, b) -> a,
                  LinkedHashMap::new));

  private static final Map<String, List<String>> ALLOWED =
      lists(
          """
          CapacityReservationStatus: Used; Unused
          ChargeCategory: Usage; Purchase; Tax; Credit; Adjustment
          ChargeClass: Correction
          ChargeFrequency: One-Time; Recurring; Usage-Based
          CommitmentDiscountCategory: Spend; Usage
          CommitmentDiscountStatus: Used; Unused
          PricingCategory: Standard; Dynamic; Committed; Other
          """);

  /** The allowed values of ServiceCategory, each with its subcategories. */
  private static final Map<String, List<String>> SUBCATEGORIES =
      lists(
          """
          AI and Machine Learning: AI Platforms; Bots; Generative AI; Machine Learning; Natural \
          Language Processing; Other (AI and Machine Learning)
          Analytics: Analytics Platforms; Business Intelligence; Data Processing; Search; Streaming \
          Analytics; Other (Analytics)
          Business Applications: Productivity and Collaboration; Other (Business Applications)
          Compute: Containers; End User Computing; Quantum Compute; Serverless Compute; Virtual \
          Machines; Other (Compute)
          Databases: Caching; Data Warehouses; Ledger Databases; NoSQL Databases; Relational \
          Databases; Time Series Databases; Other (Databases)
          Developer Tools: Developer Platforms; Continuous Integration and Deployment; Development \
          Environments; Source Code Management; Quality Assurance; Other (Developer Tools)
          Identity: Identity and Access Management; Other (Identity)
          Integration: API Management; Messaging; Workflow Orchestration; Other (Integration)
          Internet of Things: IoT Analytics; IoT Platforms; Other (Internet of Things)
          Management and Governance: Architecture; Compliance; Cost Management; Data Governance; \
          Disaster Recovery; Endpoint Management; Observability; Support; Other (Management and \
          Governance)
          Media: Content Creation; Gaming; Media Streaming; Mixed Reality; Other (Media)
          Migration: Data Migration; Resource Migration; Other (Migration)
          Mobile: Other (Mobile)
          Multicloud: Multicloud Integration; Other (Multicloud)
          Networking: Application Networking; Content Delivery; Network Connectivity; Network \
          Infrastructure; Network Routing; Network Security; Other (Networking)
          Security: Secret Management; Security Posture Management; Threat Detection and Response; \
          Other (Security)
          Storage: Backup Storage; Block Storage; File Storage; Object Storage; Storage Platforms; \
          Other (Storage)
          Web: Application Platforms; Other (Web)
          Other: Other (Other)
          """);

  /** Null for tax, and not null for usage and purchases that are no corrections. */
  private static final List<String> PRICED =
      List.of(
          "ContractedUnitPrice",
          "ListUnitPrice",
          "PricingCategory",
          "PricingCurrencyContractedUnitPrice",
          "PricingCurrencyListUnitPrice",
          "PricingQuantity",
          "SkuId",
          "SkuPriceId");

  /** Null exactly if another column is. */
  private static final Map<String, String> TOGETHER =
      Map.of(
          "PricingUnit", "PricingQuantity",
          "ConsumedUnit", "ConsumedQuantity",
          "SubAccountName", "SubAccountId",
          "SubAccountType", "SubAccountId",
          "RegionName", "RegionId",
          "ResourceType", "ResourceId",
          "CommitmentDiscountCategory", "CommitmentDiscountId",
          "CommitmentDiscountType", "CommitmentDiscountId",
          "CommitmentDiscountUnit", "CommitmentDiscountQuantity");

  /** Null if another column is. */
  private static final Map<String, String> WITHIN =
      Map.of(
          "ResourceName", "ResourceId",
          "SkuMeter", "SkuId",
          "SkuPriceDetails", "SkuPriceId",
          "CommitmentDiscountName", "CommitmentDiscountId",
          "CommitmentDiscountStatus", "CommitmentDiscountId",
          "CapacityReservationStatus", "CapacityReservationId");

  /** The same wherever another column is. */
  private static final Map<String, String> ONE_OF_EACH =
      Map.of("ServiceCategory", "ServiceName", "SkuId", "SkuPriceId");

  private static final Pattern DECIMAL =
      Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?(E-?[0-9]+)?");
  private static final Pattern TIME =
      Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z");
  private static final Pattern CUSTOM = Pattern.compile("x_[A-Za-z0-9]+");

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

  private final List<String> violations = new ArrayList<>();

  private FocusRules() {}

  private static Map<String, List<String>> lists(String text) {
    return text.lines()
        .map(line -> line.split(": "))
        .collect(toMap(line -> line[0], line -> List.of(line[1].split("; "))));
  }

  /** What a file breaks, each with its line and column; nothing for a file that conforms. */
  static List<String> violations(String csv) {
    FocusRules rules = new FocusRules();
    try (CSVParser parser =
        CSVParser.parse(csv, CSVFormat.RFC4180.builder().setNullString("").get())) {
      List<CSVRecord> lines = parser.getRecords();
      if (lines.isEmpty()) {
        return List.of("there is no header");
      }
      List<String> header = Arrays.asList(lines.get(0).values());
      rules.checkHeader(header);
      rules.checkRows(header, lines.subList(1, lines.size()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rules.violations;
  }

  private void checkHeader(List<String> header) {
    COLUMNS.forEach(
        (name, column) ->
            require(!column.mandatory() || header.contains(name), 1, name, "MUST be present"));
    boolean custom = false;
    Set<String> seen = new HashSet<>();
    for (String name : header) {
      require(seen.add(name), 1, name, "is there twice");
      boolean focus = COLUMNS.containsKey(name);
      require(focus || CUSTOM.matcher(name).matches(), 1, name, "MUST be prefixed with x_");
      require(!(focus && custom), 1, name, "SHOULD be before all custom columns");
      custom |= !focus;
    }
  }

  private void checkRows(List<String> header, List<CSVRecord> rows) {
    Map<String, Map<String, String>> seen = new HashMap<>();
    int line = 1;
    for (CSVRecord cells : rows) {
      line++;
      if (cells.size() != header.size()) {
        violations.add("line " + line + ": has " + cells.size() + " cells");
        continue;
      }
      Map<String, String> row = new LinkedHashMap<>();
      for (int i = 0; i < header.size(); i++) {
        row.put(header.get(i), cells.get(i));
      }
      int before = violations.size();
      checkValues(row, line);
      if (violations.size() == before) {
        checkNulls(row, line);
        checkCosts(row, line);
        checkPeriods(row, line);
        checkOthers(row, line, seen);
      }
    }
  }

  private void checkValues(Map<String, String> row, int line) {
    for (Map.Entry<String, String> cell : row.entrySet()) {
      Column column = COLUMNS.get(cell.getKey());
      String name = cell.getKey();
      String value = cell.getValue();
      if (column == null) {
        continue;
      }
      if (value == null) {
        require(column.nullable(), line, name, "MUST NOT be null");
        continue;
      }
      switch (column.type()) {
        case "Decimal" ->
            require(DECIMAL.matcher(value).matches(), line, name, "MUST conform to NumericFormat");
        case "UnitPrice" -> {
          require(DECIMAL.matcher(value).matches(), line, name, "MUST conform to NumericFormat");
          require(!value.startsWith("-"), line, name, "MUST be a non-negative decimal value");
        }
        case "DateTime" -> require(isTime(value), line, name, "MUST conform to DateTimeFormat");
        case "Currency" ->
            require(value.matches("[A-Z]{3}"), line, name, "MUST conform to CurrencyFormat");
        case "Json" -> require(isKeyValue(value), line, name, "MUST conform to KeyValueFormat");
        default ->
            require(
                !ALLOWED.containsKey(name) || ALLOWED.get(name).contains(value),
                line,
                name,
                "MUST be one of the allowed values");
      }
    }
    String category = row.get("ServiceCategory");
    if (category != null) {
      List<String> children = SUBCATEGORIES.getOrDefault(category, List.of());
      require(!children.isEmpty(), line, "ServiceCategory", "MUST be one of the allowed values");
      require(
          !row.containsKey("ServiceSubcategory")
              || children.contains(row.get("ServiceSubcategory")),
          line,
          "ServiceSubcategory",
          "MUST be one of the allowed values of its ServiceCategory");
    }
  }

  private void checkNulls(Map<String, String> row, int line) {
    String category = row.getOrDefault("ChargeCategory", "");
    boolean correction = row.get("ChargeClass") != null;
    boolean charged = category.equals("Usage") || category.equals("Purchase");
    for (String name : PRICED) {
      if (row.containsKey(name)) {
        boolean isNull = row.get(name) == null;
        require(isNull || !category.equals("Tax"), line, name, "MUST be null for Tax");
        require(!isNull || !charged || correction, line, name, "MUST NOT be null for " + category);
      }
    }
    if (row.containsKey("ConsumedQuantity")) {
      boolean isNull = row.get("ConsumedQuantity") == null;
      boolean consumed =
          category.equals("Usage") && !"Unused".equals(row.get("CommitmentDiscountStatus"));
      require(isNull || consumed, line, "ConsumedQuantity", "MUST be null");
      require(!isNull || !consumed || correction, line, "ConsumedQuantity", "MUST NOT be null");
    }
    TOGETHER.forEach(
        (name, other) ->
            require(
                !row.containsKey(name) || (row.get(name) == null) == (row.get(other) == null),
                line,
                name,
                "MUST be null exactly if " + other + " is"));
    WITHIN.forEach(
        (name, other) ->
            require(
                row.get(name) == null || row.get(other) != null,
                line,
                name,
                "MUST be null if " + other + " is"));
  }

  private void checkCosts(Map<String, String> row, int line) {
    String category = row.getOrDefault("ChargeCategory", "");
    boolean correction = row.get("ChargeClass") != null;
    BigDecimal quantity = number(row, "PricingQuantity");
    BigDecimal billed = number(row, "BilledCost");
    for (String kind : List.of("List", "Contracted")) {
      BigDecimal price = number(row, kind + "UnitPrice");
      BigDecimal cost = number(row, kind + "Cost");
      if (price != null && quantity != null && !correction) {
        require(
            equal(price.multiply(quantity), cost),
            line,
            kind + "Cost",
            "MUST match the product of the price and PricingQuantity");
      } else if (price == null && !category.equals("Tax")) {
        require(equal(billed, cost), line, kind + "Cost", "without a price MUST match BilledCost");
      }
    }
    if (category.equals("Credit") || category.equals("Adjustment")) {
      require(
          equal(billed, number(row, "EffectiveCost")),
          line,
          "EffectiveCost",
          "MUST match BilledCost");
    }
  }

  private void checkPeriods(Map<String, String> row, int line) {
    for (String period : List.of("BillingPeriod", "ChargePeriod")) {
      String start = row.get(period + "Start");
      String end = row.get(period + "End");
      require(
          start == null || end == null || start.compareTo(end) < 0,
          line,
          period + "End",
          "MUST be the exclusive end bound");
    }
  }

  private void checkOthers(
      Map<String, String> row, int line, Map<String, Map<String, String>> seen) {
    require(
        !"Purchase".equals(row.get("ChargeCategory"))
            || !"Usage-Based".equals(row.get("ChargeFrequency")),
        line,
        "ChargeFrequency",
        "MUST NOT be Usage-Based for Purchase");
    ONE_OF_EACH.forEach(
        (name, each) -> {
          String key = row.get(each);
          if (key != null && row.get(name) != null) {
            String first =
                seen.computeIfAbsent(each, none -> new HashMap<>())
                    .computeIfAbsent(key, none -> row.get(name));
            require(first.equals(row.get(name)), line, name, "MUST be one for each " + each);
          }
        });
  }

  private void require(boolean holds, int line, String column, String rule) {
    if (!holds) {
      violations.add("line " + line + ": " + column + " " + rule);
    }
  }

  private static BigDecimal number(Map<String, String> row, String name) {
    String value = row.get(name);
    return value == null ? null : new BigDecimal(value);
  }

  private static boolean equal(BigDecimal a, BigDecimal b) {
    return a != null && b != null && a.compareTo(b) == 0;
  }

  private static boolean isTime(String value) {
    try {
      return TIME.matcher(value).matches() && Instant.parse(value) != null;
    } catch (DateTimeException e) {
      return false;
    }
  }

  private static boolean isKeyValue(String value) {
    try {
      JsonNode object = JSON.readTree(value);
      return object.isObject() && object.valueStream().allMatch(JsonNode::isValueNode);
    } catch (JsonProcessingException e) {
      return false;
    }
  }
}

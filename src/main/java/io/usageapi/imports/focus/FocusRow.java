package io.usageapi.imports.focus;

import io.usageapi.account.AccountStatus;
import io.usageapi.account.NewAccount;
import io.usageapi.aggregate.AggregateKey;
import io.usageapi.aggregate.UsageType;
import io.usageapi.aggregate.UsageUnit;
import io.usageapi.error.ErrorCode;
import io.usageapi.error.FieldError;
import io.usageapi.intake.RecordReader;
import io.usageapi.intake.UsageRecord;
import io.usageapi.intake.format.Entry;
import io.usageapi.security.OrganizationId;
import io.usageapi.text.CanonicalDigest;
import io.usageapi.text.DecimalText;
import io.usageapi.text.TextLimit;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * The values of a row in the columns that are read, and what they become (operation {@code
 * putImport}). One object serves all rows of a file.
 */
final class FocusRow {
  /** How FOCUS spells a missing value. */
  private static final String NULL = "NULL";

  /** The columns a product may come from; the first that has a value counts. */
  private static final List<FocusColumn> PRODUCT =
      List.of(
          FocusColumn.SKU_ID,
          FocusColumn.SKU_PRICE_ID,
          FocusColumn.SERVICE_NAME,
          FocusColumn.CHARGE_DESCRIPTION);

  private final RecordReader reader;
  private final Map<FocusColumn, String> values = new EnumMap<>(FocusColumn.class);
  private final List<FieldError> errors = new ArrayList<>();

  FocusRow(RecordReader reader) {
    this.reader = reader;
  }

  /** Forgets the row before. */
  void clear() {
    values.clear();
    errors.clear();
  }

  /** Sets a value; one that is blank or the word NULL is none. */
  void set(FocusColumn column, String text) {
    if (!text.isBlank() && !text.equals(NULL)) {
      values.put(column, text);
    }
  }

  /** Adds an error, unless the column has one already. */
  void reject(FocusColumn column, String problem) {
    if (errors.stream().noneMatch(error -> error.name().equals(column.id()))) {
      errors.add(new FieldError(column.id(), problem));
    }
  }

  /** The row as a record whose id is a digest of all that is mapped, or all its errors. */
  Entry entry(Entry.Place place) {
    String organization = id(FocusColumn.BILLING_ACCOUNT_ID);
    boolean hasSubAccount = value(FocusColumn.SUB_ACCOUNT_ID) != null;
    String account = hasSubAccount ? id(FocusColumn.SUB_ACCOUNT_ID) : organization;
    if (account != null) {
      FocusColumn column =
          hasSubAccount ? FocusColumn.SUB_ACCOUNT_ID : FocusColumn.BILLING_ACCOUNT_ID;
      NewAccount.problemOfId(account).ifPresent(problem -> reject(column, problem));
    }
    String organizationName = name(FocusColumn.BILLING_ACCOUNT_NAME);
    String accountName = hasSubAccount ? name(FocusColumn.SUB_ACCOUNT_NAME) : organizationName;
    Instant occurredAt = time();
    BigDecimal price = number(FocusColumn.LIST_UNIT_PRICE);
    BigDecimal quantity = number(FocusColumn.PRICING_QUANTITY);
    BigDecimal cost = number(FocusColumn.BILLED_COST);
    String product = product();
    String service = value(FocusColumn.SERVICE_NAME) == null ? null : id(FocusColumn.SERVICE_NAME);
    String description = description();
    String currency = currency();
    String word = word();
    UsageUnit unit = unit(word);
    for (FocusColumn needed : FocusColumn.NEEDED) {
      if (value(needed) == null) {
        reject(needed, "is required");
      }
    }
    if (!errors.isEmpty()) {
      return new Entry.Rejected(place, null, ErrorCode.INVALID_RECORD, List.copyOf(errors));
    }
    AggregateKey key =
        AggregateKey.of(
            dimension ->
                switch (dimension) {
                  case ACCOUNT_ID -> account;
                  case PRODUCT_ID -> product;
                  case AGGR_PRODUCT_ID -> service;
                  case MONTH -> UsageRecord.monthOf(occurredAt);
                  case TYPE -> UsageType.OTHER;
                  case DESCRIPTION -> description;
                  case CURRENCY -> currency;
                  case UNIT -> unit;
                  case UNIT_WORD -> unit == UsageUnit.OTHER && !isNameOf(unit, word) ? word : null;
                  case PRICE -> price;
                  case DIRECTION, RESOLUTION, WALLET_NAME -> null;
                });
    OrganizationId owner = new OrganizationId(organization);
    return new Entry.Read(
        place,
        record(owner, occurredAt, key, quantity == null ? BigDecimal.ZERO : quantity, cost),
        Optional.of(owner),
        Optional.of(new NewAccount(owner, account, accountName, null, AccountStatus.ACTIVE)),
        Optional.ofNullable(organizationName));
  }

  /** Rows are the same when their records have the same id: names are not part of it. */
  private static UsageRecord record(
      OrganizationId organization,
      Instant occurredAt,
      AggregateKey key,
      BigDecimal quantity,
      BigDecimal cost) {
    UsageRecord unnamed = new UsageRecord("", occurredAt, key, quantity, cost);
    String id =
        unnamed
            .digest(new CanonicalDigest().add(organization.value()))
            .toUuid()
            .toString()
            .replace("-", "");
    return new UsageRecord(id, occurredAt, key, quantity, cost);
  }

  private String value(FocusColumn column) {
    return values.get(column);
  }

  /** An id; one that is too long is its SHA-256 in hex. */
  private String id(FocusColumn column) {
    String text = value(column);
    if (text == null) {
      return null;
    }
    if (TextLimit.ID.isExceededBy(text)) {
      // A digest takes unpaired surrogates for question marks.
      if (text.codePoints()
          .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
        reject(column, "must not contain unpaired surrogates");
      }
      return DigestUtils.sha256Hex(text);
    }
    return checked(column, text, TextLimit.ID);
  }

  /** A name, cut at its limit. */
  private String name(FocusColumn column) {
    String text = value(column);
    return text == null ? null : checked(column, TextLimit.NAME.cut(text), TextLimit.NAME);
  }

  private String description() {
    String text = value(FocusColumn.CHARGE_DESCRIPTION);
    return text == null
        ? null
        : checked(
            FocusColumn.CHARGE_DESCRIPTION, TextLimit.DESCRIPTION.cut(text), TextLimit.DESCRIPTION);
  }

  private String checked(FocusColumn column, String text, TextLimit limit) {
    limit.problem(text).ifPresent(problem -> reject(column, problem));
    return text;
  }

  private String product() {
    for (FocusColumn column : PRODUCT) {
      if (value(column) != null) {
        return id(column);
      }
    }
    reject(
        FocusColumn.SKU_ID,
        "is required where there is no SkuPriceId, ServiceName or ChargeDescription either");
    return null;
  }

  private String currency() {
    String text = value(FocusColumn.BILLING_CURRENCY);
    if (text != null && !(text.length() == 3 && text.chars().allMatch(c -> c >= 'A' && c <= 'Z'))) {
      reject(FocusColumn.BILLING_CURRENCY, "must be a code of three capital letters like EUR");
    }
    return text;
  }

  private String word() {
    String text = value(FocusColumn.PRICING_UNIT);
    return text == null ? null : checked(FocusColumn.PRICING_UNIT, text, TextLimit.ID);
  }

  private static boolean isNameOf(UsageUnit unit, String word) {
    return unit.name().equalsIgnoreCase(word);
  }

  private static UsageUnit unit(String word) {
    for (UsageUnit unit : UsageUnit.values()) {
      if (isNameOf(unit, word)) {
        return unit;
      }
    }
    return UsageUnit.OTHER;
  }

  private Instant time() {
    String text = value(FocusColumn.CHARGE_PERIOD_START);
    if (text == null) {
      return null;
    }
    Optional<Instant> time = FocusTime.parse(text);
    Optional<String> problem =
        time.isEmpty() ? Optional.of(FocusTime.FORM) : reader.problemOf(time.get());
    problem.ifPresent(found -> reject(FocusColumn.CHARGE_PERIOD_START, found));
    return time.orElse(null);
  }

  private BigDecimal number(FocusColumn column) {
    String text = value(column);
    if (text == null) {
      return null;
    }
    Optional<BigDecimal> number = DecimalText.parse(text);
    if (number.isEmpty()) {
      reject(
          column,
          DecimalText.isNumber(text)
              ? "must have at most " + DecimalText.MAX_DIGITS + " digits before and after the point"
              : "must be a number like 12.50, with a point, without thousands separators");
    }
    return number.orElse(null);
  }
}

package io.usageapi.focus;

import io.usageapi.aggregate.AggregateKey;
import io.usageapi.aggregate.Dimension;
import io.usageapi.aggregate.UsageAggregate;
import io.usageapi.aggregate.UsageType;
import io.usageapi.aggregate.UsageUnit;
import io.usageapi.security.OrganizationId;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.util.Locale;

/**
 * An aggregate as a charge of FOCUS 1.2 (operation {@code getMonthlyUsage}).
 *
 * @param organizationName null if it has none
 * @param accountName null if the account has none
 */
public record FocusCharge(
    OrganizationId organization,
    String organizationName,
    String accountName,
    UsageAggregate aggregate) {
  /** Decimal places of a price that is computed: as many as a record may have. */
  private static final int PRICE_SCALE = 30;

  private static final String MIDNIGHT = "T00:00:00Z";

  /** A value of {@code ChargeCategory}. */
  enum Category {
    USAGE("Usage"),
    PURCHASE("Purchase"),
    ADJUSTMENT("Adjustment");

    private final String word;

    Category(String word) {
      this.word = word;
    }

    /** Its spelling in FOCUS. */
    String word() {
      return word;
    }
  }

  /** A charge without a list price is an adjustment: FOCUS requires it of the other two. */
  Category category() {
    if (listUnitPrice() == null) {
      return Category.ADJUSTMENT;
    }
    return isTopUp() ? Category.PURCHASE : Category.USAGE;
  }

  /**
   * The price; null if there is none or it is negative, which FOCUS forbids. A top-up without a
   * price has the one that was paid: it has no other.
   */
  BigDecimal listUnitPrice() {
    BigDecimal price = key().price();
    if (price == null && isTopUp() && quantity().signum() != 0) {
      price = billedCost().divide(quantity(), PRICE_SCALE, RoundingMode.HALF_EVEN);
    }
    return price == null || price.signum() < 0 ? null : price;
  }

  /** The price if {@code ListUnitPrice} cannot hold it. */
  BigDecimal negativePrice() {
    BigDecimal price = key().price();
    return price != null && price.signum() < 0 ? price : null;
  }

  /** The list price times the quantity, or the amount if there is no list price. */
  BigDecimal listCost() {
    BigDecimal price = listUnitPrice();
    return price == null ? billedCost() : price.multiply(quantity());
  }

  /** The amount; 0 for a purchase, which covers charges to come. */
  BigDecimal effectiveCost() {
    return category() == Category.PURCHASE ? BigDecimal.ZERO : billedCost();
  }

  /** The amount. */
  BigDecimal billedCost() {
    return aggregate.totalAmount();
  }

  /** The units. */
  BigDecimal quantity() {
    return aggregate.numberOfUnits();
  }

  /** The units of usage; null for other charges. */
  BigDecimal consumedQuantity() {
    return category() == Category.USAGE ? quantity() : null;
  }

  /** The unit of usage; null for other charges. */
  String consumedUnit() {
    return category() == Category.USAGE ? unit() : null;
  }

  /** The unit as FOCUS spells units, which is its word where one was sent. */
  String unit() {
    String word = text(Dimension.UNIT_WORD);
    return word == null ? spelled((UsageUnit) key().value(Dimension.UNIT)) : word;
  }

  private static String spelled(UsageUnit unit) {
    String name = unit.name();
    return unit == UsageUnit.GB
        ? name
        : name.charAt(0) + name.substring(1).toLowerCase(Locale.ROOT);
  }

  /** How often it comes. The server does not know which fees recur. */
  String frequency() {
    return category() == Category.PURCHASE ? "One-Time" : "Usage-Based";
  }

  /** The organization's name, or its id. */
  String billingAccountName() {
    return organizationName == null ? organization.value() : organizationName;
  }

  /** The account's name, or its id. */
  String subAccountName() {
    return accountName == null ? key().accountId() : accountName;
  }

  /** The aggregated product, or the product. */
  String service() {
    String aggregated = text(Dimension.AGGR_PRODUCT_ID);
    return aggregated == null ? text(Dimension.PRODUCT_ID) : aggregated;
  }

  /** A dimension as text, or null. */
  String text(Dimension dimension) {
    Object value = key().value(dimension);
    return value == null ? null : value.toString();
  }

  /** The first moment of the month or day. */
  String periodStart() {
    return start(aggregate.day() == null ? key().month().atDay(1) : aggregate.day());
  }

  /** The first moment after the month or day. */
  String periodEnd() {
    return aggregate.day() == null ? monthEnd() : start(aggregate.day().plusDays(1));
  }

  /** The first moment of the month. */
  String monthStart() {
    return start(key().month().atDay(1));
  }

  /** The first moment after the month. */
  String monthEnd() {
    return start(key().month().plusMonths(1).atDay(1));
  }

  private static String start(LocalDate day) {
    return day + MIDNIGHT;
  }

  private boolean isTopUp() {
    UsageType type = (UsageType) key().value(Dimension.TYPE);
    return type == UsageType.RECHARGE || type == UsageType.CREDIT_COMMIT;
  }

  private AggregateKey key() {
    return aggregate.key();
  }
}

package io.usageapi.imports.focus;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The columns of a FOCUS file that are read; all others are ignored. */
enum FocusColumn {
  BILLING_ACCOUNT_ID("BillingAccountId"),
  BILLING_ACCOUNT_NAME("BillingAccountName"),
  SUB_ACCOUNT_ID("SubAccountId"),
  SUB_ACCOUNT_NAME("SubAccountName"),
  SKU_ID("SkuId"),
  SKU_PRICE_ID("SkuPriceId"),
  SERVICE_NAME("ServiceName"),
  CHARGE_DESCRIPTION("ChargeDescription"),
  CHARGE_PERIOD_START("ChargePeriodStart"),
  BILLING_CURRENCY("BillingCurrency"),
  PRICING_UNIT("PricingUnit"),
  LIST_UNIT_PRICE("ListUnitPrice"),
  PRICING_QUANTITY("PricingQuantity"),
  BILLED_COST("BilledCost");

  /** The columns a CSV header must have: mandatory in every version since 1.0, and read here. */
  static final List<FocusColumn> NEEDED =
      List.of(BILLED_COST, BILLING_ACCOUNT_ID, BILLING_CURRENCY, CHARGE_PERIOD_START);

  private static final Map<String, FocusColumn> BY_ID =
      Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(FocusColumn::id, each -> each));

  private final String id;

  FocusColumn(String id) {
    this.id = id;
  }

  /** Its id in the specification, which is its name in a file. */
  String id() {
    return id;
  }

  /** The column with an id; null if it is not read. */
  static FocusColumn byId(String id) {
    return BY_ID.get(id);
  }
}

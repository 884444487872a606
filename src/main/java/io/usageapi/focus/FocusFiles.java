package io.usageapi.focus;

import io.usageapi.aggregate.Dimension;
import io.usageapi.export.CsvFormat;
import io.usageapi.export.CsvLine;
import io.usageapi.export.ExportFormat;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.MediaType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * FOCUS 1.2 files: the mandatory columns, and of the others those that the server has values for,
 * in the order of the specification; then its own. Texts are as they are, not guarded against
 * spreadsheets: importers would take the guard for a part of them.
 */
@ApplicationScoped
public class FocusFiles {
  /** The media type of a file. */
  public static final String CONTENT_TYPE = "text/csv;profile=focus;charset=UTF-8";

  private final ExportFormat<FocusCharge> format;

  FocusFiles(FocusConfig config) {
    String publisher = config.publisher().orElse(config.provider());
    String issuer = config.invoiceIssuer().orElse(config.provider());
    Map<String, BiConsumer<FocusCharge, CsvLine>> columns =
        columns(config.provider(), publisher, issuer);
    List<BiConsumer<FocusCharge, CsvLine>> cells = List.copyOf(columns.values());
    // An entity tag covers the type, and so the settings that the body depends on.
    MediaType type =
        new MediaType(
            "text",
            "csv",
            Map.of(
                "profile",
                "focus",
                "provider",
                config.provider(),
                "publisher",
                publisher,
                "issuer",
                issuer));
    this.format =
        new CsvFormat<>(
            type,
            List.copyOf(columns.keySet()),
            (charge, line) -> cells.forEach(cell -> cell.accept(charge, line)));
  }

  /** The format of files. */
  public ExportFormat<FocusCharge> format() {
    return format;
  }

  private static Map<String, BiConsumer<FocusCharge, CsvLine>> columns(
      String provider, String publisher, String issuer) {
    Map<String, BiConsumer<FocusCharge, CsvLine>> columns = new LinkedHashMap<>();
    columns.put("BilledCost", (charge, line) -> line.number(charge.billedCost()));
    columns.put("BillingAccountId", text(charge -> charge.organization().value()));
    columns.put("BillingAccountName", text(FocusCharge::billingAccountName));
    columns.put("BillingCurrency", text(charge -> charge.text(Dimension.CURRENCY)));
    columns.put("BillingPeriodEnd", word(FocusCharge::monthEnd));
    columns.put("BillingPeriodStart", word(FocusCharge::monthStart));
    columns.put("ChargeCategory", word(charge -> charge.category().word()));
    // Which records of an aggregate are corrections, the server does not know.
    columns.put("ChargeClass", word(charge -> null));
    columns.put("ChargeDescription", text(charge -> charge.text(Dimension.DESCRIPTION)));
    columns.put("ChargeFrequency", word(FocusCharge::frequency));
    columns.put("ChargePeriodEnd", word(FocusCharge::periodEnd));
    columns.put("ChargePeriodStart", word(FocusCharge::periodStart));
    // Null for all, but the rules of ConsumedQuantity refer to it, and validators look for it.
    columns.put("CommitmentDiscountStatus", word(charge -> null));
    columns.put("ConsumedQuantity", (charge, line) -> line.number(charge.consumedQuantity()));
    columns.put("ConsumedUnit", text(FocusCharge::consumedUnit));
    columns.put("ContractedCost", (charge, line) -> line.number(charge.billedCost()));
    columns.put("EffectiveCost", (charge, line) -> line.number(charge.effectiveCost()));
    columns.put("InvoiceId", word(charge -> null));
    columns.put("InvoiceIssuerName", text(charge -> issuer));
    columns.put("ListCost", (charge, line) -> line.number(charge.listCost()));
    columns.put("ListUnitPrice", (charge, line) -> line.number(charge.listUnitPrice()));
    columns.put("PricingQuantity", (charge, line) -> line.number(charge.quantity()));
    columns.put("PricingUnit", text(FocusCharge::unit));
    columns.put("ProviderName", text(charge -> provider));
    columns.put("PublisherName", text(charge -> publisher));
    columns.put("ServiceCategory", word(charge -> "Other"));
    columns.put("ServiceName", text(FocusCharge::service));
    columns.put("ServiceSubcategory", word(charge -> "Other (Other)"));
    columns.put("SkuId", text(charge -> charge.text(Dimension.PRODUCT_ID)));
    columns.put("SubAccountId", text(charge -> charge.text(Dimension.ACCOUNT_ID)));
    columns.put("SubAccountName", text(FocusCharge::subAccountName));
    columns.put("x_AggregateId", word(charge -> charge.aggregate().id()));
    columns.put("x_Direction", word(charge -> charge.text(Dimension.DIRECTION)));
    columns.put("x_Resolution", word(charge -> charge.text(Dimension.RESOLUTION)));
    columns.put("x_Type", word(charge -> charge.text(Dimension.TYPE)));
    columns.put("x_UnitPrice", (charge, line) -> line.number(charge.negativePrice()));
    columns.put("x_WalletName", text(charge -> charge.text(Dimension.WALLET_NAME)));
    return columns;
  }

  private static BiConsumer<FocusCharge, CsvLine> text(Function<FocusCharge, String> value) {
    return (charge, line) -> line.plain(value.apply(charge));
  }

  /** Without what CSV puts into quotes. */
  private static BiConsumer<FocusCharge, CsvLine> word(Function<FocusCharge, String> value) {
    return (charge, line) -> line.word(value.apply(charge));
  }
}

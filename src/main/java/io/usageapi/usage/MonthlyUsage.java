package io.usageapi.usage;

import io.usageapi.aggregate.AggregateId;
import io.usageapi.aggregate.Direction;
import io.usageapi.aggregate.Resolution;
import io.usageapi.aggregate.UsageAggregate;
import io.usageapi.aggregate.UsageType;
import io.usageapi.aggregate.UsageUnit;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.UUID;
import org.hibernate.annotations.Immutable;

/** A monthly aggregate as it is stored. Only intake writes it, by statements of its own. */
@Entity
@Immutable
@Table(name = "monthly_usage")
@IdClass(MonthlyUsage.Key.class)
public class MonthlyUsage {
  /**
   * What identifies an aggregate.
   *
   * @param organizationId whose it is
   * @param id the digest of its grouping columns
   */
  public record Key(String organizationId, UUID id) {}

  @Id
  @Column(name = "organization_id")
  String organizationId;

  @Id UUID id;

  @Column(name = "account_id")
  String accountId;

  @Column(name = "product_id")
  String productId;

  @Column(name = "aggr_product_id")
  String aggrProductId;

  LocalDate month;

  @Enumerated(EnumType.STRING)
  UsageType type;

  String description;
  String currency;

  @Enumerated(EnumType.STRING)
  Direction direction;

  @Enumerated(EnumType.STRING)
  Resolution resolution;

  @Enumerated(EnumType.STRING)
  UsageUnit unit;

  BigDecimal price;

  @Column(name = "wallet_name")
  String walletName;

  @Column(name = "number_of_units")
  BigDecimal numberOfUnits;

  @Column(name = "total_amount")
  BigDecimal totalAmount;

  UsageAggregate toAggregate() {
    return new UsageAggregate(
        AggregateId.text(id),
        accountId,
        productId,
        aggrProductId,
        month.toString().substring(0, 7),
        null,
        type,
        description,
        currency,
        direction,
        resolution,
        unit,
        price,
        walletName,
        numberOfUnits,
        totalAmount,
        null,
        null,
        AggregateId.text(id));
  }
}

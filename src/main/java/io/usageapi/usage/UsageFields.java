package io.usageapi.usage;

import io.usageapi.filter.Field;
import io.usageapi.filter.Field.Kind;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The fields a filter over usage may name. */
final class UsageFields {
  /** The field the 403 rule is about. */
  static final Field ACCOUNT_ID = new Field("account_id", Kind.TEXT, false, Set.of());

  static final List<Field> OF_MONTHS =
      List.of(
          ACCOUNT_ID,
          new Field("month", Kind.MONTH, false, Set.of()),
          new Field("product_id", Kind.TEXT, false, Set.of()),
          new Field("aggr_product_id", Kind.TEXT, true, Set.of()),
          new Field("type", Kind.ENUM, false, names(UsageType.values())),
          new Field("currency", Kind.CURRENCY, false, Set.of()),
          new Field("direction", Kind.ENUM, true, names(Direction.values())),
          new Field("resolution", Kind.ENUM, true, names(Resolution.values())),
          new Field("unit", Kind.ENUM, false, names(UsageUnit.values())),
          new Field("wallet_name", Kind.TEXT, true, Set.of()));

  static final List<Field> OF_DAYS =
      Stream.concat(Stream.of(new Field("day", Kind.DAY, false, Set.of())), OF_MONTHS.stream())
          .toList();

  private UsageFields() {}

  private static Set<String> names(Enum<?>[] values) {
    return Arrays.stream(values).map(Enum::name).collect(Collectors.toUnmodifiableSet());
  }
}

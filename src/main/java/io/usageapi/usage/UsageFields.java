package io.usageapi.usage;

import io.usageapi.aggregate.Direction;
import io.usageapi.aggregate.Resolution;
import io.usageapi.aggregate.UsageType;
import io.usageapi.aggregate.UsageUnit;
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

  private static final Field PRODUCT_ID = new Field("product_id", Kind.TEXT, false, Set.of());
  private static final Field MONTH = new Field("month", Kind.MONTH, false, Set.of());
  private static final Field TYPE = new Field("type", Kind.ENUM, false, names(UsageType.values()));

  /** Those whose values each have an index by id, the one with the most values first. */
  static final List<Field> INDEXED = List.of(ACCOUNT_ID, PRODUCT_ID, MONTH, TYPE);

  static final List<Field> OF_MONTHS =
      List.of(
          ACCOUNT_ID,
          MONTH,
          PRODUCT_ID,
          new Field("aggr_product_id", Kind.TEXT, true, Set.of()),
          TYPE,
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

package io.usageapi.aggregate;

import com.fasterxml.jackson.core.io.SerializedString;
import io.usageapi.filter.Field;
import io.usageapi.text.TextLimit;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A column of an aggregate's key. This is the one list of them: the statements, the fields of JSON
 * and CSV, the fields that a filter or a group may name, and the reader of records all follow it.
 *
 * <p>The order is that of the fields on the wire and of the digest that is an aggregate's id: it
 * never changes. A dimension that is added needs a column of {@code monthly_usage} and a field in
 * the OpenAPI document besides, and the digest must skip it where it has no value.
 */
// Its collections are copies that nothing changes.
@SuppressWarnings("ImmutableEnumChecker")
public enum Dimension {
  ACCOUNT_ID(Kind.ID, Presence.REQUIRED),
  PRODUCT_ID(Kind.ID, Presence.REQUIRED),
  AGGR_PRODUCT_ID(Kind.ID, Presence.OPTIONAL),
  MONTH(Kind.MONTH, Presence.REQUIRED),
  TYPE(UsageType.values(), Presence.REQUIRED),
  DESCRIPTION(Kind.DESCRIPTION, Presence.OPTIONAL),
  CURRENCY(Kind.CURRENCY, Presence.REQUIRED),
  DIRECTION(Direction.values(), Presence.OPTIONAL),
  RESOLUTION(Resolution.values(), Presence.OPTIONAL),
  UNIT(UsageUnit.values(), Presence.REQUIRED),
  /** The word that came for a unit that is {@link UsageUnit#OTHER}. */
  UNIT_WORD(Kind.HIDDEN, Presence.OPTIONAL),
  PRICE(Kind.NUMBER, Presence.OPTIONAL),
  WALLET_NAME(Kind.ID, Presence.OPTIONAL);

  /** What the values of a dimension are. */
  public enum Kind {
    /** A {@link String} within {@link TextLimit#ID}. */
    ID(Field.Kind.TEXT),
    /** A {@link String} within {@link TextLimit#DESCRIPTION}; no filter may name it. */
    DESCRIPTION(null),
    /** A {@link String} that is no field of a record, and answered only on request. */
    HIDDEN(null),
    /** A {@link String} of three letters. */
    CURRENCY(Field.Kind.CURRENCY),
    /** A constant of an enum. */
    ENUM(Field.Kind.ENUM),
    /** A {@link YearMonth}, stored as its first day. */
    MONTH(Field.Kind.MONTH),
    /** A {@link BigDecimal}; no filter may name it. */
    NUMBER(null);

    private final Field.Kind filtered;

    Kind(Field.Kind filtered) {
      this.filtered = filtered;
    }
  }

  private enum Presence {
    REQUIRED,
    OPTIONAL
  }

  private static final List<Dimension> ALL = List.of(values());

  private static final List<Dimension> ON_WIRE =
      ALL.stream().filter(each -> each.kind != Kind.HIDDEN).toList();

  private static final Pattern YEAR_AND_MONTH = Pattern.compile("[0-9]{4}-(0[1-9]|1[0-2])");

  private final String column;
  private final SerializedString wireName;
  private final Kind kind;
  private final boolean required;
  private final Map<String, Enum<?>> constants;
  private final Optional<Field> field;

  Dimension(Kind kind, Presence presence) {
    this(kind, presence, new Enum<?>[0]);
  }

  Dimension(Enum<?>[] constants, Presence presence) {
    this(Kind.ENUM, presence, constants);
  }

  Dimension(Kind kind, Presence presence, Enum<?>[] constants) {
    this.column = name().toLowerCase(Locale.ROOT);
    this.wireName = new SerializedString(column);
    this.kind = kind;
    this.required = presence == Presence.REQUIRED;
    this.constants =
        Collections.unmodifiableMap(
            Arrays.stream(constants)
                .collect(
                    Collectors.toMap(Enum::name, each -> each, (a, b) -> a, LinkedHashMap::new)));
    this.field =
        Optional.ofNullable(kind.filtered)
            .map(filtered -> new Field(column, filtered, !required, this.constants.keySet()));
  }

  /** All of them, first to last. */
  public static List<Dimension> all() {
    return ALL;
  }

  /** The dimensions that are fields on the wire, first to last. */
  public static List<Dimension> onWire() {
    return ON_WIRE;
  }

  /** The dimensions that a filter and a group may name. */
  public static List<Dimension> filterable() {
    return ALL.stream().filter(each -> each.field.isPresent()).toList();
  }

  /** The columns, first to last, as a list of SQL. */
  public static String columns() {
    return list(Dimension::column);
  }

  /** A list of SQL with a part for each dimension, first to last. */
  public static String list(Function<Dimension, String> part) {
    return ALL.stream().map(part).collect(Collectors.joining(", "));
  }

  /** Its place in the list, from 0. */
  @SuppressWarnings("EnumOrdinal") // The order of the constants is what this enum is about.
  public int index() {
    return ordinal();
  }

  /** Its name on the wire, which is also the column's. */
  public String column() {
    return column;
  }

  /** The same name, encoded for JSON. */
  public SerializedString wireName() {
    return wireName;
  }

  /** What its values are. */
  public Kind kind() {
    return kind;
  }

  /** Whether every aggregate has a value in it. */
  public boolean isRequired() {
    return required;
  }

  /** Whether a sender gives it as a field of a record. The month follows from the time. */
  public boolean isSent() {
    return kind != Kind.MONTH && kind != Kind.HIDDEN;
  }

  /** The constants of an {@link Kind#ENUM}, by name; none of another. */
  public Map<String, Enum<?>> constants() {
    return constants;
  }

  /** The field of a filter, if a filter may name it. */
  public Optional<Field> field() {
    return field;
  }

  /** The parameter of a statement that takes {@link #toArray}. */
  public String arrayParameter(int number) {
    return "$" + number + (kind == Kind.MONTH ? "::date[]" : "::text[]");
  }

  /** The value for its column of an element of that array. */
  public String fromArray() {
    return kind == Kind.NUMBER ? column + "::numeric" : column;
  }

  /** The values of keys, in their order, as an array for the database. */
  public Object[] toArray(List<AggregateKey> keys) {
    return keys.stream()
        .map(key -> key.column(this))
        .toArray(size -> kind == Kind.MONTH ? new LocalDate[size] : new String[size]);
  }

  /**
   * The value of a column.
   *
   * @param stored as the database gives it, or null
   */
  public Object fromColumn(Object stored) {
    if (stored == null) {
      return null;
    }
    return switch (kind) {
      case MONTH -> YearMonth.from((LocalDate) stored);
      case ENUM -> constant((String) stored);
      default -> stored;
    };
  }

  /** What the database is given for a value: a day or a text. */
  Object toColumn(Object value) {
    return switch (kind) {
      case MONTH -> ((YearMonth) value).atDay(1);
      case NUMBER -> ((BigDecimal) value).stripTrailingZeros().toPlainString();
      default -> value.toString();
    };
  }

  /**
   * The value that a text of a cursor stands for; that of an enum is its name.
   *
   * @throws IllegalArgumentException when the text is no value of this dimension
   */
  public Object parse(String text) {
    if (kind == Kind.MONTH) {
      if (!YEAR_AND_MONTH.matcher(text).matches()) {
        throw new IllegalArgumentException("not a month");
      }
      return YearMonth.parse(text);
    }
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("not a text of the database");
    }
    return text;
  }

  private Enum<?> constant(String name) {
    Enum<?> constant = constants.get(name);
    if (constant == null) {
      throw new IllegalStateException(name + " is no value of " + column);
    }
    return constant;
  }
}

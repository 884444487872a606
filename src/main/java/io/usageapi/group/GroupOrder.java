package io.usageapi.group;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.usageapi.aggregate.Dimension;
import io.usageapi.page.Position;
import io.usageapi.text.DecimalText;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A total order of groups: some keys, one after the other, all in the same direction.
 *
 * @param keys all fields of the group are among them
 */
public record GroupOrder<T extends Grouped>(List<Key<T>> keys, boolean descending) {
  /** Something that a row has and that rows are ordered by. */
  public sealed interface Key<T extends Grouped> {
    /** Its name. */
    String name();

    /** The expression to order by. */
    String sql(String table);

    /** The value of a row as text. */
    String text(T row);

    /**
     * The value that a text stands for.
     *
     * @throws IllegalArgumentException if it is no value of this key
     */
    Object parse(String text);
  }

  /** A field of the group. A missing value sorts as an empty text. */
  record ByField<T extends Grouped>(Dimension field) implements Key<T> {
    @Override
    public String name() {
      return field.column();
    }

    @Override
    public String sql(String table) {
      String column = table + "." + field.column();
      return field.isRequired() ? column : "coalesce(" + column + ", '')";
    }

    @Override
    public String text(T row) {
      Object value = row.group().get(field);
      return value == null ? "" : value.toString();
    }

    @Override
    public Object parse(String text) {
      return field.parse(text);
    }
  }

  /**
   * An amount.
   *
   * @param expression an expression of SQL with {@code %s} in place of the table
   * @param amount the same of a row
   */
  public record ByAmount<T extends Grouped>(
      String name, String expression, Function<T, BigDecimal> amount) implements Key<T> {
    @Override
    public String sql(String table) {
      return expression.formatted(table);
    }

    @Override
    public String text(T row) {
      return DecimalText.plain(amount.apply(row));
    }

    @Override
    public Object parse(String text) {
      return DecimalText.parsePlain(text);
    }
  }

  public GroupOrder {
    keys = List.copyOf(keys);
  }

  /** By a field of the group, then by the others in their order. */
  public static <T extends Grouped> GroupOrder<T> byField(
      Dimension first, Grouping grouping, boolean descending) {
    return new GroupOrder<>(
        Stream.concat(Stream.of(first), others(first, grouping)).<Key<T>>map(ByField::new).toList(),
        descending);
  }

  /**
   * By an amount, then by the fields of the group. Only amounts of one currency compare, so the
   * currency comes first.
   */
  public static <T extends Grouped> GroupOrder<T> byAmount(
      ByAmount<T> amount, Grouping grouping, boolean descending) {
    List<Key<T>> keys = new ArrayList<>();
    keys.add(new ByField<>(Dimension.CURRENCY));
    keys.add(amount);
    others(Dimension.CURRENCY, grouping).forEach(field -> keys.add(new ByField<>(field)));
    return new GroupOrder<>(keys, descending);
  }

  private static Stream<Dimension> others(Dimension first, Grouping grouping) {
    return grouping.fields().stream().filter(field -> field != first);
  }

  /** A text that identifies the order and the group. */
  public String text() {
    return keys.stream().map(Key::name).collect(Collectors.joining(","))
        + (descending ? ":desc" : ":asc");
  }

  /** The expressions to order by, first to last. */
  public List<String> sortKeys(String table) {
    return keys.stream().map(key -> key.sql(table)).toList();
  }

  /** The position of a row in this order. */
  public Position position(T row) {
    return new Position(keys.stream().map(key -> key.text(row)).toList());
  }

  /**
   * The values of {@link #sortKeys} at a position.
   *
   * @throws IllegalArgumentException if the position belongs to another order
   */
  @CanIgnoreReturnValue
  public List<Object> values(Position position) {
    List<String> texts = position.values();
    if (texts.size() != keys.size()) {
      throw new IllegalArgumentException("not a position of " + text());
    }
    return IntStream.range(0, keys.size()).mapToObj(i -> keys.get(i).parse(texts.get(i))).toList();
  }
}

package io.usageapi.totals;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.usageapi.aggregate.Dimension;
import io.usageapi.http.QueryParameters;
import io.usageapi.page.Position;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The parameter {@code order_by}: the amount or a field of the group first, then the other fields
 * of the group, all in the same direction.
 *
 * @param amount whether the amount comes first
 * @param fields the fields of the group, in their order
 */
record TotalsOrder(boolean amount, List<Dimension> fields, boolean descending) {
  private static final String AMOUNT = "total_amount";
  private static final Pattern ORDER = Pattern.compile("([a-z_]{1,40}):(asc|desc)");

  /** No sum is longer. */
  private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,100}(\\.[0-9]{1,100})?");

  TotalsOrder {
    fields = List.copyOf(fields);
  }

  /** Reads the parameter, and collects errors. The default is the first field of the group. */
  static TotalsOrder read(QueryParameters parameters, Grouping grouping) {
    TotalsOrder first = new TotalsOrder(false, grouping.fields(), false);
    Optional<String> text = parameters.text("order_by");
    if (text.isEmpty() || parameters.anyRejected("group_by")) {
      // Without a group the fields to order by are unknown.
      return first;
    }
    Matcher matcher = ORDER.matcher(text.get());
    if (matcher.matches()) {
      boolean descending = matcher.group(2).equals("desc");
      if (matcher.group(1).equals(AMOUNT)) {
        return new TotalsOrder(true, grouping.fields(), descending);
      }
      if (grouping.names().contains(matcher.group(1))) {
        return new TotalsOrder(false, firstOf(matcher.group(1), grouping), descending);
      }
    }
    parameters.reject(
        "order_by",
        "must be total_amount or a field of the group ("
            + String.join(", ", grouping.names())
            + "), followed by :asc or :desc");
    return first;
  }

  private static List<Dimension> firstOf(String name, Grouping grouping) {
    return Stream.concat(
            grouping.fields().stream().filter(field -> field.column().equals(name)),
            grouping.fields().stream().filter(field -> !field.column().equals(name)))
        .toList();
  }

  /** A text that identifies the order and the group. */
  String text() {
    return (amount ? AMOUNT + "," : "")
        + fields.stream().map(Dimension::column).collect(Collectors.joining(","))
        + (descending ? ":desc" : ":asc");
  }

  /** The expressions to order by, first to last. */
  List<String> sortKeys(String table) {
    List<String> keys = new ArrayList<>();
    if (amount) {
      keys.add(table + "." + AMOUNT);
    }
    fields.forEach(field -> keys.add(sortKey(field, table)));
    return keys;
  }

  /** A missing value sorts as an empty text. */
  private static String sortKey(Dimension field, String table) {
    String column = table + "." + field.column();
    return field.isRequired() ? column : "coalesce(" + column + ", '')";
  }

  /** The position of a total in this order. */
  Position position(Total total) {
    List<String> texts = new ArrayList<>();
    if (amount) {
      texts.add(spelled(total.totalAmount()));
    }
    for (Dimension field : fields) {
      Object value = total.group().get(field);
      texts.add(value == null ? "" : value.toString());
    }
    return new Position(texts);
  }

  /**
   * The values of {@link #sortKeys} at a position.
   *
   * @throws IllegalArgumentException if the position belongs to another order
   */
  @CanIgnoreReturnValue
  List<Object> values(Position position) {
    List<String> texts = position.values();
    int before = amount ? 1 : 0;
    if (texts.size() != before + fields.size()) {
      throw new IllegalArgumentException("not a position of " + text());
    }
    List<Object> values = new ArrayList<>();
    if (amount) {
      values.add(number(texts.get(0)));
    }
    for (int i = 0; i < fields.size(); i++) {
      values.add(fields.get(i).parse(texts.get(before + i)));
    }
    return values;
  }

  private static String spelled(BigDecimal number) {
    return number.stripTrailingZeros().toPlainString();
  }

  private static BigDecimal number(String text) {
    if (NUMBER.matcher(text).matches()) {
      BigDecimal number = new BigDecimal(text);
      // One spelling only.
      if (spelled(number).equals(text)) {
        return number;
      }
    }
    throw new IllegalArgumentException("not an amount");
  }
}

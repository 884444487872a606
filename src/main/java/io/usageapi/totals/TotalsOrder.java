package io.usageapi.totals;

import io.usageapi.aggregate.Dimension;
import io.usageapi.group.GroupOrder;
import io.usageapi.group.Grouping;
import io.usageapi.http.QueryParameters;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The parameter {@code order_by} of totals: the amount or a field of the group first, then the
 * other fields of the group, all in the same direction.
 */
final class TotalsOrder {
  private static final Pattern ORDER = Pattern.compile("([a-z_]{1,40}):(asc|desc)");

  private static final GroupOrder.ByAmount<Total> AMOUNT =
      new GroupOrder.ByAmount<>("total_amount", "%s.total_amount", Total::totalAmount);

  private TotalsOrder() {}

  /** Reads the parameter, and collects errors. The default is the first field of the group. */
  static GroupOrder<Total> read(QueryParameters parameters, Grouping grouping) {
    GroupOrder<Total> first = GroupOrder.byField(grouping.fields().get(0), grouping, false);
    Optional<String> text = parameters.text("order_by");
    if (text.isEmpty() || parameters.anyRejected(Grouping.PARAMETER)) {
      // Without a group the fields to order by are unknown.
      return first;
    }
    Matcher matcher = ORDER.matcher(text.get());
    if (matcher.matches()) {
      boolean descending = matcher.group(2).equals("desc");
      if (matcher.group(1).equals(AMOUNT.name())) {
        return GroupOrder.byAmount(AMOUNT, grouping, descending);
      }
      Optional<Dimension> field = grouping.named(matcher.group(1));
      if (field.isPresent()) {
        return GroupOrder.byField(field.get(), grouping, descending);
      }
    }
    parameters.reject(
        "order_by",
        "must be total_amount or a field of the group ("
            + String.join(", ", grouping.names())
            + "), followed by :asc or :desc");
    return first;
  }
}

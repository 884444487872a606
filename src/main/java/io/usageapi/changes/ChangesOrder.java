package io.usageapi.changes;

import io.usageapi.group.GroupOrder;
import io.usageapi.group.Grouping;
import io.usageapi.http.QueryParameters;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** The parameter {@code order_by} of changes. The fields of the group order ties, ascending. */
enum ChangesOrder {
  /** The largest change first, whether it is a rise or a fall. */
  LARGEST_CHANGE(
      new GroupOrder.ByAmount<>(
          "largest_change", "-abs(%s.change)", row -> row.change().abs().negate())),
  /** The largest rise first. */
  CHANGE(new GroupOrder.ByAmount<>("change", "-%s.change", row -> row.change().negate())),
  /** The largest fall first. */
  MINUS_CHANGE(new GroupOrder.ByAmount<>("-change", "%s.change", Change::change));

  private static final String NAMES =
      Arrays.stream(values()).map(each -> each.amount.name()).collect(Collectors.joining(", "));

  private final GroupOrder.ByAmount<Change> amount;

  ChangesOrder(GroupOrder.ByAmount<Change> amount) {
    this.amount = amount;
  }

  /** Reads the parameter, and collects errors. */
  static GroupOrder<Change> read(QueryParameters parameters, Grouping grouping) {
    Optional<String> text = parameters.text("order_by");
    Optional<ChangesOrder> order =
        Arrays.stream(values())
            .filter(each -> text.map(each.amount.name()::equals).orElse(true))
            .findFirst();
    if (order.isEmpty()) {
      parameters.reject("order_by", "must be one of " + NAMES);
    }
    return GroupOrder.byAmount(order.orElse(LARGEST_CHANGE).amount, grouping, false);
  }
}

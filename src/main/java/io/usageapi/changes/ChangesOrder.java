package io.usageapi.changes;

import io.usageapi.group.GroupOrder;
import io.usageapi.group.Grouping;
import io.usageapi.http.QueryParameters;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The parameter {@code order_by} of changes. The fields of the group order ties, ascending. */
final class ChangesOrder {
  /** The largest change first, whether it is a rise or a fall. */
  private static final GroupOrder.ByAmount<Change> LARGEST_CHANGE =
      new GroupOrder.ByAmount<>(
          "largest_change", "-abs(%s.change)", row -> row.change().abs().negate());

  private static final List<GroupOrder.ByAmount<Change>> ALL =
      List.of(
          LARGEST_CHANGE,
          // The largest rise first, and the largest fall first.
          new GroupOrder.ByAmount<>("change", "-%s.change", row -> row.change().negate()),
          new GroupOrder.ByAmount<>("-change", "%s.change", Change::change));

  private ChangesOrder() {}

  /** Reads the parameter, and collects errors. */
  static GroupOrder<Change> read(QueryParameters parameters, Grouping grouping) {
    String name = parameters.text("order_by").orElse(LARGEST_CHANGE.name());
    Optional<GroupOrder.ByAmount<Change>> order =
        ALL.stream().filter(each -> each.name().equals(name)).findFirst();
    if (order.isEmpty()) {
      parameters.reject(
          "order_by",
          "must be one of "
              + ALL.stream().map(GroupOrder.ByAmount::name).collect(Collectors.joining(", ")));
    }
    return GroupOrder.byAmount(order.orElse(LARGEST_CHANGE), grouping, false);
  }
}

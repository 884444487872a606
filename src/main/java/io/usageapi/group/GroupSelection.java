package io.usageapi.group;

import io.usageapi.aggregate.Dimension;
import io.usageapi.page.Cursor;
import io.usageapi.page.Keyset;
import io.usageapi.usage.Selection;
import java.util.HashSet;
import java.util.Set;

/** The groups a request asks for, checked, and their order. */
public interface GroupSelection<T extends Grouped> extends Selection {
  /** What is added up. */
  UsageKind kind();

  /** The fields that form a group. */
  Grouping grouping();

  /** The columns of aggregates that the groups are made of. */
  default Set<Dimension> columns() {
    Set<Dimension> columns = new HashSet<>(filter().dimensions());
    columns.addAll(grouping().fields());
    return columns;
  }

  /** The order of the groups. */
  GroupOrder<T> order();

  /**
   * The list of the groups by pages. Its cursors are bound to the kind, the fields and the order.
   *
   * @param name the name of the list
   * @param text what else its cursors are bound to
   */
  default Keyset<T> keyset(String name, String text) {
    return new Keyset<>(
        name,
        "filter",
        Cursor.Binding.of(
            filter().text().orElse(null),
            name + text + " of " + kind().wireName() + " by " + order().text()),
        order()::position,
        order()::values);
  }
}

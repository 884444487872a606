package io.usageapi.group;

import io.usageapi.aggregate.Dimension;
import java.util.Map;

/** A row that stands for a group of aggregates. */
public interface Grouped {
  /**
   * The fields of the group and their values, which may be null. Beside the fields grouped by it
   * has the unit, if it is the same for the whole group; else null.
   */
  Map<Dimension, Object> group();
}

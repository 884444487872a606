package io.usageapi.aggregate;

import io.usageapi.filter.Field;
import io.usageapi.security.OrganizationId;
import io.usageapi.sql.SqlBuilder;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The time that one aggregate adds up, and how the tables hold it. In statements, {@code m} is a
 * row of a month and {@code d} one of a day.
 */
public enum Granularity {
  /** By month. */
  MONTH("month", "m", "NULL::date") {
    @Override
    public List<Field> fields() {
      return Dimension.filterable().stream().flatMap(each -> each.field().stream()).toList();
    }

    @Override
    public void appendRows(OrganizationId organization, SqlBuilder sql) {
      sql.append(" FROM monthly_usage m WHERE m.organization_id = ").bind(organization.value());
    }

    @Override
    public void appendId(String id, SqlBuilder sql) {
      sql.append(" AND m.id = ").bind(AggregateId.parse(id));
    }

    @Override
    public List<String> order(String field) {
      return field.equals("id") ? List.of("id") : List.of(field, "id");
    }

    @Override
    public List<String> monthlyOrder(String field) {
      return List.of();
    }
  },

  /** By day: each day of a month's aggregate on which something was used. */
  DAY("day", "d", "d.day") {
    @Override
    public List<Field> fields() {
      Field day = new Field(period(), Field.Kind.DAY, false, Set.of());
      return Stream.concat(Stream.of(day), MONTH.fields().stream()).toList();
    }

    /** Days whose records were dropped count as gone. */
    @Override
    public void appendRows(OrganizationId organization, SqlBuilder sql) {
      sql.append(" FROM daily_usage d JOIN monthly_usage m")
          .append(" ON m.organization_id = d.organization_id AND m.id = d.aggregate_id")
          .append(" WHERE m.organization_id = ")
          .bind(organization.value())
          .append(" AND d.day >= coalesce((SELECT days_from FROM data_version")
          .append(" WHERE organization_id = ")
          .bind(organization.value())
          .append("), '-infinity')");
    }

    @Override
    public void appendId(String id, SqlBuilder sql) {
      sql.append(" AND m.id BETWEEN ")
          .bind(AggregateId.firstOf(id))
          .append(" AND ")
          .bind(AggregateId.lastOf(id))
          .append(" AND d.day = ")
          .bind(AggregateId.day(id));
    }

    @Override
    public List<String> order(String field) {
      return switch (field) {
        case "id" -> List.of("aggregate_id", "day");
        case "day" -> List.of("day", "aggregate_id");
        default -> List.of(field, "id", "day");
      };
    }

    @Override
    public List<String> monthlyOrder(String field) {
      return field.equals("day") ? List.of() : MONTH.order(field);
    }
  };

  private final String period;
  private final String alias;
  private final String day;

  Granularity(String period, String alias, String day) {
    this.period = period;
    this.alias = alias;
    this.day = day;
  }

  /** The name of the field that says which month or day an aggregate is of. */
  public String period() {
    return period;
  }

  /** Whether one table holds the rows, so that an index may have them in the order asked for. */
  public boolean isOneTable() {
    return this == MONTH;
  }

  /** The columns of the units, the amount and the day. */
  public String quantities() {
    return alias + ".number_of_units, " + alias + ".total_amount, " + day;
  }

  /** The column of the time of the last change. */
  public String updatedAt() {
    return alias + ".updated_at";
  }

  /** The fields that a filter may name. */
  public abstract List<Field> fields();

  /** Appends {@code FROM} and {@code WHERE} for all rows of an organization. */
  public abstract void appendRows(OrganizationId organization, SqlBuilder sql);

  /**
   * Appends the condition that selects the row of an id.
   *
   * @param id 32 hexadecimal digits
   * @throws IllegalArgumentException when it ends with no day where it should
   */
  public abstract void appendId(String id, SqlBuilder sql);

  /** The columns of a total order that starts with a field, first to last. */
  public abstract List<String> order(String field);

  /**
   * The columns of {@link #order} that a day takes from its month, named as columns of the month,
   * so that an index of months finds where to start. Empty if there is no such index.
   */
  public abstract List<String> monthlyOrder(String field);
}

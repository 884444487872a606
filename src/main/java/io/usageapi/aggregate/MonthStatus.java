package io.usageapi.aggregate;

import io.usageapi.security.OrganizationId;
import io.usageapi.sql.SqlBuilder;

/** Whether the amounts of a month may still change. */
public enum MonthStatus {
  /** Records are counted in it. */
  OPEN,
  /** It is final: no record is counted in it any more. */
  CLOSED;

  /**
   * Appends an expression for the status of a month.
   *
   * @param month the column of the month
   */
  public static void append(OrganizationId organization, String month, SqlBuilder sql) {
    // While it is being closed it is open to readers.
    sql.append("coalesce((SELECT CASE s.status WHEN 'CLOSED' THEN s.status END")
        .append(" FROM month_status s WHERE s.organization_id = ")
        .bind(organization.value())
        .append(" AND s.month = " + month + "), 'OPEN')");
  }
}

package io.usageapi.operator;

import io.usageapi.database.BatchDelete;

/**
 * The tables with rows of an organization, in the order of removal.
 *
 * <p>The account map goes first: without it, intake rejects later batches. A batch that began
 * earlier can commit until the accounts are gone, because its aggregates refer to them by a foreign
 * key. So the totals of months come after the accounts; nobody reads them since the first aggregate
 * was removed. The organization goes last, so that an interrupted removal can be run again.
 */
enum TenantTable {
  ACCOUNT_MAP("account_organization", "organization_id", "account_id"),
  STAGED("staged_row", "organization_id", "upload, content"),
  UPLOADS("import_upload", "organization_id", "upload"),
  IMPORTED("imported_row", "organization_id", "import, content"),
  IMPORT_SUMS("import_sum", "organization_id", "import, currency"),
  IMPORTS("usage_import", "owner", "id"),
  RECORDS("usage_record", "organization_id", "month, aggregate_id, occurred_at, id"),
  IDENTITIES("record_identity", "organization_id", "account_id, id"),
  DAYS("daily_usage", "organization_id", "aggregate_id, day"),
  AGGREGATES("monthly_usage", "organization_id", "id"),
  ACCOUNTS("account", "organization_id", "id"),
  MONTH_TOTALS(
      "month_total", "organization_id", "field, top_up, month, value, currency, unit, unit_word"),
  CHANGES("usage_change", "organization_id", "sequence, part"),
  MONTHS("month_status", "organization_id", "month"),
  DATA_VERSION("data_version", "organization_id", "organization_id"),
  ORGANIZATION("organization", "id", "id");

  private final BatchDelete rows;

  TenantTable(String table, String owner, String key) {
    this.rows = new BatchDelete(table, owner, key);
  }

  BatchDelete rows() {
    return rows;
  }
}

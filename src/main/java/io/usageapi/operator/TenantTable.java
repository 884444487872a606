package io.usageapi.operator;

import java.util.List;

/**
 * The tables that hold rows of an organization, in the order of removal.
 *
 * <p>The account map goes first: intake looks up the owner of an account there, so it rejects
 * batches that begin later. A batch that began earlier can commit until the accounts are gone,
 * because its aggregates refer to them by a foreign key. The organization goes last, so that an
 * interrupted removal can be run again.
 */
enum TenantTable {
  ACCOUNT_MAP("account_organization", "account_id"),
  RECORDS("usage_record", "month,aggregate_id,occurred_at,id"),
  IDENTITIES("record_identity", "account_id,id"),
  DAYS("daily_usage", "aggregate_id,day"),
  AGGREGATES("monthly_usage", "id"),
  ACCOUNTS("account", "id"),
  MONTHS("month_status", "month"),
  DATA_VERSION("data_version", "organization_id"),
  ORGANIZATION("organization", "id") {
    @Override
    String owner() {
      return "id";
    }
  };

  private final String table;
  private final String key;

  TenantTable(String table, String key) {
    this.table = table;
    this.key = key;
  }

  String table() {
    return table;
  }

  /** The columns that, after the owner, identify and order the rows. */
  List<String> key() {
    return List.of(key.split(",", -1));
  }

  /** The column that holds the organization. */
  String owner() {
    return "organization_id";
  }
}

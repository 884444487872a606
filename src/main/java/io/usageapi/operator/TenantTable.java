package io.usageapi.operator;

/**
 * What an organization has, by table, in the order it is removed in.
 *
 * <p>The map goes first: intake asks it whose an account is, so that batches that begin later are
 * rejected. A batch that began before can still commit as long as the accounts are there, which its
 * aggregates refer to by a foreign key; once they are gone none can any more. The organization goes
 * last: as long as it is there, a removal that broke off can be run again.
 */
enum TenantTable {
  ACCOUNT_MAP("account_organization", "account_id"),
  RECORDS("usage_record", "month, aggregate_id, occurred_at, id"),
  IDENTITIES("record_identity", "account_id, id"),
  DAYS("daily_usage", "aggregate_id, day"),
  AGGREGATES("monthly_usage", "id"),
  ACCOUNTS("account", "id"),
  MONTHS("month_status", "month"),
  DATA_VERSION("data_version", "organization_id"),
  ORGANIZATION("organization", "id", "id");

  private final String table;
  private final String key;
  private final String owner;

  TenantTable(String table, String key) {
    this(table, key, "organization_id");
  }

  TenantTable(String table, String key, String owner) {
    this.table = table;
    this.key = key;
    this.owner = owner;
  }

  String table() {
    return table;
  }

  /** The columns that, with the owner, tell its rows apart and order them. */
  String key() {
    return key;
  }

  int keyLength() {
    return key.split(",", -1).length;
  }

  /** The column that holds the organization. */
  String owner() {
    return owner;
  }
}

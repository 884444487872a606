-- What the coordinator had before the tables were spread is still on its disk, where nothing reads it.
SET client_min_messages = warning;
SELECT truncate_local_data_after_distributing_table('account');
SELECT truncate_local_data_after_distributing_table(name)
  FROM unnest('{daily_usage,month_total,month_status,record_identity,usage_record,data_version,usage_change,import_sum,imported_row,import_upload,staged_row}'::regclass[]) name;

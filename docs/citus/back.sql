-- From a Citus cluster back to one Postgres: everything into the coordinator's own tables, or nothing. With
-- the servers stopped, and room on the coordinator's disk for all rows. docs/scaling.md says how long.
SET client_min_messages = warning;
BEGIN;
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
SELECT undistribute_table('account', cascade_via_foreign_keys => true);
-- Listed before the first is changed: what lists them reads tables that are not there any more otherwise.
SELECT undistribute_table(name) FROM unnest((
  SELECT array_agg(table_name) FROM citus_tables JOIN pg_class ON oid = table_name
  WHERE citus_table_type IN ('distributed', 'reference') AND NOT relispartition)) name;
DELETE FROM flyway_schema_history WHERE description = 'usage-api.database.distributed';
COMMIT;

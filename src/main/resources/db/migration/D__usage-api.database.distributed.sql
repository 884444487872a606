-- Spreads the tables over a Citus cluster. It belongs to the migrations where
-- usage-api.database.distributed is set, runs after all others, and again whenever it was changed: what
-- is spread already stays as it is. docs/scaling.md says what it blocks, for how long, and the way back.
-- "limit_bucket" stays on the coordinator.
DO $$
DECLARE
  -- A copy on each node: small, seldom written, and asked for beside the rows of any organization.
  reference CONSTANT text[] := ARRAY[
    'organization', 'account_organization', 'record_retention', 'month_status_default', 'usage_import'];
  -- By organization_id, the rows of one organization on one node.
  distributed CONSTANT text[] := ARRAY[
    'account', 'monthly_usage', 'daily_usage', 'month_total', 'month_status', 'record_identity', 'usage_record',
    'data_version', 'usage_change', 'import_sum', 'imported_row', 'import_upload', 'staged_row'];
  name text;
  local text[];
  ahead text;
  first text;
  foreign_key record;
  foreign_keys text[] := '{}';
BEGIN
  IF to_regclass('pg_dist_partition') IS NULL THEN
    RAISE EXCEPTION 'usage-api.database.distributed is set, but this database has no extension citus';
  END IF;
  -- The foreign keys to reference tables allow nothing else within one transaction.
  SET LOCAL citus.multi_shard_modify_mode = 'sequential';

  FOREACH name IN ARRAY reference LOOP
    IF NOT EXISTS (SELECT FROM pg_dist_partition
        WHERE logicalrelid = name::regclass AND repmodel = 't') THEN
      PERFORM create_reference_table(name::regclass);
    END IF;
  END LOOP;

  local := ARRAY(SELECT t FROM unnest(distributed) WITH ORDINALITY AS d (t, place)
    WHERE NOT EXISTS (SELECT FROM pg_dist_partition
      WHERE logicalrelid = t::regclass AND partmethod = 'h') ORDER BY place);
  -- Each partition becomes a table for each shard. Those of years to come are made again in time.
  IF 'usage_record' = ANY (local) THEN
    SELECT string_agg(inhrelid::regclass::text, ', ') INTO ahead
      FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid
      WHERE inhparent = 'usage_record'::regclass
        AND (regexp_match(pg_get_expr(relpartbound, c.oid), 'FROM \(''([0-9-]+)''\)'))[1]::date
          > greatest(current_date + 730, (SELECT max(month) FROM usage_record));
    IF ahead IS NOT NULL THEN
      EXECUTE 'DROP TABLE ' || ahead;
    END IF;
  END IF;
  -- No foreign key can lead from a table that is spread to one that is not, or back: they are taken away
  -- meanwhile.
  FOR foreign_key IN
      SELECT conname, conrelid::regclass::text AS of, pg_get_constraintdef(oid) AS definition
      FROM pg_constraint
      WHERE contype = 'f' AND conparentid = 0 AND confrelid::regclass::text = ANY (distributed)
        AND (conrelid::regclass::text = ANY (local) OR confrelid::regclass::text = ANY (local)) LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', foreign_key.of, foreign_key.conname);
    foreign_keys := foreign_keys || format('ALTER TABLE %s ADD CONSTRAINT %I %s',
      foreign_key.of, foreign_key.conname, foreign_key.definition);
  END LOOP;
  FOREACH name IN ARRAY local LOOP
    first := distributed[1];
    PERFORM create_distributed_table(name::regclass, 'organization_id',
      colocate_with => CASE name WHEN first THEN 'none' ELSE first END);
  END LOOP;
  FOREACH name IN ARRAY foreign_keys LOOP
    EXECUTE name;
  END LOOP;
END $$;

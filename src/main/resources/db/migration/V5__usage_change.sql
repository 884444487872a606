-- Which aggregates each commit of an organization touched, in the order of its commits, for those who mirror them.
-- A commit is one row, or several parts of up to 100 aggregates, which stay in the table's own pages. "version" is
-- the data version that the commit made, "previous" the one before it: a version that is missing in between is a
-- commit that was lost, or that a server of an earlier release made without a row here.
CREATE TABLE usage_change (
  organization_id text COLLATE "C" NOT NULL,
  sequence        bigint NOT NULL,
  part            integer NOT NULL,
  version         uuid NOT NULL,
  previous        uuid NOT NULL,
  changed_at      timestamptz NOT NULL,
  aggregates      uuid[] NOT NULL,
  PRIMARY KEY (organization_id, sequence, part)
);

-- How many changes led to the version, and the version before it.
ALTER TABLE data_version
  ADD COLUMN sequence bigint NOT NULL DEFAULT 0, ADD COLUMN previous uuid;

-- The token buckets of limits that all replicas share, as the library of the limits stores them. Unlogged: they cost
-- no WAL, and a commit does not wait for the disk. After a crash or on a promoted standby the limits begin anew.
-- "expires_at", in milliseconds since 1970, is when a bucket is full again, which is as good as none. A row begins
-- without a state.
CREATE UNLOGGED TABLE limit_bucket (
  id         text COLLATE "C" PRIMARY KEY,
  state      bytea,
  expires_at bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- Changes whenever an aggregate of the organization does: a random value, set by the last statement of
-- each transaction that moves aggregates. The lock of its row puts that organization's commits in order.
CREATE TABLE data_version (
  organization_id text COLLATE "C" PRIMARY KEY,
  version         uuid NOT NULL
);

-- Which records were dropped: all of the months before the latest kept_from. The transaction that drops
-- a partition writes it here; the identities go after that, in batches.
CREATE TABLE record_retention (
  kept_from             date PRIMARY KEY CHECK (extract(day FROM kept_from) = 1),
  dropped_at            timestamptz NOT NULL,
  identities_dropped_at timestamptz
);

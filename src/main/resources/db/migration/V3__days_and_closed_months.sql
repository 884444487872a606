-- The days of each monthly aggregate, whose grouping columns are the month's. They go when the month's
-- records are dropped. The sums are in no index, so that to move them rewrites none.
CREATE TABLE daily_usage (
  organization_id text COLLATE "C" NOT NULL,
  aggregate_id    uuid NOT NULL,
  day             date NOT NULL,
  number_of_units numeric NOT NULL,
  total_amount    numeric NOT NULL,
  updated_at      timestamptz NOT NULL,
  PRIMARY KEY (organization_id, aggregate_id, day)
);

CREATE INDEX daily_usage_by_day ON daily_usage (organization_id, day, aggregate_id);

-- The days before this are as good as gone: they are deleted piece by piece, and vanish at once.
ALTER TABLE data_version ADD COLUMN days_from date;

-- The default is for what is older than this column, and for servers that do not know it yet.
ALTER TABLE monthly_usage ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now();

-- Whoever counts a record holds the row of the organization and month it counts in; whoever closes the
-- month first makes it CLOSING, which nothing is counted in any more, waits for those who hold it, and
-- then makes it CLOSED.
CREATE TABLE month_status (
  organization_id text COLLATE "C" NOT NULL,
  month           date NOT NULL CHECK (extract(day FROM month) = 1),
  status          text COLLATE "C" NOT NULL CHECK (status IN ('OPEN', 'CLOSING', 'CLOSED')),
  changed_at      timestamptz NOT NULL,
  PRIMARY KEY (organization_id, month)
);

-- What a month is that an organization has no row of: said when a month is closed or opened for all.
CREATE TABLE month_status_default (
  month      date PRIMARY KEY CHECK (extract(day FROM month) = 1),
  status     text COLLATE "C" NOT NULL CHECK (status IN ('OPEN', 'CLOSED')),
  changed_at timestamptz NOT NULL
);

INSERT INTO month_status (organization_id, month, status, changed_at)
SELECT DISTINCT organization_id, month, 'OPEN', now() FROM monthly_usage;

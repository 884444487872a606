-- Text is compared by code point on every machine, hence COLLATE "C" throughout.
-- Every tenant table's keys begin with the organization, so that the tables can be distributed by it.

CREATE TABLE organization (
  id   text COLLATE "C" PRIMARY KEY,
  name text COLLATE "C"
);

-- Account ids are global and an account never moves: this small table says whose an account is.
CREATE TABLE account_organization (
  account_id      text COLLATE "C" PRIMARY KEY,
  organization_id text COLLATE "C" NOT NULL REFERENCES organization (id)
);

CREATE TABLE account (
  organization_id text COLLATE "C" NOT NULL REFERENCES organization (id),
  id              text COLLATE "C" NOT NULL,
  name            text COLLATE "C",
  company_name    text COLLATE "C",
  status          text COLLATE "C" NOT NULL,
  PRIMARY KEY (organization_id, id)
);

-- The id is a digest of the columns from account_id to wallet_name; it orders as its hex text does.
CREATE TABLE monthly_usage (
  organization_id text COLLATE "C" NOT NULL,
  id              uuid NOT NULL,
  account_id      text COLLATE "C" NOT NULL,
  product_id      text COLLATE "C" NOT NULL,
  aggr_product_id text COLLATE "C",
  month           date NOT NULL CHECK (extract(day FROM month) = 1),
  type            text COLLATE "C" NOT NULL,
  description     text COLLATE "C",
  currency        text COLLATE "C" NOT NULL,
  direction       text COLLATE "C",
  resolution      text COLLATE "C",
  unit            text COLLATE "C" NOT NULL,
  unit_word       text COLLATE "C",
  price           numeric,
  wallet_name     text COLLATE "C",
  number_of_units numeric NOT NULL,
  total_amount    numeric NOT NULL,
  updated_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  FOREIGN KEY (organization_id, account_id) REFERENCES account (organization_id, id)
);

-- One index for each order a page can be asked in; the primary key serves the order by id.
CREATE INDEX monthly_usage_by_month ON monthly_usage (organization_id, month, id);
CREATE INDEX monthly_usage_by_account ON monthly_usage (organization_id, account_id, id);
CREATE INDEX monthly_usage_by_product ON monthly_usage (organization_id, product_id, id);
CREATE INDEX monthly_usage_by_type ON monthly_usage (organization_id, type, id);

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

-- Its version changes whenever an aggregate of the organization does: a random value, set by the last
-- statement of each transaction that moves aggregates. The lock of its row puts that organization's
-- commits in order. The days before days_from are as good as gone: they are deleted piece by piece, and
-- vanish at once.
CREATE TABLE data_version (
  organization_id text COLLATE "C" PRIMARY KEY,
  version         uuid NOT NULL,
  days_from       date
);

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

-- What makes a record count once, whatever its month: the claim and the record commit together.
CREATE TABLE record_identity (
  organization_id text COLLATE "C" NOT NULL,
  account_id      text COLLATE "C" NOT NULL,
  id              text COLLATE "C" NOT NULL,
  content         uuid NOT NULL,
  month           date NOT NULL,
  PRIMARY KEY (organization_id, account_id, id)
);

-- A record's other fields are those of its aggregate, which never goes away.
CREATE TABLE usage_record (
  organization_id text COLLATE "C" NOT NULL,
  month           date NOT NULL,
  aggregate_id    uuid NOT NULL,
  id              text COLLATE "C" NOT NULL,
  occurred_at     timestamptz NOT NULL,
  received_at     timestamptz NOT NULL DEFAULT now(),
  number_of_units numeric NOT NULL,
  total_amount    numeric NOT NULL,
  PRIMARY KEY (organization_id, month, aggregate_id, occurred_at, id)
) PARTITION BY RANGE (month);

CREATE TABLE usage_record_before_2020 PARTITION OF usage_record
  FOR VALUES FROM (MINVALUE) TO ('2020-01-01');

DO $$
DECLARE
  first_day date := '2020-01-01';
BEGIN
  WHILE first_day < '2036-01-01' LOOP
    EXECUTE format(
      'CREATE TABLE %I PARTITION OF usage_record FOR VALUES FROM (%L) TO (%L)',
      'usage_record_' || to_char(first_day, 'YYYY_MM'), first_day,
      (first_day + interval '1 month')::date);
    first_day := first_day + interval '1 month';
  END LOOP;
END $$;

-- Which records were dropped: all of the months before the latest kept_from. The transaction that drops
-- a partition writes it here; the identities go after that, in batches.
CREATE TABLE record_retention (
  kept_from             date PRIMARY KEY CHECK (extract(day FROM kept_from) = 1),
  dropped_at            timestamptz NOT NULL,
  identities_dropped_at timestamptz
);

-- The monthly aggregates of an organization, added up by one field: once by each field that
-- MonthTotalsRepository names. An overview of many months reads these few rows instead of all aggregates.
-- A missing value, and a missing unit_word, is an empty text. The sums are in no index, so an update stays in
-- its page, which has room for it.
CREATE TABLE month_total (
  organization_id text COLLATE "C" NOT NULL,
  field           text COLLATE "C" NOT NULL,
  top_up          boolean NOT NULL,
  month           date NOT NULL,
  value           text COLLATE "C" NOT NULL,
  currency        text COLLATE "C" NOT NULL,
  unit            text COLLATE "C" NOT NULL,
  unit_word       text COLLATE "C" NOT NULL,
  number_of_units numeric NOT NULL,
  total_amount    numeric NOT NULL,
  updated_at      timestamptz NOT NULL,
  PRIMARY KEY (organization_id, field, top_up, month, value, currency, unit, unit_word)
) WITH (fillfactor = 70);

-- The version that month_total stands for, and the unfinished attempt to add it up anew with the time its last
-- step began. A server of the release before changes the version alone. Then nobody reads the organization's
-- rows of month_total until a server has added them up. So it is with what was there before this migration.
ALTER TABLE data_version
  ADD COLUMN totals_version uuid, ADD COLUMN totals_build uuid, ADD COLUMN totals_build_at timestamptz;

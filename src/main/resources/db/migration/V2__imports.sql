-- Imports: billing files that stand for themselves. A file is staged in batches, and then replaces the one
-- before it, in one transaction for each organization.

-- An import. Its owner is the organization that sends it, or '' for operators. The upload is the file that
-- replaces it, or did so last: a transaction that replaces holds the row, and counts only if it still names its
-- own upload.
CREATE TABLE usage_import (
  owner       text COLLATE "C" NOT NULL,
  id          text COLLATE "C" NOT NULL,
  upload      uuid NOT NULL,
  replaced_at timestamptz,
  PRIMARY KEY (owner, id)
);

-- What an import contributes to an organization; "import" is a digest of the import's owner and id.
CREATE TABLE import_sum (
  organization_id text COLLATE "C" NOT NULL,
  import          uuid NOT NULL,
  currency        text COLLATE "C" NOT NULL,
  number_of_rows  bigint NOT NULL,
  total_amount    numeric NOT NULL,
  PRIMARY KEY (organization_id, import, currency)
);

CREATE INDEX import_sum_by_import ON import_sum (import, organization_id);

-- The rows that count. Equal rows are one here, with the number of their copies; each copy is a record.
CREATE TABLE imported_row (
  organization_id text COLLATE "C" NOT NULL,
  import          uuid NOT NULL,
  content         uuid NOT NULL,
  copies          bigint NOT NULL,
  aggregate_id    uuid NOT NULL,
  occurred_at     timestamptz NOT NULL,
  number_of_units numeric NOT NULL,
  total_amount    numeric NOT NULL,
  PRIMARY KEY (organization_id, import, content)
);

-- When rows of an upload were last staged. Whoever counts or deletes them locks its row first.
CREATE TABLE import_upload (
  organization_id text COLLATE "C" NOT NULL,
  upload          uuid NOT NULL,
  staged_at       timestamptz NOT NULL,
  PRIMARY KEY (organization_id, upload)
);

-- The rows of a file that is arriving; a crash of the database empties it. The index and line of a row are those of
-- its first copy.
CREATE UNLOGGED TABLE staged_row (
  organization_id text COLLATE "C" NOT NULL,
  upload          uuid NOT NULL,
  content         uuid NOT NULL,
  copies          bigint NOT NULL,
  copies_before   bigint NOT NULL,
  index           bigint,
  line            bigint,
  aggregate_id    uuid NOT NULL,
  occurred_at     timestamptz NOT NULL,
  number_of_units numeric NOT NULL,
  total_amount    numeric NOT NULL,
  account_id      text COLLATE "C" NOT NULL,
  product_id      text COLLATE "C" NOT NULL,
  aggr_product_id text COLLATE "C",
  month           date NOT NULL,
  type            text COLLATE "C" NOT NULL,
  description     text COLLATE "C",
  currency        text COLLATE "C" NOT NULL,
  direction       text COLLATE "C",
  resolution      text COLLATE "C",
  unit            text COLLATE "C" NOT NULL,
  unit_word       text COLLATE "C",
  price           numeric,
  wallet_name     text COLLATE "C",
  PRIMARY KEY (organization_id, upload, content)
);

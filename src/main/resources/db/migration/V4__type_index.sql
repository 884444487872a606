-- The rows of a type in the order of their ids, as the indexes by month, account and product have them.
CREATE INDEX monthly_usage_by_type ON monthly_usage (organization_id, type, id);

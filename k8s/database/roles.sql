-- Two users of the database. usage_owner owns the tables and migrates them; usage_server reads and writes rows, and can
-- change no table. Run this once, as an administrator in the server's database, before the first migration. Then give
-- each user a password: \password usage_owner
--
-- Where one user has owned the tables so far, that user stays the owner: put its name here and leave out its CREATE ROLE.
CREATE ROLE usage_owner LOGIN;
CREATE ROLE usage_server LOGIN;

-- Before Postgres 15 everybody may make tables.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO usage_owner;
GRANT USAGE ON SCHEMA public TO usage_server;

-- An administrator who is no superuser has to be a member for the next statement.
GRANT usage_owner TO CURRENT_USER;
-- Tables that migrations and retention make.
ALTER DEFAULT PRIVILEGES FOR ROLE usage_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO usage_server;
-- Tables that are there already.
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO usage_server;

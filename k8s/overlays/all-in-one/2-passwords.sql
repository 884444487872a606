-- The variables are of the pod, from the two Secrets.
\getenv owner POSTGRES_PASSWORD
\getenv server SERVER_PASSWORD
ALTER ROLE usage_owner PASSWORD :'owner';
ALTER ROLE usage_server PASSWORD :'server';

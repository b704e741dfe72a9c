#!/usr/bin/env bash
# Makes the product's two roles in PostgreSQL: an owner, who migrates, and one that runs, who can neither change the
# tables nor take away the triggers that keep the audit from being changed. PostgreSQL's image runs this in a new
# database; in one that is older it may be run by hand, as often as you like (docs/deployment.md).
set -euo pipefail

# From an address such as postgres://role:password@host:5432/name, whose password is plain letters and digits.
role_of() { sed -E 's|^[a-z]+://([^:]+):.*|\1|' "$1"; }
password_of() { sed -E 's|^[a-z]+://[^:]+:([^@]+)@.*|\1|' "$1"; }

owner_url=${OWNER_URL_FILE:-/run/secrets/database_owner_url}
app_url=${APP_URL_FILE:-/run/secrets/database_url}

# By the environment: arguments are for everybody to read who sees the list of processes.
export OWNER APP OWNER_PASSWORD APP_PASSWORD
OWNER=$(role_of "$owner_url") OWNER_PASSWORD=$(password_of "$owner_url")
APP=$(role_of "$app_url") APP_PASSWORD=$(password_of "$app_url")

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\getenv owner OWNER
\getenv app APP
\getenv owner_password OWNER_PASSWORD
\getenv app_password APP_PASSWORD
SELECT format('CREATE ROLE %I', name)
    FROM unnest(ARRAY[:'owner', :'app']) AS name
    WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
ALTER ROLE :"owner" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD :'owner_password';
ALTER ROLE :"app" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD :'app_password';

SELECT format('ALTER DATABASE %I OWNER TO %I', current_database(), :'owner') \gexec
SELECT format('ALTER TABLE %s OWNER TO %I', oid::regclass, :'owner')
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm') \gexec
SELECT format('ALTER FUNCTION %s OWNER TO %I', oid::regprocedure, :'owner')
    FROM pg_proc WHERE pronamespace = 'public'::regnamespace \gexec

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO :"owner";
GRANT USAGE ON SCHEMA public TO :"app";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO :"app";
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO :"app";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"app";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO :"app";
SQL

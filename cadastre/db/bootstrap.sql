-- Roles, database and extensions of the register, for the embedded cluster and for a DBA alike.
-- Run once by a superuser; running it again changes nothing but the two passwords:
--
--     CADASTRE_ADMIN_PASSWORD=... CADASTRE_APP_PASSWORD=... \
--         psql -X -v ON_ERROR_STOP=1 -d postgres -f bootstrap.sql
--
-- Another database name: CADASTRE_DATABASE=name (default cadastre).
--
-- cadastre_owner  owns every object          cadastre_admin  login: migrations, bulk loads, restore
-- cadastre_write  registers and issues       cadastre_app    login: the API and the worker
-- cadastre_read   reads without parties      (grants in cadastre/db/routines)
-- cadastre_tiles  reads schema publish only
\set database cadastre
\getenv database CADASTRE_DATABASE
\getenv admin_password CADASTRE_ADMIN_PASSWORD
\getenv app_password CADASTRE_APP_PASSWORD
\set QUIET on
SET client_min_messages = warning;
SET password_encryption = 'scram-sha-256';

SELECT format('CREATE ROLE %I NOLOGIN', name)
FROM unnest(ARRAY['cadastre_owner', 'cadastre_write', 'cadastre_read', 'cadastre_tiles']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec

SELECT format('CREATE ROLE %I LOGIN', name)
FROM unnest(ARRAY['cadastre_admin', 'cadastre_app']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec

ALTER ROLE cadastre_admin NOSUPERUSER NOCREATEROLE CREATEDB PASSWORD :'admin_password';
-- NOINHERIT: the application may nothing at all until a transaction has said as whom it acts (SET ROLE)
ALTER ROLE cadastre_app NOSUPERUSER NOCREATEROLE NOCREATEDB NOINHERIT PASSWORD :'app_password';
GRANT cadastre_owner TO cadastre_admin;
GRANT cadastre_write, cadastre_read, cadastre_tiles TO cadastre_app; -- SET ROLE per transaction
SELECT format('GRANT %I TO cadastre_app WITH INHERIT FALSE, SET TRUE', name) -- since 16 each grant says so itself
FROM unnest(ARRAY['cadastre_write', 'cadastre_read', 'cadastre_tiles']) AS name
WHERE current_setting('server_version_num')::integer >= 160000
\gexec

SELECT format(
    'CREATE DATABASE %I OWNER cadastre_owner ENCODING ''UTF8'' LOCALE ''C.UTF-8'' TEMPLATE template0',
    :'database'
)
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database')
\gexec

REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE :"database" TO cadastre_owner, cadastre_write;
GRANT CONNECT ON DATABASE :"database" TO cadastre_read, cadastre_tiles, cadastre_app;

\connect :"database"
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS pgcrypto;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;

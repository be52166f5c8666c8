#!/bin/sh
# Runs once, on an empty data folder: `owner` migrates, `app` runs and can change no table and no trigger.
set -eu
# The passwords travel by the environment: on a command line every process of the machine could read them.
psql --no-psqlrc -v ON_ERROR_STOP=1 --username postgres --dbname postgres <<'SQL'
\getenv owner_password OWNER_PASSWORD
\getenv app_password APP_PASSWORD
CREATE ROLE owner LOGIN PASSWORD :'owner_password';
CREATE ROLE app LOGIN PASSWORD :'app_password';
CREATE DATABASE portfolio OWNER owner;
REVOKE CONNECT, TEMPORARY ON DATABASE portfolio FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE portfolio TO app;
\connect portfolio
ALTER SCHEMA public OWNER TO owner;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
SQL

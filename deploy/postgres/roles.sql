-- Roles of a PostgreSQL server that serves Drempel; run once, as its administrator (psql -f).
--
-- drempel_owner owns the databases: `drempel migrate`, `verify`, `rebuild`, `parked` and `keys erase` connect as it, the
-- services never do. It is no superuser. BYPASSRLS, because row-level security is forced for owners too, and a
-- `verify` that sees no rows would find nothing wrong.
-- The others are the services' own: `_api` answers callers and sees their tenants only, `_loop` runs the consumers.
-- `drempel migrate` gives them their passwords, which follow from the key-encryption key.
CREATE ROLE drempel_owner LOGIN NOSUPERUSER NOCREATEDB CREATEROLE BYPASSRLS;
SET ROLE drempel_owner;
CREATE ROLE drempel_loops NOLOGIN;
CREATE ROLE intake_api LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
CREATE ROLE intake_loop LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
CREATE ROLE matching_api LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
CREATE ROLE matching_loop LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
CREATE ROLE routing_api LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
CREATE ROLE routing_loop LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
CREATE ROLE outreach_api LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
CREATE ROLE outreach_loop LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
CREATE ROLE escalation_api LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
CREATE ROLE escalation_loop LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
CREATE ROLE monitoring_api LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
CREATE ROLE monitoring_loop LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
RESET ROLE;

"""Schema changes by alembic: one line of versions per service, each in the service's own folder.

The first version of a service is its log and its own tables (`0001_first.sql`), its two roles and the rules
of who may see what: a table with a column `tenant` is under forced row-level security for both roles, a table
without one belongs to the loop alone unless its SQL grants more.
"""

from pathlib import Path

from alembic import op
from sqlalchemy import text

LOG_SQL = Path(__file__).parents[2] / "events" / "postgres" / "log.sql"
READERS = "drempel_loops"
"""Every loop role is in this one: they read each other's logs."""


def statements(sql: str) -> list[str]:
    """The statements of a file; a statement ends with a semicolon at the end of a line."""
    lines = [line.split("--")[0].rstrip() for line in sql.splitlines()]
    found = "\n".join(line for line in lines if line).split(";\n")
    return [statement.strip().rstrip(";") for statement in found if statement.strip()]


def run(sql: str) -> None:
    """Execute every statement of a file."""
    for statement in statements(sql):
        op.get_bind().exec_driver_sql(statement)


def ensure_role(role: str, options: str) -> None:
    """Make a role of the cluster, where it is not there yet."""
    there = op.get_bind().execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}).first()
    if not there:  # roles are of the whole server, and the lock on migrations is of one database
        run(f"DO $$ BEGIN CREATE ROLE {role} {options}; "
            "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;")  # fmt: skip


def first(service: str, folder: Path) -> None:
    """Version 1 of a service: roles, log, own tables, grants and row-level security."""
    ensure_role(READERS, "NOLOGIN")
    ensure_role(f"{service}_api", "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS")
    ensure_role(f"{service}_loop", "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS")
    run(f"""
        GRANT {READERS} TO {service}_loop;
        GRANT USAGE ON SCHEMA {service} TO {service}_api, {READERS};
        ALTER DEFAULT PRIVILEGES IN SCHEMA {service} REVOKE ALL ON TABLES FROM PUBLIC;
    """)
    run(LOG_SQL.read_text().replace("{schema}", service))
    grants_of_log(service)
    own_tables(service, (folder / "0001_first.sql").read_text())


def grants_of_log(service: str) -> None:
    """Append and read only: nobody but the owner may change or remove an event."""
    run(f"""
        GRANT SELECT, INSERT ON {service}.log TO {service}_api, {service}_loop;
        GRANT SELECT ON {service}.log, {service}.head TO {READERS};
        GRANT SELECT, UPDATE ON {service}.head TO {service}_api, {service}_loop;
        GRANT SELECT ON {service}.checkpoint, {service}.parked, {service}.kafka_offset, {service}.relay TO {READERS};
        GRANT SELECT ON {service}.skipped TO {READERS};
        GRANT INSERT, UPDATE, DELETE ON {service}.checkpoint, {service}.parked TO {service}_loop;
        GRANT INSERT, UPDATE, DELETE ON {service}.kafka_offset TO {service}_loop;
        GRANT UPDATE ON {service}.relay TO {service}_loop;
        GRANT SELECT, INSERT ON {service}.idempotentie, {service}.logboek TO {service}_api, {service}_loop;
        GRANT DELETE ON {service}.idempotentie TO {service}_loop;
    """)
    secure(service, "log")
    run(f"CREATE POLICY readers ON {service}.log FOR SELECT TO {READERS} USING (true);")


def own_tables(service: str, sql: str) -> None:
    """Make tables named without a schema, in the service's schema, and give them their rules."""
    before = set(_tables(service))
    run(f"SET LOCAL search_path = {service};\n" + sql)
    for table in sorted(set(_tables(service)) - before):
        run(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {service}.{table} TO {service}_loop;")
        if _has_column(service, table, "tenant"):
            run(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {service}.{table} TO {service}_api;")
            secure(service, table)
    run("SET LOCAL search_path = public;")


def afspraken(service: str) -> None:
    """What municipalities agreed, for a service that works by it (libs/chassis/afspraken.py); no secret."""
    run(f"""
        CREATE TABLE {service}.afspraken (
            gemeentecode text NOT NULL, meegeleverd boolean NOT NULL, geldig_vanaf date NOT NULL,
            volgnummer bigint NOT NULL, afspraken jsonb NOT NULL,
            PRIMARY KEY (gemeentecode, meegeleverd, geldig_vanaf));
        GRANT SELECT, INSERT, UPDATE, DELETE ON {service}.afspraken TO {service}_loop;
        GRANT SELECT ON {service}.afspraken TO {service}_api;
    """)


def secure(service: str, table: str) -> None:
    """Forced row-level security: the loop sees all, the api the tenants (or the partner) of its transaction."""
    mine = "tenant = ANY (string_to_array(current_setting('drempel.tenants', true), ','))"
    if _has_column(service, table, "partner"):
        mine += " OR partner = nullif(current_setting('drempel.partner', true), '')"
    run(f"""
        ALTER TABLE {service}.{table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {service}.{table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY loop ON {service}.{table} TO {service}_loop USING (true) WITH CHECK (true);
        CREATE POLICY tenant ON {service}.{table} TO {service}_api USING ({mine}) WITH CHECK ({mine});
    """)


def keyring() -> None:
    """Version 1 of the keyring: the three services that may open personal data are granted it, no other."""
    run((LOG_SQL.parent / "keyring.sql").read_text())
    for service in ("intake", "matching", "outreach"):
        for role in (f"{service}_api", f"{service}_loop"):
            ensure_role(role, "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS")
            run(f"""
                GRANT USAGE ON SCHEMA keyring TO {role};
                GRANT SELECT, INSERT ON keyring.sleutel, keyring.koppeling TO {role};
            """)


def _tables(schema: str) -> list[str]:
    query = text("SELECT tablename FROM pg_tables WHERE schemaname = :schema")
    return [row[0] for row in op.get_bind().execute(query, {"schema": schema})]


def _has_column(schema: str, table: str, column: str) -> bool:
    query = text(
        """SELECT 1 FROM information_schema.columns
           WHERE table_schema = :schema AND table_name = :table AND column_name = :column"""
    )
    return op.get_bind().execute(query, {"schema": schema, "table": table, "column": column}).first() is not None

"""The database's own guard: the log refuses every change but the one that gives a row its place.

A migration runs `install` by RunPython. SQLite drops triggers when Django rebuilds a table: a later migration
that alters one of these tables must install them again, and `verify_audit` fails until somebody does.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

CONTENT = (
    *("id", "at", "verb", "actor_id", "actor_login", "organisation_id", "organisation_code"),
    *("target", "outcome", "detail", "request_id", "client", "mac"),
)
_same = " AND ".join(f"NEW.{column} IS OLD.{column}" for column in CONTENT)
_stop = "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"

SQLITE_INSTALL = (
    # INSERT OR REPLACE would delete without asking the DELETE trigger.
    f"""CREATE TRIGGER audit_event_insert BEFORE INSERT ON audit_event
        WHEN NEW.seq IS NOT NULL OR EXISTS (SELECT 1 FROM audit_event WHERE id = NEW.id) {_stop}""",  # noqa: S608
    f"""CREATE TRIGGER audit_event_update BEFORE UPDATE ON audit_event
        WHEN NOT (OLD.seq IS NULL AND NEW.seq IS NOT NULL AND {_same}) {_stop}""",
    f"CREATE TRIGGER audit_event_delete BEFORE DELETE ON audit_event {_stop}",
    f"""CREATE TRIGGER audit_head_insert BEFORE INSERT ON audit_head
        WHEN EXISTS (SELECT 1 FROM audit_head) {_stop}""",  # noqa: S608
    f"CREATE TRIGGER audit_head_update BEFORE UPDATE ON audit_head WHEN NEW.seq <= OLD.seq {_stop}",
    f"CREATE TRIGGER audit_head_delete BEFORE DELETE ON audit_head {_stop}",
)
SQLITE_REMOVE = tuple(
    f"DROP TRIGGER IF EXISTS audit_{table}_{verb}"
    for table in ("event", "head")
    for verb in ("insert", "update", "delete")
)

_refuse = "RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'integrity_constraint_violation'"
POSTGRESQL_INSTALL = (
    f"""CREATE OR REPLACE FUNCTION audit_event_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'INSERT' AND NEW.seq IS NULL THEN
            RETURN NEW;
        ELSIF TG_OP = 'UPDATE' AND OLD.seq IS NULL AND NEW.seq IS NOT NULL
            AND to_jsonb(NEW) - '{{seq,previous,hash}}'::text[] = to_jsonb(OLD) - '{{seq,previous,hash}}'::text[]
        THEN
            RETURN NEW;
        END IF;
        {_refuse};
    END $$""",
    f"""CREATE OR REPLACE FUNCTION audit_head_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND NEW.seq > OLD.seq THEN
            RETURN NEW;
        END IF;
        {_refuse};
    END $$""",
    """CREATE TRIGGER audit_event_row BEFORE INSERT OR UPDATE OR DELETE ON audit_event
        FOR EACH ROW EXECUTE FUNCTION audit_event_guard()""",
    """CREATE TRIGGER audit_event_truncate BEFORE TRUNCATE ON audit_event
        FOR EACH STATEMENT EXECUTE FUNCTION audit_event_guard()""",
    """CREATE TRIGGER audit_head_row BEFORE UPDATE OR DELETE ON audit_head
        FOR EACH ROW EXECUTE FUNCTION audit_head_guard()""",
    """CREATE TRIGGER audit_head_truncate BEFORE TRUNCATE ON audit_head
        FOR EACH STATEMENT EXECUTE FUNCTION audit_head_guard()""",
)
POSTGRESQL_REMOVE = (
    "DROP TRIGGER IF EXISTS audit_event_row ON audit_event",
    "DROP TRIGGER IF EXISTS audit_event_truncate ON audit_event",
    "DROP TRIGGER IF EXISTS audit_head_row ON audit_head",
    "DROP TRIGGER IF EXISTS audit_head_truncate ON audit_head",
    "DROP FUNCTION IF EXISTS audit_event_guard()",
    "DROP FUNCTION IF EXISTS audit_head_guard()",
)

INSTALL = {"sqlite": SQLITE_INSTALL, "postgresql": POSTGRESQL_INSTALL}
REMOVE = {"sqlite": SQLITE_REMOVE, "postgresql": POSTGRESQL_REMOVE}
_LIST = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'",
}


def install(connection: BaseDatabaseWrapper) -> None:
    """Put the guard in place; a guard that is there already is replaced."""
    remove(connection)
    _run(connection, INSTALL[connection.vendor])


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take the guard away: a backward migration, or a test that must change rows."""
    _run(connection, REMOVE[connection.vendor])


def installed(connection: BaseDatabaseWrapper) -> bool:
    """Say whether every trigger of the guard is there and enabled."""
    wanted = {sql.split()[2] for sql in INSTALL[connection.vendor] if sql.startswith("CREATE TRIGGER")}
    with connection.cursor() as cursor:
        cursor.execute(_LIST[connection.vendor])
        return wanted <= {name for (name,) in cursor.fetchall()}


def _run(connection: BaseDatabaseWrapper, statements: tuple[str, ...]) -> None:
    with connection.cursor() as cursor:
        for sql in statements:
            cursor.execute(sql)

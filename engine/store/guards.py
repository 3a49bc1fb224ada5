"""Triggers that keep the log insert-only: against our own mistakes, not against root.

Bodies may be erased, which is to say emptied whole, and nothing else.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

INSERT_ONLY = ("entry", "log_leaf", "log_tile", "checkpoint", "cosignature", "stamp")
_FIXED = ("digest", "kind", "id", "version", "data", "activated_at")
_SAID = "the log is insert-only"

_FUNCTION = f"""\
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%: {_SAID}', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$"""


def _sqlite() -> dict[str, str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{_SAID}'); END"
    found = {}
    for table in (*INSERT_ONLY, "entry_body", "definition"):
        found[f"{table}_no_delete"] = (
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}"
        )
    for table in INSERT_ONLY:
        found[f"{table}_no_update"] = (
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}"
        )
    found["entry_body_only_erased"] = (
        "CREATE TRIGGER entry_body_only_erased BEFORE UPDATE ON entry_body "
        "WHEN NEW.salt IS NOT NULL OR NEW.body IS NOT NULL OR NEW.entry_id <> OLD.entry_id "
        + refuse
    )
    found["definition_fixed"] = (
        f"CREATE TRIGGER definition_fixed BEFORE UPDATE OF {', '.join(_FIXED)} ON definition "
        + refuse
    )
    return found


def _postgres() -> dict[str, str]:
    refuse = "EXECUTE FUNCTION refuse_change()"
    found = {}
    for table in (*INSERT_ONLY, "entry_body", "definition"):
        for verb in ("delete", "truncate"):
            each = "ROW" if verb == "delete" else "STATEMENT"
            found[f"{table}_no_{verb}"] = (
                f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
                f"FOR EACH {each} {refuse}"
            )
    for table in INSERT_ONLY:
        found[f"{table}_no_update"] = (
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW {refuse}"
        )
    found["entry_body_only_erased"] = (
        "CREATE TRIGGER entry_body_only_erased BEFORE UPDATE ON entry_body FOR EACH ROW "
        "WHEN (NEW.salt IS NOT NULL OR NEW.body IS NOT NULL OR NEW.entry_id <> OLD.entry_id) "
        + refuse
    )
    found["definition_fixed"] = (
        f"CREATE TRIGGER definition_fixed BEFORE UPDATE OF {', '.join(_FIXED)} ON definition "
        f"FOR EACH ROW {refuse}"
    )
    return found


def wanted(dialect: str) -> dict[str, str]:
    """Return the guards of a dialect: name and the statement that creates it."""
    return _postgres() if dialect == "postgresql" else _sqlite()


def create(connection: Connection) -> None:
    """Create every guard anew, whatever stands there under its name."""
    dialect = connection.dialect.name
    if dialect == "postgresql":
        connection.execute(text(_FUNCTION))
    for name, statement in wanted(dialect).items():
        on = f" ON {_table_of(statement)}" if dialect == "postgresql" else ""
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}{on}")
        connection.exec_driver_sql(statement)


def _table_of(statement: str) -> str:
    return statement.split(" ON ", 1)[1].split(" ", 1)[0]


def differences(connection: Connection) -> list[str]:
    """Name each guard that is missing or was changed."""
    postgres = connection.dialect.name == "postgresql"
    found = _postgres_guards(connection) if postgres else _sqlite_guards(connection)
    problems = []
    for name, statement in sorted(wanted(connection.dialect.name).items()):
        if name not in found:
            problems.append(f"guard {name} is missing")
        elif found[name] != _squeezed(statement):
            problems.append(f"guard {name} was changed")
    if postgres and not _function_stands(connection):
        problems.append("function refuse_change was changed or is missing")
    return problems


def _sqlite_guards(connection: Connection) -> dict[str, str]:
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    return {name: _squeezed(sql) for name, sql in rows}


_PG_TRIGGERS = """
SELECT t.tgname, pg_get_triggerdef(t.oid), t.tgenabled = 'O' FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace
"""


def _postgres_guards(connection: Connection) -> dict[str, str]:
    """PostgreSQL tells a trigger in words of its own; only its standing can be compared."""
    ours = wanted("postgresql")
    found = {}
    for name, told, enabled in connection.exec_driver_sql(_PG_TRIGGERS):
        if enabled and name in ours and _same(told, ours[name]):
            found[name] = _squeezed(ours[name])
        else:
            found[name] = told if enabled else ""
    return found


def _same(told: str, ours: str) -> bool:
    def bare(sql: str) -> str:
        return _squeezed(sql).lower().replace("(", "").replace(")", "").replace("public.", "")

    return bare(told) == bare(ours)


def _function_stands(connection: Connection) -> bool:
    rows = connection.exec_driver_sql(
        "SELECT prosrc FROM pg_proc WHERE proname = 'refuse_change' "
        "AND pronamespace = current_schema()::regnamespace"
    )
    source = rows.scalar()
    return source is not None and _squeezed(source) in _squeezed(_FUNCTION)


def _squeezed(sql: str) -> str:
    return " ".join(sql.split())

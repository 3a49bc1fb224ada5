"""Who may do what on PostgreSQL: the owner migrates, `app` works, `auditor` reads.

The guards keep the log insert-only against our own mistakes. These rights keep it so against
whoever took over the running program: its account can neither change what was entered nor
take the guards away, because it does not own the tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.errors import InputError
from engine.store.guards import INSERT_ONLY
from engine.store.tables import METADATA

NEVER_DELETED = (*INSERT_ONLY, "entry_body", "definition", "kase", "message", "notice", "meta")
"""Tables of which the program never takes a row away."""

SECRET = (
    "account_token",
    "case_link",
    "identity",
    "password",
    "private_text",
    "recovery_code",
    "second_factor",
    "throttle",
    "upload",
    "web_session",
)
"""Tables that no auditor needs: what lets people in, and drafts that are nobody else's."""

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def statements(app: str, auditor: str) -> list[str]:
    """Return what the owner of the tables runs, after each upgrade, to give two roles their rights.

    Both roles exist already. Raises InputError for a name that would need quoting.
    """
    for name in (app, auditor):
        if not _NAME.fullmatch(name):
            raise InputError(
                f"Rolle „{name}“: erlaubt sind kleine Buchstaben, Ziffern und _.",
                f"Role '{name}': small letters, digits and _ are allowed.",
            )
    return [*_of_app(app), *_of_auditor(auditor)]


def _of_app(role: str) -> Iterator[str]:
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}"
    yield f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"
    yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}"
    for table in sorted(METADATA.tables):
        verbs = ["INSERT"]
        if table not in INSERT_ONLY:
            verbs.append("UPDATE")
        if table not in NEVER_DELETED:
            verbs.append("DELETE")
        yield f"GRANT {', '.join(verbs)} ON {table} TO {role}"


def _of_auditor(role: str) -> Iterator[str]:
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}"
    open_ = sorted(set(METADATA.tables) - set(SECRET))
    yield f"GRANT SELECT ON alembic_version, {', '.join(open_)} TO {role}"

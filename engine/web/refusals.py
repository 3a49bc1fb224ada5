"""What was refused, for the operator's log: when, from where, by which account, and why.

No names, no words of a form and no tokens: an account is its uid, and what could be a token in
a path is left out. Whoever asks for much that is refused cannot flood the log.
"""

from __future__ import annotations

import logging
import re

from starlette.types import Scope

log = logging.getLogger("rechtzeitig.refused")

MOST, WINDOW = 100, 60.0
"""Lines within so many seconds; the first line after them says how many were kept back."""

_TOKEN = re.compile(r"[\w-]{32,}")
_LONGEST = 200


def refused(why: str, scope: Scope, account: str = "") -> None:
    """Tell that a request was refused."""
    client = scope.get("client")
    place = client[0] if client else "-"
    log.warning(
        "%s: %s %s from %s, account %s",
        why,
        scope["method"],
        shown(scope["path"]),
        place,
        account or "-",
    )


def shown(path: str) -> str:
    """Return a path without what opens something to its bearer.

    >>> shown("/einladung/" + "0a" * 32)
    '/einladung/…'
    """
    return _TOKEN.sub("…", path)[:_LONGEST]


class Brake(logging.Filter):
    """Lets a few lines pass in a while and counts the others."""

    def __init__(self) -> None:
        super().__init__()
        self._since, self._count = 0.0, 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a line may pass."""
        if record.created - self._since >= WINDOW:
            kept_back = self._count - MOST
            if kept_back > 0:
                record.msg = f"{record.msg} (and {kept_back} more before that are not shown)"
            self._since, self._count = record.created, 0
        self._count += 1
        return self._count <= MOST


log.addFilter(Brake())

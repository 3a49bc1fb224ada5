"""What something would bring about, seen before it is done.

It is done in earnest within a transaction that is then given up. So whatever is shown of it
is the very thing, down to the last word of a letter, and nothing of it stays.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from engine.app import App
from engine.store.store import Store

Seen = TypeVar("Seen")


class _GivenUp(Exception):
    """Takes what was seen out of the transaction, which ends with it."""

    def __init__(self, seen: object) -> None:
        super().__init__("seen enough")
        self.seen = seen


def tried(app: App, do: Callable[[Store], Seen]) -> Seen:
    """Return what `do` makes of the database, and leave the database as it was.

    Raises whatever `do` raises, such as the refusal that it would meet.
    """
    try:
        with app.database.write() as store:
            raise _GivenUp(do(store))
    except _GivenUp as end:
        return end.seen  # type: ignore[return-value]

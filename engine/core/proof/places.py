"""The places that a subject can be in, each by a number."""

from __future__ import annotations

from engine.core.proof.subject import Subject
from engine.core.proof.values import Context, Follow, Local, Move


class Places:
    """The places of one subject by number, 0 for a participation that nobody called."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.of: list[Local | None] = [None]
        self._numbers: dict[Local, int] = {}

    def number(self, local: Local) -> int:
        """Return the number of a place."""
        known = self._numbers.get(local)
        if known is None:
            known = self._numbers[local] = len(self.of)
            self.of.append(local)
        return known

    def moves(self, number: int, context: Context) -> list[Move]:
        """Return everything that can be done in a place."""
        return self.subject.moves(self[number], context)

    def reacts(self, number: int, context: Context, follow: Follow) -> list[Move]:
        """Return what the engine makes of something that happened elsewhere."""
        return self.subject.reacts(self[number], context, follow)

    def replanned(self, number: int) -> list[int]:
        """Return where a participation can stand once the sittings are others."""
        found = (self.number(x) for x in self.subject.replanned(self[number]))
        return list(dict.fromkeys(found))

    def __getitem__(self, number: int) -> Local:
        local = self.of[number]
        assert local is not None
        return local

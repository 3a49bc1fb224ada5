"""Work that takes longer than a page may: done in a thread, its result kept in memory.

A result is found again by a key that names what was asked, such as the digest of what was
proven. It lives as long as the process; who asks again after that starts the work again.
One piece of work runs at a time, so that pages stay quick.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fastapi import Request

from engine.errors import EngineError, Text

log = logging.getLogger("rechtzeitig")

MOST = 30
"""How many results are kept; the oldest go first."""

PATIENCE = 4.0
"""Seconds for which a page waits for what it began, before it says that this goes on."""

BROKEN = Text(
    "Das ist unerwartet fehlgeschlagen; das Betriebsprotokoll nennt den Grund.",
    "This failed unexpectedly; the log of the process names the reason.",
)


@dataclass(frozen=True)
class Job:
    """How a piece of work stood when it was asked for: a value, so that one page tells one story.

    While it runs there is neither a result nor an error.
    """

    key: str
    since: datetime
    running: bool
    result: Any = None
    error: Text | None = None


@dataclass
class _Piece:
    key: str
    since: datetime
    result: Any = None
    error: Text | None = None
    done: threading.Event = field(default_factory=threading.Event)

    def seen(self) -> Job:
        if not self.done.is_set():
            return Job(self.key, self.since, running=True)
        return Job(self.key, self.since, running=False, result=self.result, error=self.error)


class Background:
    """The pieces of work of one process."""

    def __init__(self) -> None:
        self._pieces: OrderedDict[str, _Piece] = OrderedDict()
        self._lock = threading.Lock()
        self._turn = threading.Lock()

    def start(
        self,
        key: str,
        now: datetime,
        work: Callable[[], Any],
        *,
        again: bool = False,
        patience: float = PATIENCE,
    ) -> Job:
        """Return the work of that key, begun now unless it runs or is done.

        With `again`, work that is done is done once more. Waits `patience` seconds for its end.
        """
        piece = self._started(key, now, work, again)
        piece.done.wait(patience)
        return piece.seen()

    def find(self, key: str) -> Job | None:
        """Return how the work of that key stands, or None."""
        with self._lock:
            held = self._pieces.get(key)
        return None if held is None else held.seen()

    def _started(self, key: str, now: datetime, work: Callable[[], Any], again: bool) -> _Piece:
        with self._lock:
            held = self._pieces.get(key)
            if held is not None:
                seen = held.seen()
                if seen.running or not (again or seen.error):
                    return held
            piece = self._pieces[key] = _Piece(key, now)
            self._pieces.move_to_end(key)
            self._forget()
        threading.Thread(target=self._run, args=(piece, work), daemon=True).start()
        return piece

    def _forget(self) -> None:
        done = [key for key, piece in self._pieces.items() if piece.done.is_set()]
        for key in done[: max(0, len(self._pieces) - MOST)]:
            del self._pieces[key]

    def _run(self, piece: _Piece, work: Callable[[], Any]) -> None:
        try:
            with self._turn:
                piece.result = work()
        except EngineError as error:
            piece.error = error.text
        except Exception:
            log.exception("work %s", piece.key)
            piece.error = BROKEN
        finally:
            piece.done.set()


_MAKING = threading.Lock()


def background_of(request: Request) -> Background:
    """Return the pieces of work of the application that serves a request."""
    with _MAKING:
        found: Background | None = getattr(request.app.state, "background", None)
        if found is None:
            found = request.app.state.background = Background()
        return found

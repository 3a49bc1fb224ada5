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

BROKEN = Text(
    "Das ist unerwartet fehlgeschlagen; das Betriebsprotokoll nennt den Grund.",
    "This failed unexpectedly; the log of the process names the reason.",
)


@dataclass
class Job:
    """A piece of work: since when, and what came of it once `done` is set."""

    key: str
    since: datetime
    result: Any = None
    error: Text | None = None
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def running(self) -> bool:
        """Whether the work is not done."""
        return not self.done.is_set()


class Background:
    """The pieces of work of one process."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._lock = threading.Lock()
        self._turn = threading.Lock()

    def start(
        self, key: str, now: datetime, work: Callable[[], Any], *, again: bool = False
    ) -> Job:
        """Return the work of that key, begun now unless it runs or is done.

        With `again`, work that is done is done once more.
        """
        with self._lock:
            held = self._jobs.get(key)
            if held is not None and (held.running or not (again or held.error)):
                return held
            job = self._jobs[key] = Job(key, now)
            self._jobs.move_to_end(key)
            self._forget()
        threading.Thread(target=self._run, args=(job, work), daemon=True).start()
        return job

    def find(self, key: str) -> Job | None:
        """Return the work of that key, or None."""
        with self._lock:
            return self._jobs.get(key)

    def _forget(self) -> None:
        done = [k for k, j in self._jobs.items() if not j.running]
        for key in done[: max(0, len(self._jobs) - MOST)]:
            del self._jobs[key]

    def _run(self, job: Job, work: Callable[[], Any]) -> None:
        try:
            with self._turn:
                job.result = work()
        except EngineError as error:
            job.error = error.text
        except Exception:
            log.exception("work %s", job.key)
            job.error = BROKEN
        finally:
            job.done.set()


_MAKING = threading.Lock()


def background_of(request: Request) -> Background:
    """Return the pieces of work of the application that serves a request."""
    with _MAKING:
        found: Background | None = getattr(request.app.state, "background", None)
        if found is None:
            found = request.app.state.background = Background()
        return found

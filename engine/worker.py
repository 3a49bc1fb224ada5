"""The metronome: APScheduler ticks, and a watchdog sees that it does.

Nothing about a deadline lives here; everything due is a row. The scheduler waits by the
wall clock and falls silent when that is set back, so a second thread watches by the
monotonic clock: after three silent intervals it wakes the scheduler, after ten it ends
the process so that whoever supervises it starts a new one.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

from apscheduler.schedulers.background import BackgroundScheduler

from engine import clock, supervisor
from engine.app import App
from engine.clock import monotonic
from engine.delivery import Delivered, deliver
from engine.delivery.bounces import collect_due
from engine.delivery.sign_of_life import write_sign_of_life
from engine.errors import EngineError
from engine.process import this_process
from engine.services.evidence.mailing import begin_day
from engine.services.evidence.sealing import seal_due
from engine.services.evidence.stamping import stamp_due
from engine.services.health import beat
from engine.services.overlooked import name_overlooked
from engine.services.retention import look_once_a_day
from engine.services.ticks import Ticked, tick
from engine.services.timekeeping import mind_clock
from engine.services.uploads import clear_once_a_day, rescan
from engine.store.pulse import Worker as Sign

log = logging.getLogger("rechtzeitig")

WAKE_AFTER = 3
END_AFTER = 10


@dataclass(frozen=True, slots=True)
class Round:
    """One look at what is due, and one at what is to be sent."""

    ticked: Ticked
    delivered: Delivered


def one_round(app: App) -> Round:
    """Do everything that is due by now and send everything that is owed by now.

    The clock is looked at first, for all that follows goes by it. What waits for the scanner
    comes last: a scanner that hangs must hold nothing up. The log is sealed twice, for mails that
    go out slowly must not keep its entries without a checkpoint.
    """
    mind_clock(app)
    try:
        ticked = tick(app)
    except Exception:
        # One broken case may stop the clock, but not the alarm: what is left is named and told.
        name_overlooked(app)
        deliver(app)
        raise
    name_overlooked(app)
    write_sign_of_life(app)
    seal(app)
    done = Round(ticked, deliver(app))
    seal(app)
    look_once_a_day(app)
    begin_day(app)
    stamp(app)
    collect_due(app)
    rescan(app)
    clear_once_a_day(app)
    beat(app)
    return done


def seal(app: App) -> None:
    """Seal the log where that is due; that it does not sign is logged and keeps nothing up."""
    try:
        seal_due(app)
    except EngineError as error:
        log.error("%s", error.text.de)


def stamp(app: App) -> None:
    """Have the day's checkpoint stamped where that is due; a failure is logged and waits."""
    try:
        stamp_due(app)
    except EngineError as error:
        log.warning("%s", error.text.de)


class Worker:
    """Runs rounds until it is stopped."""

    def __init__(self, app: App, every: int, end: Callable[[], None] | None = None) -> None:
        self._app = app
        self._every = every
        self._end = end or _end_process
        self._uid = clock.new_uid()
        self._since = app.clock.now()
        self._last = monotonic()
        self._busy = False
        self._stopped = threading.Event()
        self._scheduler = BackgroundScheduler(timezone=UTC)
        self._watchdog = threading.Thread(target=self._watch, daemon=True, name="watchdog")

    def start(self) -> None:
        """Begin at once, then every `every` seconds."""
        self._scheduler.add_job(
            self.round,
            "interval",
            seconds=self._every,
            id="round",
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
            next_run_time=datetime.now(UTC),
        )
        self._scheduler.start()
        self._watchdog.start()

    def stop(self) -> None:
        """End after the round at hand."""
        supervisor.tell(supervisor.STOPPING)
        self._stopped.set()
        self._scheduler.shutdown(wait=True)
        with suppress(EngineError), self._app.database.write() as store:
            store.pulse.forget(self._uid)

    def wait(self) -> None:
        """Return when the worker is stopped."""
        self._stopped.wait()

    def round(self) -> None:
        """Do one round; trouble is logged, and the next round tries again."""
        self._busy = True
        try:
            done = one_round(self._app)
            self._show()
        except EngineError as error:
            log.error("%s", error.text.de)
        except Exception:
            log.exception("round failed")
        else:
            if done.delivered.sent.trouble:
                log.warning("mail: %s", done.delivered.sent.trouble)
        finally:
            self._busy = False
            self._last = monotonic()
            supervisor.tell(supervisor.ALIVE)

    def _show(self) -> None:
        """Say that this process is at work, for those who look after the installation."""
        host, machine, pid, _ = this_process().split("/")
        now = self._app.clock.now()
        sign = Sign(self._uid, host, machine, int(pid), self._since, now, version("rechtzeitig"))
        with self._app.database.write() as store:
            store.pulse.beat(sign)

    def _watch(self) -> None:
        while not self._stopped.wait(self._every):
            silent = monotonic() - self._last
            if self._busy or silent <= WAKE_AFTER * self._every:
                continue
            if silent > END_AFTER * self._every:
                log.critical("no round for %.0f s: ending the process", silent)
                self._end()
                return
            log.warning("no round for %.0f s: waking the scheduler", silent)
            self._scheduler.modify_job("round", next_run_time=datetime.now(UTC))


def _end_process() -> None:
    os._exit(70)

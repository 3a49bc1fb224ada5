"""A clock that jumps is noticed, entered, told, and not believed until somebody vouches for it.

Each round looks at the clock before anything is done by it. A step of more than a minute is an
entry. Where the clock jumps far ahead or falls back, time goes on as the machine has run since,
so that nothing lapses too early and nothing is missed; after a jump ahead the letters of the
clock wait besides (docs/decisions/0024). A time service or a person ends the doubt.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from engine.app import App, follow
from engine.clock import SteadyClock
from engine.core.calendar import local_day
from engine.core.case import Entry
from engine.core.clock_steps import Step
from engine.core.steady import AHEAD, BACK, NOISE, Reading, believed, doubtful, step
from engine.delivery.personal import personal
from engine.errors import NotFound, Refused, Text
from engine.services.cases import person_of
from engine.services.itself import by
from engine.store import mailed, relays
from engine.store.chains import SYSTEM
from engine.store.pulse import ClockState, Trusted
from engine.store.store import Store

log = logging.getLogger("rechtzeitig")

STEP, TRUSTED = "clock_step", "clock_trusted"
"""The types of the entries: a clock was set; it is believed again, and on whose word."""

TIME_SERVICE, RIGHT_AGAIN, PERSON = "time_service", "right_again", "person"
LETTER = "uhr"
_REFRESH, _SECOND = timedelta(minutes=1), timedelta(seconds=1)
"""What is believed is noted anew after a minute, or a second's correction."""


@dataclass(frozen=True, slots=True)
class ClockStanding:
    """Whether the clock is believed, since when letters wait for it, and how it was set.

    `shown` is what this machine's clock shows, `counted` the time that the engine goes by; the
    latest step comes first.
    """

    doubted: bool
    held_since: datetime | None
    shown: datetime
    counted: datetime
    steps: tuple[Step, ...]


def mind_clock(app: App) -> None:
    """Look whether this machine's clock was set since the last round, and do what that asks for.

    Idle it costs one look. A clock of training, by which days are let go by, may do what it likes.
    """
    clock = app.clock
    if not isinstance(clock, SteadyClock):
        return
    with app.database.read() as store:
        follow(clock, store)
        seen = clock.machine.read()
        quiet = _quiet(store.pulse.trusted(seen.boot), seen)
    if quiet:
        return
    with app.database.write() as store:
        _take(app, clock, store, clock.machine.read())
        follow(clock, store)


def _quiet(trusted: Trusted | None, seen: Reading) -> bool:
    """Return whether there is nothing to be written: believed, and not long ago."""
    if trusted is None or trusted.step is not None:
        return False
    since = seen.uptime - trusted.reading.uptime
    return since < _REFRESH and abs(step(trusted.reading, seen)) < _SECOND


def _take(app: App, clock: SteadyClock, store: Store, seen: Reading) -> None:
    """Believe a reading, or note why not."""
    store.pulse.clock(lock=True)
    trusted = store.pulse.trusted(seen.boot, lock=True) or _first(store, seen)
    by_ = step(trusted.reading, seen)
    vouched = clock.machine.synchronised() is True
    doubted = doubtful(by_) and not vouched
    new = trusted.step is None or abs(by_ - trusted.step) > NOISE
    if abs(by_) > NOISE and new:
        happened = Step(app.clock.now(), seen.wall, by_, doubted, doubted and by_ > AHEAD)
        _enter(app, store, happened)
        if happened.held:
            store.pulse.hold(happened.at, happened.text.de)
    if not doubted:
        _believe(store, seen)
        if trusted.step is not None:
            _end_doubt(app, store, TIME_SERVICE if doubtful(by_) else RIGHT_AGAIN, seen)
    elif new:
        counted = believed(trusted.reading, seen)
        store.pulse.trust(replace(seen, wall=counted), by_)


def _first(store: Store, seen: Reading) -> Trusted:
    """Return what there is to believe of a start of a machine that is not known yet.

    A clock behind the latest instant that was kept is wrong, or was: nobody knows. One that is
    ahead of it tells of a pause, or was set meanwhile; from here the two look alike.
    """
    pulse = store.pulse.clock()
    wall = pulse.high_water if pulse is not None and _behind(pulse, seen) else seen.wall
    return Trusted(replace(seen, wall=wall), None)


def _behind(pulse: ClockState | None, seen: Reading) -> bool:
    return pulse is not None and pulse.high_water - seen.wall > BACK


def _believe(store: Store, seen: Reading) -> None:
    """Go by what the clock shows from here on; what it skipped is no outage."""
    pulse, before = store.pulse.clock(), store.pulse.trusted(seen.boot)
    store.pulse.trust(seen)
    skipped = before is not None and abs(step(before.reading, seen)) > NOISE
    if skipped and pulse is not None and seen.wall > (pulse.last_tick or seen.wall):
        store.pulse.tick(seen.wall)


def _end_doubt(app: App, store: Store, word: str, seen: Reading, actor: str = "") -> None:
    """Enter on whose word a clock is believed again; letters go unless another clock is doubted."""
    act = by(app, TRUSTED)
    plain = {"word": word, "shown": seen.wall.isoformat()}
    store.enter(replace(act, actor=actor or act.actor).line(SYSTEM, TRUSTED, plain))
    log.warning("the clock is believed again: %s", word)
    if not store.pulse.doubted():
        store.pulse.resume()


def confirm(app: App, actor: str) -> datetime:
    """Believe every clock of this installation as it stands, on a person's word; return the time.

    The latest instant that was kept falls back to it if it lies ahead, and so does whatever
    waits for an instant beyond it. Refused where no clock is doubted.
    """
    clock = app.clock
    with app.database.write() as store:
        store.pulse.clock(lock=True)
        if not isinstance(clock, SteadyClock) or not _in_doubt(app, store):
            raise Refused(
                "Die Uhr ist nicht im Zweifel; es gibt nichts zu bestätigen.",
                "The clock is not doubted; there is nothing to confirm.",
            )
        follow(clock, store)
        seen = clock.machine.read()
        store.pulse.trust_anew()
        _bring_back(store, seen.wall)
        _end_doubt(app, store, PERSON, seen, actor)
        store.pulse.release(seen.wall)
        store.pulse.tick(seen.wall)
        store.pulse.trust(seen)
        follow(clock, store)
    return seen.wall


def _bring_back(store: Store, now: datetime) -> None:
    """Let nothing wait for an instant beyond the one that is confirmed: a wrong clock wrote it."""
    # Counters come before messages, as for whoever sends them: two that wait for each other fail.
    relays.bring_back(store.connection, now)
    mailed.bring_back(store.connection, local_day(now))
    store.outbox.bring_back(now)
    store.accounts.bring_back(now)


def confirm_as(app: App, words: str) -> datetime:
    """Believe the clocks on the word of a person of the roster, or of an administrator by login."""
    with app.database.read() as store:
        actor = person_or_administrator(app, store, words)
    return confirm(app, actor)


def person_or_administrator(app: App, store: Store, words: str) -> str:
    """Return the uid of a person of the roster, or of an administrator by her login."""
    try:
        return person_of(app.world(store), words)
    except NotFound:
        for account, login in store.accounts.all():
            if login == words and account.administrator and account.state == "active":
                return account.person or account.uid
        raise


def standing_in(app: App, store: Store) -> ClockStanding:
    """Return whether this installation's clock is believed, as a transaction sees it."""
    pulse, counted = store.pulse.clock(), app.clock.now()
    steps = (_step_of(x) for x in reversed(store.chains.typed(SYSTEM, STEP)))
    steady = isinstance(app.clock, SteadyClock)
    shown = app.clock.machine.read().wall if isinstance(app.clock, SteadyClock) else counted
    return ClockStanding(
        steady and _in_doubt(app, store),
        None if pulse is None else pulse.held_since,
        shown,
        counted,
        tuple(steps),
    )


def standing(app: App) -> ClockStanding:
    """Return whether this installation's clock is believed."""
    with app.database.read() as store:
        return standing_in(app, store)


def _in_doubt(app: App, store: Store) -> bool:
    pulse = store.pulse.clock()
    if store.pulse.doubted() or (pulse is not None and pulse.held_since is not None):
        return True
    clock = app.clock
    return isinstance(clock, SteadyClock) and _behind(pulse, clock.machine.read())


def _step_of(entry: Entry) -> Step:
    said = entry.plain
    return Step(
        entry.recorded_at,
        datetime.fromisoformat(said["shown"]),
        timedelta(seconds=said["seconds"]),
        said["doubted"],
        said["held"],
    )


def _enter(app: App, store: Store, happened: Step) -> None:
    """Enter a step in plain words, and write to the administrators."""
    act = by(app, STEP)
    plain = {
        "seconds": happened.seconds,
        "shown": happened.shown.isoformat(),
        "doubted": happened.doubted,
        "held": happened.held,
    }
    store.enter(act.line(SYSTEM, STEP, plain, {"said": happened.text.de}))
    log.error("%s", happened.text.de)
    tell_administrators(app, store, LETTER, _SUBJECT, happened.text)


_SUBJECT = Text("Die Uhr des Servers wurde verstellt", "The clock of the server was set")


def tell_administrators(app: App, store: Store, letter: str, subject: Text, sentence: Text) -> int:
    """Put a letter of one line to every active administrator; return to how many."""
    told = 0
    for account, _ in store.accounts.all():
        if not account.administrator or account.state != "active":
            continue
        x = account.language
        line = {"link": None, "subject": subject.in_(x), "sentence": sentence.in_(x)}
        made = personal(app, app.clock.now(), account, letter, items=[line])
        if made is not None:
            store.outbox.put(made)
            told += 1
    return told

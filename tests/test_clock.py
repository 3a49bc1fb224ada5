"""The server's clock is set, stands, sleeps or leaps; nothing is lost and nothing comes too early."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from engine.app import App
from engine.clock import SteadyClock, SystemClock
from engine.config_mail import SignOfLife
from engine.core.case import Notice
from engine.core.offices import Person
from engine.core.steady import Reading
from engine.core.wishes import Wishes
from engine.delivery import deliver
from engine.delivery.personal import addressed
from engine.delivery.send import send
from engine.errors import Refused
from engine.services.accounts import accept, invite
from engine.services.ticks import tick
from engine.services.timekeeping import STEP, TRUSTED, confirm_as, mind_clock, standing
from engine.store.accounts import Brake
from engine.store.chains import SYSTEM
from engine.store.mailed import mailed_by, set_mailed
from engine.store.outbox import GIVE_UP, LEASE, NewMessage
from engine.store.pulse import ClockState, Pulse
from engine.store.wishes import set_wishes
from engine.worker import one_round
from notifications.channel import Channel, Kind, NotDelivered, OnData, Phase, Reply, Session
from notifications.message import Frozen
from tests.copies import Original
from tests.installation import MONDAY, House, TurnedClock, house
from tests.torture.servers import Postgres

MINUTE, HOUR, DAY, YEAR = (timedelta(minutes=m) for m in (1, 60, 24 * 60, 365 * 24 * 60))
INTERVAL = timedelta(seconds=15)
NOON = datetime(2026, 3, 23, 11, tzinfo=UTC)
FAR, ROUGH = 20 * DAY, 6 * HOUR
"""After this the period of the measure is over; how far rounds lie apart meanwhile."""

STATEMENT: dict[str, Any] = {
    "participation": "integration",
    "fields": {
        "ergebnis": "bedenken",
        "wortlaut": "Der Zugang fehlt.",
        "punkte": [{"number": 1, "text": "Zugang"}],
    },
}


@dataclass
class FakeMachine:
    """A machine whose clock can be set and which can be put to sleep; the edge of the world."""

    wall: datetime = NOON
    uptime: timedelta = 5 * DAY
    boot: str = "first"
    ntp: bool | None = None

    def read(self) -> Reading:
        """Return what it shows."""
        return Reading(self.wall, self.uptime, self.boot)

    def synchronised(self) -> bool | None:
        """Return what its time service says."""
        return self.ntp

    def run(self, time: timedelta) -> None:
        """Let time go by, awake or asleep."""
        self.wall += time
        self.uptime += time

    def set(self, by: timedelta) -> None:
        """Set the clock; a time service has to look again before it vouches."""
        self.wall += by

    def restart(self, *, off: timedelta = HOUR, lost: timedelta = timedelta()) -> None:
        """Switch it off and on; its clock may have lost time meanwhile."""
        self.wall += off - lost
        self.uptime = timedelta(seconds=30)
        self.boot += "+"


@dataclass
class Hall:
    """A town hall at work on such a machine, with a period that runs."""

    house: House
    machine: FakeMachine
    number: str

    @property
    def app(self) -> App:
        return self.house.app

    def rounds(self, time: timedelta, every: timedelta = INTERVAL) -> None:
        """Let time go by, with a round at each interval, and send what is then owed."""
        end = self.machine.uptime + time
        while self.machine.uptime < end:
            self.machine.run(every)
            mind_clock(self.app)
            tick(self.app)
        deliver(self.app)

    def again(self) -> None:
        """Begin with a fresh process, which remembers nothing."""
        database, config = self.app.database, self.app.config
        self.house.app = App(config, database, SteadyClock(self.machine))

    def typed(self, type_: str) -> list[dict[str, object]]:
        with self.app.database.read() as store:
            return [dict(x.plain) for x in store.chains.typed(SYSTEM, type_)]

    def told(self) -> int:
        """Return how often the administrator was told of the clock."""
        with self.app.database.read() as store:
            return sum("Uhr" in m.subject for m in store.outbox.messages(limit=500))

    def notices(self, *, of_the_clock: bool) -> int:
        """Return how many letters have left, of the clock or of people."""
        with self.app.database.read() as store:
            gone = store.outbox.notices("composed", limit=500)
        return sum(n.key.startswith("clock:") == of_the_clock for n in gone)

    def by_the_clock(self) -> list[tuple[str, datetime]]:
        """Return what the clock did in the case, and when."""
        with self.app.database.read() as store:
            lines = store.chains.lines(f"case/{self.house_uid}")
        mine = (x.entry for x in lines if x.entry.actor == "clock")
        return [(x.key.split(":", 2)[2], x.recorded_at) for x in mine]

    @property
    def house_uid(self) -> str:
        with self.app.database.read() as store:
            return store.cases.get(self.number).uid


def _administrator(app: App) -> None:
    token = invite(app, "", "amtmann", True, name="Anna Amtmann", email="amtmann@example.org")
    accept(app, token, "ein langes Kennwort für Tests")


def _prepared(folder: Path, server: Postgres | None) -> tuple[Original, str]:
    """Return a town hall with a period that runs, and the number of its case, to be copied."""
    made = house(folder, None if server is None else server.fresh(), training=False)
    _administrator(made.app)
    number = made.register().number
    made.take(number, "informieren", "weber", participation="integration")
    return Original(made, server), number


@contextmanager
def hall_in(folder: Path, original: Original, number: str) -> Iterator[Hall]:
    """Yield a copy of that town hall, at work since Monday noon."""
    machine = FakeMachine()
    app = original.copied(folder, SteadyClock(machine))
    found = Hall(House(app, TurnedClock(NOON), folder, folder / "Vorlage.txt"), machine, number)
    one_round(app)
    yield found
    original.drop(found.app)


Prepared = Callable[[str], tuple[Original, str]]


@pytest.fixture(scope="module")
def prepared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Return what makes the town hall on a store, once for this file."""

    @cache
    def on(kind: str) -> tuple[Original, str]:
        server = Postgres(request.getfixturevalue("postgres")) if kind == "postgres" else None
        return _prepared(tmp_path_factory.mktemp(kind) / "haus", server)

    return on


@pytest.fixture(params=["sqlite", "postgres"])
def hall(request: pytest.FixtureRequest, prepared: Prepared, tmp_path: Path) -> Iterator[Hall]:
    with hall_in(tmp_path / "haus", *prepared(request.param)) as found:
        yield found


@pytest.fixture(scope="module")
def undisturbed(
    prepared: Prepared, tmp_path_factory: pytest.TempPathFactory
) -> list[tuple[str, datetime]]:
    """Return what the clock does in a case while nobody sets it, on SQLite as on PostgreSQL."""
    with hall_in(tmp_path_factory.mktemp("ungestoert") / "haus", *prepared("sqlite")) as found:
        found.rounds(FAR, every=ROUGH)
        done = found.by_the_clock()
    assert len(done) >= 3
    return done


# A leap is not believed


LEAPS = {
    "an hour ahead": HOUR,
    "an hour back": -HOUR,
    "a year ahead": YEAR,
    "a year back": -YEAR,
}


@pytest.mark.parametrize("leap", LEAPS.values(), ids=LEAPS)
@pytest.mark.parametrize("restarted", [False, True], ids=["same process", "new process"])
def test_a_leap_neither_hastens_nor_misses_what_the_clock_has_to_do(
    hall: Hall, undisturbed: list[tuple[str, datetime]], leap: timedelta, restarted: bool
) -> None:
    """Beyond ten minutes nobody believes it, and time goes on as the machine has run."""
    hall.rounds(ROUGH, every=ROUGH)
    hall.machine.set(leap)
    if restarted:
        hall.again()
    hall.rounds(FAR - ROUGH, every=ROUGH)
    assert hall.by_the_clock() == undisturbed


@pytest.mark.parametrize("leap", LEAPS.values(), ids=LEAPS)
def test_a_leap_is_entered_once_and_told_to_the_administrators(hall: Hall, leap: timedelta) -> None:
    hall.machine.set(leap)
    hall.rounds(10 * INTERVAL)
    [said] = hall.typed(STEP)
    assert said["seconds"] == leap.total_seconds()
    assert said["doubted"]
    assert said["held"] == (leap > timedelta())
    assert hall.told() == 1
    assert standing(hall.app).doubted


def test_after_a_leap_ahead_the_letters_of_the_clock_wait_for_a_person(hall: Hall) -> None:
    hall.machine.set(HOUR)
    hall.rounds(14 * DAY, every=ROUGH)
    assert hall.by_the_clock(), "the clock has gone on"
    assert hall.notices(of_the_clock=True) == 0
    before = hall.notices(of_the_clock=False)
    hall.house.take(hall.number, "stellungnahme", "yilmaz", **STATEMENT)
    hall.rounds(INTERVAL)
    assert hall.notices(of_the_clock=False) > before, "what people do is told all the same"
    confirm_as(hall.app, "amtmann")
    hall.rounds(INTERVAL)
    assert hall.notices(of_the_clock=True) > 0
    [said] = hall.typed(TRUSTED)
    assert said["word"] == "person"
    assert not standing(hall.app).doubted


def test_no_letter_goes_out_too_early_after_a_leap_of_a_year(hall: Hall) -> None:
    hall.machine.set(YEAR)
    hall.rounds(2 * HOUR, every=5 * MINUTE)
    assert hall.by_the_clock() == []
    assert hall.notices(of_the_clock=True) == 0


def test_an_act_after_a_leap_of_a_year_is_still_in_time(hall: Hall) -> None:
    """Not only rounds go by the clock: so does whoever files a statement meanwhile."""
    hall.rounds(HOUR, every=HOUR)
    hall.machine.set(YEAR)
    hall.again()
    with hall.app.database.read() as store:
        today = hall.app.world(store).today
    assert today == MONDAY


def test_a_clock_that_is_put_right_needs_nobodys_word(hall: Hall) -> None:
    hall.machine.set(HOUR)
    hall.rounds(HOUR, every=5 * MINUTE)
    hall.machine.set(-HOUR)
    hall.rounds(INTERVAL)
    found = standing(hall.app)
    assert (found.doubted, found.held_since) == (False, None)
    assert [x["word"] for x in hall.typed(TRUSTED)] == ["right_again"]
    assert hall.app.clock.now() == hall.machine.wall


def test_a_time_service_ends_the_doubt(hall: Hall) -> None:
    hall.machine.set(HOUR)
    hall.rounds(5 * MINUTE)
    assert standing(hall.app).held_since is not None
    hall.machine.ntp = True
    hall.rounds(INTERVAL)
    found = standing(hall.app)
    assert (found.doubted, found.held_since) == (False, None)
    assert [x["word"] for x in hall.typed(TRUSTED)] == ["time_service"]
    assert hall.app.clock.now() == hall.machine.wall


def test_a_clock_that_a_time_service_has_set_is_believed_at_once(hall: Hall) -> None:
    """As when a virtual machine wakes up: its own uptime stood still with its clock."""
    hall.machine.ntp = True
    hall.machine.set(3 * HOUR)
    hall.rounds(INTERVAL)
    [said] = hall.typed(STEP)
    assert (said["doubted"], said["held"]) == (False, False)
    assert hall.app.clock.now() == hall.machine.wall
    assert hall.typed("clock_gap") == [], "what a clock skips is no outage"


@pytest.mark.parametrize("leap", [2 * MINUTE, 9 * MINUTE, -2 * MINUTE, -4 * MINUTE])
def test_a_small_step_is_entered_and_believed(hall: Hall, leap: timedelta) -> None:
    before = hall.app.clock.now()
    hall.machine.set(leap)
    hall.rounds(INTERVAL)
    [said] = hall.typed(STEP)
    assert not said["doubted"]
    assert hall.app.clock.now() == max(hall.machine.wall, before), "but time never runs back"
    hall.rounds(5 * MINUTE)
    assert hall.app.clock.now() == hall.machine.wall
    assert not standing(hall.app).doubted


def test_what_a_time_service_corrects_every_day_is_no_step(hall: Hall) -> None:
    for _ in range(3):
        hall.machine.set(timedelta(seconds=-50))
        hall.rounds(INTERVAL)
    assert hall.typed(STEP) == []


@pytest.mark.parametrize("asleep", [HOUR, 3 * DAY])
def test_a_machine_that_slept_has_not_jumped(hall: Hall, asleep: timedelta) -> None:
    hall.machine.run(asleep)
    hall.rounds(INTERVAL)
    assert hall.typed(STEP) == []
    assert len(hall.typed("clock_gap")) == 1
    assert hall.app.clock.now() == hall.machine.wall


# Starts


def test_a_pause_is_no_jump(hall: Hall) -> None:
    hall.machine.restart(off=2 * DAY)
    hall.again()
    hall.rounds(INTERVAL)
    assert hall.typed(STEP) == []
    assert len(hall.typed("clock_gap")) == 1
    assert hall.app.clock.now() == hall.machine.wall


def test_a_machine_that_starts_in_the_past_goes_on_from_the_latest_instant_known(
    hall: Hall,
) -> None:
    """As after an empty battery: it begins in 1970, and nobody notices but we."""
    before = hall.app.clock.now()
    hall.machine.restart(lost=20_000 * DAY)
    hall.again()
    hall.rounds(INTERVAL)
    [said] = hall.typed(STEP)
    assert (said["doubted"], said["held"]) == (True, False)
    assert before <= hall.app.clock.now() < before + MINUTE
    hall.rounds(HOUR, every=5 * MINUTE)
    assert hall.app.clock.now() > before + HOUR - MINUTE, "time does not stand still"


def test_with_a_persons_word_also_the_latest_instant_falls_back(hall: Hall) -> None:
    """Somebody ran the hall a year ahead for a day, and confirmed it by mistake."""
    hall.machine.set(YEAR)
    hall.rounds(INTERVAL)
    confirm_as(hall.app, "amtmann")
    hall.rounds(INTERVAL)
    hall.machine.set(-YEAR)
    hall.rounds(INTERVAL)
    assert hall.app.clock.now() > hall.machine.wall + 300 * DAY
    confirm_as(hall.app, "weber")
    hall.rounds(INTERVAL)
    assert hall.app.clock.now() == hall.machine.wall
    assert not standing(hall.app).doubted


# What a wrong clock wrote


@dataclass
class Server:
    """A mail server that fails as it is told to; the edge of the world."""

    fails: Kind | None = None
    name: str = "Testserver"
    taken: list[str] = field(default_factory=list)

    async def open(self) -> None:
        """Refuse everything if it is out."""
        if self.fails is Kind.RELAY_DOWN:
            raise NotDelivered(self.fails, None, "no route to host", Phase.CONNECT)

    async def deliver(self, frozen: Frozen, on_data: OnData) -> Reply:
        """Take a message, or put it off."""
        if self.fails is not None:
            raise NotDelivered(self.fails, 451, "greylisted", Phase.RCPT)
        on_data()
        self.taken.append(frozen.recipient)
        return Reply(250, "ok")

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """Yield itself."""
        yield self


ADA = Person("", "Ada", "ada@musterheide.example")


@dataclass
class Astray:
    """A hall whose machine begins a year ahead, and its mail server."""

    hall: Hall
    server: Server

    @property
    def app(self) -> App:
        return self.hall.app

    def write(self) -> NewMessage:
        """Finish a mail to somebody."""
        made = addressed(self.app, self.app.clock.now(), ADA, "testnachricht")
        assert made is not None
        with self.app.database.write() as store:
            store.outbox.put(made)
        return made

    def put_right(self) -> None:
        """Set the clock right, and have a person confirm it."""
        self.hall.machine.set(-YEAR)
        mind_clock(self.app)
        confirm_as(self.app, "amtmann")
        assert self.app.clock.now() == self.hall.machine.wall


@pytest.fixture
def astray(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> Astray:
    """As after a new battery: nobody can tell such a start from a long pause."""
    made = Astray(hall, Server())
    hall.machine.restart()
    hall.machine.set(YEAR)
    hall.again()
    channels: list[Channel] = [made.server]
    monkeypatch.setattr(App, "channels", lambda _: channels)
    mind_clock(hall.app)
    tick(hall.app)
    assert hall.app.clock.now() > NOON + 300 * DAY, "it is believed"
    return made


@pytest.mark.parametrize("fails", [Kind.RELAY_DOWN, Kind.RETRY])
def test_mail_that_failed_under_a_wrong_clock_leaves_once_the_clock_is_put_right(
    astray: Astray, fails: Kind
) -> None:
    astray.write()
    astray.server.fails = fails
    send(astray.app)
    astray.put_right()
    astray.server.fails = None
    send(astray.app)
    assert ADA.email in astray.server.taken


def test_a_server_that_is_out_is_told_of_although_it_went_out_under_a_wrong_clock(
    astray: Astray,
) -> None:
    astray.write()
    astray.server.fails = Kind.RELAY_DOWN
    send(astray.app)
    astray.put_right()
    for _ in range(4):
        astray.hall.machine.run(5 * MINUTE)
        send(astray.app)
    assert len(astray.hall.typed("relay_blocked")) == 1


def test_the_pace_of_mails_begins_anew_with_the_clock_put_right(astray: Astray) -> None:
    _mail(astray.app, per_minute=60)
    astray.write()
    send(astray.app)
    astray.put_right()
    astray.write()
    astray.hall.machine.run(MINUTE)
    send(astray.app)
    assert astray.server.taken.count(ADA.email) == 2


def test_a_mail_of_a_wrong_clock_is_given_up_after_the_days_that_every_mail_has(
    astray: Astray,
) -> None:
    astray.write()
    astray.server.fails = Kind.RETRY
    assert send(astray.app).retry == 1
    astray.put_right()
    astray.hall.machine.run(GIVE_UP - HOUR)
    assert send(astray.app).dead == 0
    astray.hall.machine.run(2 * HOUR)
    send(astray.app)
    with astray.app.database.read() as store:
        assert ADA.email in [m.address for m in store.outbox.messages("dead")]


def test_who_is_just_sending_keeps_the_mail_as_long_as_anybody_may(astray: Astray) -> None:
    """Taken away at once it might go out twice; kept for a year it might never go out."""
    astray.write()
    with astray.app.database.write() as store:
        now = astray.app.clock.now()
        [claimed] = store.outbox.claim(now, "another host", now + LEASE)
    astray.put_right()
    now = astray.app.clock.now()
    with astray.app.database.write() as store:
        assert store.outbox.expire(now + LEASE) == (0, 0)
        assert store.outbox.expire(now + LEASE + MINUTE) == (1, 0)
        assert not store.outbox.mark_data(claimed.id, claimed.attempt, now, now + LEASE)


def test_a_letter_owed_under_a_wrong_clock_is_written_once_it_is_put_right(astray: Astray) -> None:
    with astray.app.database.write() as store:
        now = astray.app.clock.now()
        store.outbox.owe(Notice("eilt", "fb-soziales", "mailserver", "", now, {"items": []}))
    astray.put_right()
    with astray.app.database.read() as store:
        assert "eilt" in [o.key for o in store.outbox.due(astray.app.clock.now())]


def test_a_wish_for_the_next_overview_holds_after_a_clock_was_put_right(astray: Astray) -> None:
    """Asked anew it names the same hour: what was put off comes neither too early nor in a year."""
    app, hall = astray.app, astray.hall
    astray.put_right()
    with app.database.write() as store:
        weber = hall.house.person("weber")
        set_wishes(store.connection, weber, Wishes(digest=8))
    hall.house.take(hall.number, "stellungnahme", "yilmaz", **STATEMENT)
    deliver(app)
    [put_off] = _waiting(app)
    hall.machine.restart(lost=3 * HOUR)
    hall.again()
    mind_clock(hall.app)
    confirm_as(hall.app, "amtmann")
    deliver(hall.app)
    assert _waiting(hall.app) == [put_off]


def test_signs_of_life_and_checkpoints_are_mailed_on_the_day_that_is_confirmed(
    astray: Astray,
) -> None:
    _mail(astray.app, sign_of_life=SignOfLife(to=ADA.email))
    one_round(astray.app)
    with astray.app.database.write() as store:
        set_mailed(store.connection, 7, astray.app.world(store).today)
    before = astray.server.taken.count(ADA.email)
    astray.put_right()
    with astray.app.database.read() as store:
        assert not mailed_by(store.connection, astray.app.world(store).today)
    one_round(astray.app)
    one_round(astray.app)
    assert astray.server.taken.count(ADA.email) == before + 1


def test_nobody_is_kept_from_logging_in_until_a_day_that_a_wrong_clock_named(
    astray: Astray,
) -> None:
    at = astray.app.clock.now()
    guessed = Brake(9, at, at, at + HOUR)
    earlier = replace(guessed, last_at=at - YEAR - HOUR, until=at)
    with astray.app.database.write() as store:
        store.accounts.set_brake("ahead", guessed)
        store.accounts.set_brake("before", earlier)
    astray.put_right()
    with astray.app.database.read() as store:
        assert store.accounts.brake("ahead") is None
        assert store.accounts.brake("before") == earlier


# A word while others are at work


@pytest.fixture
def other(astray: Astray) -> App:
    """Another process on the machine, as the command line of whoever confirms the clock."""
    app = App(astray.app.config, astray.app.database, SteadyClock(astray.hall.machine))
    app._parts, app._position = astray.app._parts, astray.app._position
    return app


def _latest(app: App) -> datetime:
    with app.database.read() as store:
        pulse = store.pulse.clock()
    assert pulse is not None
    return pulse.high_water


def test_a_worker_in_mid_round_does_not_undo_a_persons_word(astray: Astray, other: App) -> None:
    astray.hall.machine.set(-YEAR)
    mind_clock(astray.app)
    confirm_as(other, "amtmann")
    tick(astray.app)
    assert _latest(other) == astray.hall.machine.wall
    assert not standing(other).doubted


def test_a_word_given_between_two_steps_of_a_tick_has_the_last_say(
    astray: Astray, other: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever confirms waits for the tick that has looked at the clock, or goes before it."""
    astray.hall.machine.set(-YEAR)
    mind_clock(astray.app)
    word, plain = Thread(target=confirm_as, args=(other, "amtmann")), Pulse.tick

    def slow(pulse: Pulse, now: datetime) -> ClockState:
        if word.ident is None:
            word.start()
            word.join(timeout=1)
        return plain(pulse, now)

    monkeypatch.setattr(Pulse, "tick", slow)
    tick(astray.app)
    word.join()
    assert _latest(other) == astray.hall.machine.wall
    assert not standing(other).doubted


@pytest.mark.parametrize("fails", [Kind.RELAY_DOWN, Kind.RETRY])
def test_mail_of_a_round_that_began_before_the_word_waits_no_longer_than_other_mail(
    astray: Astray, other: App, fails: Kind
) -> None:
    """The round goes on with composing and sending, and the server gives no way just then."""
    astray.write()
    astray.hall.machine.set(-YEAR)
    mind_clock(astray.app)
    confirm_as(other, "amtmann")
    astray.server.fails = fails
    deliver(astray.app)
    astray.server.fails = None
    astray.hall.machine.run(HOUR)
    deliver(other)
    assert ADA.email in astray.server.taken


def _mail(app: App, **changed: object) -> None:
    settings = app.config.settings
    app.config.settings = settings.model_copy(
        update={"mail": settings.mail.model_copy(update=changed)}
    )


def _waiting(app: App) -> list[tuple[str, datetime]]:
    """Return the open letters that wait for an instant to come, and for which."""
    with app.database.read() as store:
        found = store.outbox.notices("open", limit=500)
    return [(o.key, o.not_before) for o in found if o.not_before > app.clock.now()]


def test_there_is_nothing_to_confirm_of_a_clock_that_is_believed(hall: Hall) -> None:
    with pytest.raises(Refused, match="not doubted"):
        confirm_as(hall.app, "amtmann")


def test_this_machine_tells_its_uptime_and_which_start_it_is() -> None:
    machine = SystemClock()
    one, two = machine.read(), machine.read()
    assert one.boot == two.boot != ""
    assert timedelta() < one.uptime <= two.uptime
    assert machine.synchronised() in (True, False, None)

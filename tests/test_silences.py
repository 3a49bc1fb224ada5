"""Early reminders that an office keeps quiet: who, why and until when; no right suffers by it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from engine.app import App
from engine.cli.app import build
from engine.core.case import Stage
from engine.core.escalation import Ladder
from engine.core.silence import LONGEST, can_be_quiet
from engine.core.workflow import Tell
from engine.core.world import World
from engine.delivery.compose import compose
from engine.errors import EngineError, InputError, NotFound, Refused
from engine.services.evidence.examining import examine
from engine.services.reading import file_of
from engine.services.silences import end_silence, silence, silences_of
from engine.services.ticks import tick
from engine.store.silences import SILENCES
from engine.store.store import Store
from tests.installation import MONDAY, House, house, local_today
from tests.musterheide import library

BUSY = "Der Beirat berät am Donnerstag."


@pytest.fixture
def county(tmp_path: Path) -> Iterator[House]:
    made = house(tmp_path / "haus", training=False)
    yield made
    made.app.close()


@pytest.fixture
def number(county: House) -> str:
    """A case in which the commissioner has been informed and her own period runs."""
    number = county.register().number
    county.take(number, "informieren", "weber", participation="integration")
    county.take(number, "eingang", "yilmaz", participation="integration")
    compose(county.app)
    return number


def own_period(county: House, number: str) -> date:
    case = file_of(county.app, number).case
    [held] = [d for d in case.deadlines if d.open and d.owner == "integration" and d.ladder]
    return held.last_day


def reminders(county: House, number: str, until: date) -> list[tuple[str, str | None]]:
    """Let the days go by; return of each reminder to her what became of it, and why."""
    day = MONDAY
    while day <= until:
        county.clock.turn(day)
        tick(county.app)
        compose(county.app)
        day += timedelta(days=1)
    with county.app.database.read() as store:
        told = store.outbox.told(["integration"], limit=100)
    rungs = [o for o in told if "rung" in o.facts and o.number == number]
    mine = [o for o in rungs if o.facts["to"] == "owner"]
    return [(o.state, o.reason) for o in sorted(mine, key=lambda o: o.id)]


def test_without_a_silence_both_reminders_go_out(county: House, number: str) -> None:
    assert reminders(county, number, own_period(county, number)) == [("composed", None)] * 2


def test_an_early_reminder_is_left_out_with_its_reason_and_the_last_one_goes_out(
    county: House, number: str
) -> None:
    last = own_period(county, number)
    silence(county.app, number, "integration", last, BUSY, county.person("yilmaz"))
    first, second = reminders(county, number, last)
    assert first[0] == "dropped"
    assert first[1] is not None and "stumm geschaltet bis" in first[1]
    assert second == ("composed", None)


@pytest.fixture
def climbing(monkeypatch: pytest.MonkeyPatch) -> Ladder:
    """The ladder of a house whose second rung before the last day tells the superior alone."""
    usual, plain = library().ladders["eigene_frist"], App.world
    first, second = usual.rungs
    above = replace(second, tells=(Tell("superior", "eskalation"),))
    made = replace(usual, rungs=(first, above))

    def world(app: App, store: Store) -> World:
        found = plain(app, store)
        ladders = {**found.library.ladders, made.id: made}
        return replace(found, library=replace(found.library, ladders=ladders))

    monkeypatch.setattr(App, "world", world)
    return made


@pytest.mark.usefixtures("climbing")
def test_the_only_reminder_of_an_office_goes_out_although_another_one_is_told_later(
    county: House, number: str
) -> None:
    last = own_period(county, number)
    silence(county.app, number, "integration", last, BUSY, county.person("yilmaz"))
    assert reminders(county, number, last) == [("composed", None)]


def test_a_reminder_can_be_left_out_where_a_later_one_tells_the_same_people_in_time(
    county: House, number: str, climbing: Ladder
) -> None:
    usual, before = library().ladders["eigene_frist"], file_of(county.app, number).case
    [held] = [d for d in before.deadlines if d.open and d.owner == "integration" and d.ladder]
    first = usual.rungs[0].number
    case = replace(before, rungs=tuple(r for r in before.rungs if r.number != first))
    assert can_be_quiet(case, held, usual, "owner")
    assert can_be_quiet(case, held, usual, "deputy")
    assert not can_be_quiet(case, held, usual, "superior")
    assert not can_be_quiet(case, held, climbing, "owner")
    late = tuple(replace(r, due_at=held.ends_at) for r in case.rungs)
    assert not can_be_quiet(replace(case, rungs=late), held, usual, "owner")


def test_once_it_is_over_or_ended_reminders_go_out_again(county: House, number: str) -> None:
    last, yilmaz = own_period(county, number), county.person("yilmaz")
    silence(county.app, number, "integration", MONDAY, BUSY, yilmaz)
    assert len(silences_of(county.app, number)) == 1
    county.clock.turn(MONDAY + timedelta(days=1))
    assert silences_of(county.app, number) == []
    again = silence(county.app, number, "integration", last, BUSY, yilmaz)
    end_silence(county.app, number, again.uid, yilmaz)
    assert silences_of(county.app, number) == []
    with pytest.raises(NotFound):
        end_silence(county.app, number, again.uid, yilmaz)
    assert reminders(county, number, last) == [("composed", None)] * 2


def test_nothing_is_kept_quiet_where_nobody_would_be_reminded(county: House, number: str) -> None:
    case = file_of(county.app, number).case
    assert not any(d.open and d.ladder and d.owner == "fb-soziales" for d in case.deadlines)
    with pytest.raises(Refused, match="no period runs"):
        silence(county.app, number, "fb-soziales", MONDAY, BUSY, county.person("weber"))


def test_what_climbs_to_others_and_what_follows_a_missed_day_goes_out(county: House) -> None:
    """The lead department owes the information; its superior hears of it however quiet it is."""
    number = county.register().number
    [owed] = [d for d in file_of(county.app, number).case.deadlines if d.ladder and d.open]
    day = owed.last_day - timedelta(days=10)
    county.clock.turn(day)
    silence(county.app, number, "fb-soziales", day + LONGEST, BUSY, county.person("weber"))
    while day <= owed.last_day + timedelta(days=14):
        county.clock.turn(day)
        tick(county.app)
        compose(county.app)
        day += timedelta(days=1)
    with county.app.database.read() as store:
        told = store.outbox.told(("fb-soziales", "dezernat-2"), limit=100)
    rungs = {o.facts["rung"]: o.state for o in told if "rung" in o.facts}
    assert list(rungs.values()).count("dropped") == 1
    assert rungs[min(rungs)] == "dropped"
    assert len(rungs) > 2


@pytest.mark.parametrize(
    ("office", "who", "days", "reason", "error"),
    [
        ("integration", "weber", 2, BUSY, Refused),
        ("integration", "berg", 2, BUSY, Refused),
        ("integration", "yilmaz", -1, BUSY, InputError),
        ("integration", "yilmaz", LONGEST.days + 1, BUSY, InputError),
        ("integration", "yilmaz", 2, "  ", InputError),
        ("integration", "yilmaz", 2, "x" * 501, InputError),
        ("integration", "yilmaz", 2, "Der Beirat\0berät", InputError),
        ("integration", "yilmaz", 2, "Der Beirat\x1b[31mberät", InputError),
        ("integration", "yilmaz", 2, "Der Beirat\udc80berät", InputError),
        ("nirgends", "yilmaz", 2, BUSY, NotFound),
    ],
)
def test_who_may_not_or_says_too_little_leaves_nothing(
    county: House, number: str, office: str, who: str, days: int, reason: str,
    error: type[EngineError],
) -> None:  # fmt: skip
    until = MONDAY + timedelta(days=days)
    with pytest.raises(error):
        silence(county.app, number, office, until, reason, county.person(who))
    assert silences_of(county.app, number) == []


def test_a_reason_may_have_lines_and_what_is_invisible_in_it_is_said_to_be_where_it_is(
    county: House, number: str
) -> None:
    yilmaz, words = county.person("yilmaz"), "Am Donnerstag:\r\n\tder Beirat"
    with pytest.raises(InputError, match="After 'Am Donnerstag' there is an invisible"):
        silence(county.app, number, "integration", MONDAY, "Am Donnerstag\x0bberät er", yilmaz)
    assert silence(county.app, number, "integration", MONDAY, words, yilmaz).reason == words


def test_two_at_once_are_refused(county: House, number: str) -> None:
    silence(county.app, number, "integration", MONDAY, BUSY, county.person("yilmaz"))
    with pytest.raises(Refused, match="quiet here already"):
        silence(county.app, number, "integration", MONDAY, BUSY, county.person("yilmaz"))


def test_author_reason_and_end_are_on_record_and_the_reason_can_be_erased(
    county: House, number: str
) -> None:
    yilmaz = county.person("yilmaz")
    made = silence(county.app, number, "integration", MONDAY, BUSY, yilmaz)
    end_silence(county.app, number, made.uid, yilmaz)
    uid = file_of(county.app, number).case.uid
    with county.app.database.read() as store:
        lines = [x.entry for x in store.chains.lines(SILENCES)]
    assert [(x.type, x.actor, x.office) for x in lines] == [
        ("silenced", yilmaz, "integration"),
        ("silence_ended", yilmaz, "integration"),
    ]
    assert lines[0].plain["until"] == MONDAY.isoformat()
    assert lines[0].private == {"reason": BUSY}
    assert BUSY not in str([x.plain for x in lines])
    assert examine(county.app).faults == ()
    with county.app.database.write() as store:
        store.erasing.texts(uid)
        assert [s.reason for s in store.silences.of(uid)] == [""]
        assert [x.entry.private for x in store.chains.lines(SILENCES)] == [{}, {}]


def test_the_command_line_sets_lists_and_ends(county: House) -> None:
    """It goes by the clock of this machine, and so does the case."""
    county.clock.turn(local_today())
    sitting = Stage("Kreistag", local_today() + timedelta(days=90), "entscheidung")
    number = county.register(stages=(sitting,)).number
    county.take(number, "informieren", "weber", participation="integration")
    county.take(number, "eingang", "yilmaz", participation="integration")

    def run(*words: str) -> str:
        done = CliRunner().invoke(build(), [*words, "--data", str(county.folder)])
        assert done.exit_code == 0, done.output
        return done.output

    set_ = ("silence", "set", number, "--office", "integration", "--reason", BUSY)
    done = run(*set_, "--until", local_today().isoformat(), "--as", "yilmaz")
    assert "sind stumm bis" in done
    [shown] = json.loads(run("silence", "list", number, "--json"))
    assert (shown["office"], shown["reason"]) == ("integration", BUSY)
    assert BUSY in run("silence", "list", number)
    assert "wieder erinnert" in run("silence", "end", number, shown["silence"], "--as", "yilmaz")
    assert "Nichts ist stumm" in run("silence", "list", number)

"""Sittings: taken from three kinds of file, and what a moved or cancelled one does to its cases."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.case import DeadlineStatus, Stage
from engine.core.foresight import foreseen, given_for, session_change
from engine.core.replay import Differs
from engine.errors import InputError, NotFound, Refused
from engine.services import sessions
from engine.services.ical import IcalError, read_events
from engine.services.reading import file_of, house_of
from engine.services.session_files import read_sittings
from engine.services.sessions import Change, ChangeKind
from engine.services.tables import TableError
from engine.services.verify import replayed
from tests.installation import MONDAY, House, house
from tests.musterheide import INTEGRATION, act, after, informed, world

COMMITTEE, COUNCIL = date(2026, 5, 12), date(2026, 6, 11)

CSV = "gremium;tag;kennung\nSozialausschuss;12.05.2026;so-1\nKreistag;2026-06-11;kt-1\n"

SCHEMA = "https://schema.oparl.org/1.1"
OPARL: list[dict[str, Any]] = [
    {"id": "https://r.example/o/1", "type": f"{SCHEMA}/Organization", "name": "Sozialausschuss"},
    {"id": "https://r.example/o/2", "type": f"{SCHEMA}/Organization", "name": "Kreistag"},
    {
        "id": "https://r.example/m/1",
        "type": f"{SCHEMA}/Meeting",
        "start": "2026-05-12T17:00:00+02:00",
        "organization": ["https://r.example/o/1"],
    },
    {
        "id": "https://r.example/m/2",
        "type": f"{SCHEMA}/Meeting",
        # Shortly after midnight UTC it is still the evening before in nobody's Kreistag.
        "start": "2026-06-10T22:30:00+00:00",
        "organization": ["https://r.example/o/2"],
    },
]


def ics(*events: str, head: str = "") -> str:
    """Return an iCalendar file with these events, each the lines of its properties."""
    rows = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Musterheide//DE", *head.split()]
    for event in events:
        rows += ["BEGIN:VEVENT", *event.strip().splitlines(), "END:VEVENT"]
    return "\r\n".join([*rows, "END:VCALENDAR", ""])


SOCIAL = "UID:so@musterheide.example\nSUMMARY:Sozialausschuss\nDTSTART;TZID=Europe/Berlin:20260512T170000"
KREISTAG = "UID:kt@musterheide.example\nSUMMARY:Kreistag\nDTSTART:20260610T223000Z"


@pytest.fixture
def county(tmp_path: Path) -> Iterator[House]:
    made = house(tmp_path / "haus")
    yield made
    made.app.close()


def put(county: House, name: str, text: str) -> str:
    path = county.folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def took(county: House, source: str, **more: Any) -> sessions.Compared:
    """Take the new sittings of a file; return what was found in it."""
    world_ = house_of(county.app)
    compared = sessions.compared(world_, read_sittings(source, world_, **more).sessions)
    sessions.save_new(county.app, compared.new)
    return compared


def with_calendar(county: House, *rows: tuple[str, date]) -> None:
    lines = "".join(f"{body};{day}\n" for body, day in rows)
    took(county, put(county, "kalender.csv", "gremium;tag\n" + lines))


def named(county: House, words: str) -> Any:
    return sessions.sitting_named(house_of(county.app), words)


def moved(county: House, words: str, day: date) -> Change:
    return sessions.moving(house_of(county.app), named(county, words), day)


def cancelled(county: House, words: str, to: str | None = None) -> Change:
    return sessions.cancelling(house_of(county.app), named(county, words), to)


def days(county: House, number: str) -> dict[str, date | None]:
    return {s.body: s.day for s in file_of(county.app, number).case.measure.stages}


def information(county: House, number: str) -> date | None:
    held = file_of(county.app, number).case.deadline(INTEGRATION, "information")
    return held.last_day if held is not None and held.open else None


# Files


def oparl_folder(county: House) -> str:
    folder = county.folder / "oparl"
    folder.mkdir()
    (folder / "alles.json").write_text(json.dumps(OPARL), encoding="utf-8")
    return str(folder)


@pytest.mark.parametrize("kind", ["csv", "ical", "oparl"])
def test_the_same_sittings_come_from_every_kind_of_file_and_only_once(
    county: House, kind: str
) -> None:
    source = {
        "csv": lambda: put(county, "s.csv", CSV),
        "ical": lambda: put(county, "s.ics", ics(SOCIAL, KREISTAG)),
        "oparl": lambda: oparl_folder(county),
    }[kind]()
    assert len(took(county, source).new) == 2
    known = house_of(county.app).sessions.values()
    assert {(s.body, s.day) for s in known} == {
        ("Sozialausschuss", COMMITTEE),
        ("Kreistag", COUNCIL),
    }
    again = took(county, source)
    assert (again.new, again.changes, again.known, again.missing) == ((), (), 2, ())


def test_a_second_source_for_the_same_sitting_makes_no_second_sitting(county: House) -> None:
    took(county, put(county, "s.csv", CSV))
    assert took(county, put(county, "s.ics", ics(SOCIAL, KREISTAG))).new == ()
    assert len(house_of(county.app).sessions) == 2


def test_the_uid_of_a_calendar_does_not_reach_the_log(county: House) -> None:
    took(county, put(county, "s.ics", ics(SOCIAL.replace("so@", "frau.sommer@"))))
    with county.app.database.read() as store:
        said = [line.header for line in store.chains.lines("calendar")]
    assert not any(b"sommer" in header for header in said)


FAULTY = {
    "Tag": ("s.csv", "gremium;tag\nKreistag;31.02.2026\n", "Zeile 2, Spalte 2", "JJJJ-MM-TT"),
    "Spalte": ("s.csv", "gremium;datum\nKreistag;x\n", "Zeile 1, Spalte 2", "keine Spalte"),
    "ausgefallen": ("s.csv", "gremium;tag;ausgefallen\nA;2026-05-12;evtl\n", "Spalte 3", "ja und nein"),
    "zweimal": ("s.csv", "gremium;tag;kennung\nA;2026-05-12;x\nA;2026-05-13;x\n", "zweimal", "nur eine"),
    "kein iCal": ("s.ics", "gremium;tag\n", "keine lesbare iCalendar-Datei", "Exportieren"),
    "Beginn": ("s.ics", ics("UID:a\nSUMMARY:Kreistag\nDTSTART:morgen"), "Termin 1 „Kreistag“, DTSTART", "nicht lesbar"),
    "ohne Beginn": ("s.ics", ics("UID:a\nSUMMARY:Kreistag"), "Termin 1 „Kreistag“, DTSTART", "fehlt"),
    "ohne UID": ("s.ics", ics(KREISTAG, "SUMMARY:Ausschuss\nDTSTART:20260512"), "Termin 2 „Ausschuss“, UID", "fehlt"),
    "ohne Titel": ("s.ics", ics("UID:a\nDTSTART:20260512"), "Termin 1", "--body"),
    "Serie": ("s.ics", ics(f"{KREISTAG}\nRRULE:FREQ=HOURLY"), "RRULE", "Einzeltermine"),
}  # fmt: skip


@pytest.mark.parametrize("what", FAULTY)
def test_a_faulty_file_is_refused_whole_with_place_and_remedy(county: House, what: str) -> None:
    name, text, place, remedy = FAULTY[what]
    with pytest.raises(InputError) as refused:
        took(county, put(county, name, text))
    assert place in refused.value.text.de
    assert remedy in refused.value.text.de
    assert house_of(county.app).sessions == {}


def test_all_faults_of_a_calendar_are_told_at_once(county: House) -> None:
    path = put(county, "s.ics", ics("SUMMARY:A\nDTSTART:20260512", "UID:b\nDTSTART:x", KREISTAG))
    with pytest.raises(IcalError) as refused:
        read_events(Path(path), date.min, date.max)
    assert [(f.number, f.part) for f in refused.value.flaws] == [(1, "UID"), (2, "DTSTART")]
    with pytest.raises(TableError):
        took(county, put(county, "s.csv", "gremium;tag\n;x\n"))


SERIES = f"""{SOCIAL}
RRULE:FREQ=MONTHLY;BYDAY=2TU;UNTIL=20260811T150000Z
EXDATE;TZID=Europe/Berlin:20260714T170000"""
ALONE = SOCIAL.replace("20260512T170000", "20260616T170000") + (
    "\nRECURRENCE-ID;TZID=Europe/Berlin:20260609T170000"
)


def test_a_series_is_unrolled_with_its_exceptions(county: House) -> None:
    """The last Tuesday counts although UNTIL names the very hour in another zone."""
    took(county, put(county, "s.ics", ics(SERIES)))
    held = sorted(s.day for s in house_of(county.app).sessions.values())
    assert held == [date(2026, 5, 12), date(2026, 6, 9), date(2026, 8, 11)]


def test_one_sitting_of_a_series_that_is_moved_is_recognised(county: House) -> None:
    took(county, put(county, "s.ics", ics(SERIES)))
    [change] = took(county, put(county, "s.ics", ics(SERIES, ALONE))).changes
    assert (change.kind, change.before.day, change.after.day) == (  # type: ignore[union-attr]
        ChangeKind.MOVED,
        date(2026, 6, 9),
        date(2026, 6, 16),
    )


MOVES = {
    "csv": ("s.csv", CSV, CSV.replace("2026-06-11", "2026-06-18")),
    "ical": ("s.ics", ics(SOCIAL, KREISTAG), ics(SOCIAL, KREISTAG.replace("0610T", "0617T"))),
}
CANCELS = {
    "csv": ("s.csv", CSV, "gremium;tag;kennung;ausgefallen\nKreistag;2026-06-11;kt-1;ja\n"),
    "ical": ("s.ics", ics(KREISTAG), ics(KREISTAG + "\nSTATUS:CANCELLED")),
    "ical, whole": ("s.ics", ics(KREISTAG), ics(KREISTAG, head="METHOD:CANCEL")),
}


@pytest.mark.parametrize("kind", MOVES)
def test_a_file_that_moves_a_known_sitting_only_says_so(county: House, kind: str) -> None:
    name, first, second = MOVES[kind]
    took(county, put(county, name, first))
    [change] = took(county, put(county, name, second)).changes
    assert (change.kind, change.after.day) == (ChangeKind.MOVED, date(2026, 6, 18))
    assert COUNCIL in {s.day for s in house_of(county.app).sessions.values()}


@pytest.mark.parametrize("kind", CANCELS)
def test_a_file_that_cancels_a_known_sitting_only_says_so(county: House, kind: str) -> None:
    name, first, second = CANCELS[kind]
    took(county, put(county, name, first))
    [change] = took(county, put(county, name, second)).changes
    assert (change.kind, change.day) == (ChangeKind.CANCELLED, None)
    assert not any(s.cancelled for s in house_of(county.app).sessions.values())


@pytest.mark.parametrize(
    "gone", [{"cancelled": True}, {"meetingState": "abgesagt"}, {"deleted": True}]
)
def test_a_meeting_that_oparl_calls_off_is_recognised(county: House, gone: dict[str, Any]) -> None:
    folder = Path(oparl_folder(county))
    took(county, str(folder))
    bare = {"id": OPARL[3]["id"], "type": OPARL[3]["type"]}
    meeting = {**(bare if "deleted" in gone else OPARL[3]), **gone}
    (folder / "alles.json").write_text(json.dumps([*OPARL[:3], meeting]), encoding="utf-8")
    [change] = took(county, str(folder)).changes
    assert (change.kind, change.after.body, change.after.day) == (
        ChangeKind.CANCELLED,
        "Kreistag",
        COUNCIL,
    )


def test_what_a_file_no_longer_names_is_told_and_stays(county: House) -> None:
    took(county, put(county, "s.csv", CSV + "Kreistag;2026-04-16;kt-0\n"))
    compared = took(county, put(county, "s.csv", CSV))
    assert [s.uid for s in compared.missing] == ["kt-0"]
    assert "kt-0" in house_of(county.app).sessions


def test_of_oparl_what_is_illegible_is_told_and_left_out(county: House) -> None:
    folder = Path(oparl_folder(county))
    broken = {**OPARL[3], "start": "irgendwann"}
    (folder / "alles.json").write_text(json.dumps([*OPARL[:3], broken]), encoding="utf-8")
    found = read_sittings(str(folder), house_of(county.app))
    assert [s.body for s in found.sessions] == ["Sozialausschuss"]
    assert any("keinen lesbaren Beginn" in p.de for p in found.problems)


# Cases and their sittings


def test_a_measure_is_linked_to_the_sittings_that_are_known(county: House) -> None:
    took(county, put(county, "s.csv", CSV))
    case = county.register()
    assert [s.session for s in case.measure.stages] == ["so-1", "kt-1"]
    again = file_of(county.app, case.number).case
    assert again.measure.stages == case.measure.stages


def test_a_department_that_takes_another_sitting_is_linked_to_that_one(county: House) -> None:
    took(county, put(county, "s.csv", CSV + "Kreistag;2026-07-09;kt-2\n"))
    number = county.register().number
    fields = {"gremium": "Kreistag", "tag": "2026-07-09"}
    case = county.take(number, "sitzung_verlegen", "weber", fields=fields)
    assert case.measure.stages[-1] == Stage("Kreistag", date(2026, 7, 9), "entscheidung", "kt-2")
    unknown = county.take(
        number, "sitzung_verlegen", "weber", fields={**fields, "tag": "2026-07-16"}
    )
    assert unknown.measure.stages[-1].session is None


def test_showing_the_cases_of_a_sitting_changes_nothing(county: House) -> None:
    with_calendar(county, ("Sozialausschuss", COMMITTEE), ("Kreistag", COUNCIL))
    number = county.register().number
    before = file_of(county.app, number).case
    with county.app.database.read() as store:
        counts = store.chains.streams()
    [seen] = sessions.touched(
        county.app, moved(county, "Sozialausschuss=2026-05-12", date(2026, 5, 5))
    )
    assert (seen.number, seen.was, seen.to) == (number, COMMITTEE, date(2026, 5, 5))
    [part] = seen.parts
    [shift] = part.moved
    assert (shift.before, shift.after) == (date(2026, 4, 8), date(2026, 3, 31))
    assert file_of(county.app, number).case == before
    with county.app.database.read() as store:
        assert store.chains.streams() == counts


def test_a_moved_sitting_replans_each_case_by_an_act_in_its_file(county: House) -> None:
    with_calendar(county, ("Sozialausschuss", COMMITTEE))
    numbers = [county.register().number for _ in range(3)]
    change = moved(county, "Sozialausschuss=2026-05-12", date(2026, 5, 19))
    done = sessions.apply(county.app, change, "sommer")
    assert (done.replanned, done.failed) == (tuple(numbers), {})
    for number in numbers:
        line = file_of(county.app, number).lines[-1]
        assert (line.actor, line.office) == (county.person("sommer"), "sitzungsdienst")
        assert days(county, number)["Sozialausschuss"] == date(2026, 5, 19)
        assert information(county, number) == date(2026, 4, 15)
        assert file_of(county.app, number).case.measure.stages[0].session == change.after.uid
    assert house_of(county.app).sessions[change.after.uid].day == date(2026, 5, 19)
    with county.app.database.read() as store:
        said = store.chains.lines("calendar")[-1].entry
    assert (said.actor, said.plain["day"]) == (county.person("sommer"), "2026-05-19")


def test_the_list_says_what_is_no_longer_in_time(county: House) -> None:
    with_calendar(county, ("Sozialausschuss", COMMITTEE))
    county.register()
    [seen] = sessions.touched(
        county.app, moved(county, "Sozialausschuss=2026-05-12", date(2026, 4, 14))
    )
    [part] = seen.parts
    assert part.late_since == date(2026, 3, 10)
    assert part.late_since < MONDAY


def running_until(county: House, number: str) -> date:
    held = file_of(county.app, number).case.deadline(INTEGRATION, "stellungnahme")
    assert held is not None
    assert held.status is DeadlineStatus.RUNNING
    return held.last_day


def test_an_earlier_sitting_shortens_no_period_that_runs(county: House) -> None:
    with_calendar(county, ("Sozialausschuss", COMMITTEE))
    number = county.register().number
    county.take(number, "informieren", "weber", participation="integration")
    county.take(number, "eingang", "yilmaz", participation="integration")
    until = running_until(county, number)
    change = moved(county, "Sozialausschuss=2026-05-12", date(2026, 3, 31))
    [seen] = sessions.touched(county.app, change)
    [runs] = seen.parts[0].running
    assert (runs.last_day, runs.late, runs.beyond) == (until, True, True)
    sessions.apply(county.app, change, "sommer")
    assert running_until(county, number) == until


@given(st.integers(-40, 200))
@settings(max_examples=60, deadline=None)
def test_no_day_of_a_sitting_moves_a_statement_period_that_runs(shift: int) -> None:
    case = informed(MONDAY)
    step = session_change(world(MONDAY).library.workflow(case.workflow))
    day = COMMITTEE + timedelta(days=shift)
    for to in (day, None):
        given_ = given_for(step, "Sozialausschuss", COMMITTEE, to)
        seen = foreseen(case, step, given_, world(MONDAY))
        assert seen.deadline(INTEGRATION, "stellungnahme") == case.deadline(
            INTEGRATION, "stellungnahme"
        )


def test_a_cancelled_sitting_leaves_its_cases_without_a_day_and_nobody_late(county: House) -> None:
    """A day counted back from a sitting that is not held must not turn into a breach."""
    with_calendar(county, ("Kreistag", COUNCIL))
    number = county.register(stages=(Stage("Kreistag", COUNCIL, "entscheidung"),)).number
    assert information(county, number) == date(2026, 5, 7)
    sessions.apply(county.app, cancelled(county, "Kreistag=2026-06-11"), "sommer")
    case = file_of(county.app, number).case
    assert case.measure.stages == (Stage("Kreistag", None, "entscheidung"),)
    assert information(county, number) is None
    county.clock.turn(date(2026, 5, 20))
    told = county.take(number, "informieren", "weber", participation="integration")
    assert told.findings == ()
    assert house_of(county.app).sessions["musterheide/Kreistag/2026-06-11"].cancelled


def test_the_cases_of_a_cancelled_sitting_can_go_to_the_next_one(county: House) -> None:
    with_calendar(
        county, *(("Kreistag", d) for d in (COUNCIL, date(2026, 7, 9), date(2026, 4, 16)))
    )
    number = county.register().number
    change = cancelled(county, "Kreistag=2026-06-11", "next")
    assert change.to == date(2026, 7, 9)
    sessions.apply(county.app, change, "sommer")
    last = file_of(county.app, number).case.measure.stages[-1]
    assert (last.day, last.session) == (date(2026, 7, 9), "musterheide/Kreistag/2026-07-09")
    with pytest.raises(NotFound, match="no later sitting"):
        cancelled(county, "Kreistag=2026-07-09", "next")


def test_of_two_sittings_of_one_body_only_the_one_that_moves_moves(county: House) -> None:
    second = date(2026, 7, 9)
    with_calendar(county, ("Kreistag", COUNCIL), ("Kreistag", second))
    number = county.register(stages=(Stage("Kreistag", COUNCIL), Stage("Kreistag", second))).number
    sessions.apply(county.app, moved(county, "Kreistag=2026-06-11", date(2026, 6, 18)), "sommer")
    assert [s.day for s in file_of(county.app, number).case.measure.stages] == [
        date(2026, 6, 18),
        second,
    ]


def test_an_additional_sitting_is_for_cases_without_a_day_the_others_are_only_shown(
    county: House,
) -> None:
    with_calendar(county, ("Kreistag", COUNCIL))
    dayless = county.register(stages=(Stage("Kreistag", None),)).number
    dated = county.register().number
    change = sessions.supplementing(house_of(county.app), "Kreistag", date(2026, 5, 28), None)
    seen = {t.number: t for t in sessions.touched(county.app, change)}
    assert (seen[dayless].only_shown, seen[dated].only_shown) == (False, True)
    done = sessions.apply(county.app, change, "sommer")
    assert done.replanned == (dayless,)
    [stage] = file_of(county.app, dayless).case.measure.stages
    assert (stage.day, stage.session) == (date(2026, 5, 28), "musterheide/Kreistag/2026-05-28")
    assert days(county, dated)["Kreistag"] == COUNCIL


def test_a_cancelled_sitting_can_take_place_after_all(county: House) -> None:
    with_calendar(county, ("Kreistag", COUNCIL))
    number = county.register().number
    sessions.apply(county.app, cancelled(county, "Kreistag=2026-06-11"), "sommer")
    again = sessions.supplementing(house_of(county.app), "Kreistag", COUNCIL, None)
    assert again.kind is ChangeKind.HELD
    sessions.apply(county.app, again, "sommer")
    assert days(county, number)["Kreistag"] == COUNCIL
    assert len(house_of(county.app).sessions) == 1


def test_a_case_that_is_over_is_no_longer_planned(county: House) -> None:
    with_calendar(county, ("Kreistag", COUNCIL))
    number = county.register().number
    county.take(number, "zurueckziehen", "weber", fields={"grund": "nicht mehr nötig"})
    assert (
        sessions.touched(county.app, moved(county, "Kreistag=2026-06-11", date(2026, 6, 18))) == []
    )


def test_a_sitting_is_not_moved_onto_another_of_the_same_body(county: House) -> None:
    with_calendar(county, ("Kreistag", COUNCIL), ("Kreistag", date(2026, 7, 9)))
    with pytest.raises(InputError, match="cancel it"):
        moved(county, "Kreistag=2026-06-11", date(2026, 7, 9))


@pytest.mark.parametrize("person", ["weber", "yilmaz", "neumann"])
def test_only_the_council_office_changes_sittings(county: House, person: str) -> None:
    with_calendar(county, ("Kreistag", COUNCIL))
    number = county.register().number
    with pytest.raises(Refused, match="council office"):
        sessions.apply(county.app, moved(county, "Kreistag=2026-06-11", date(2026, 6, 18)), person)
    assert days(county, number)["Kreistag"] == COUNCIL


def test_an_unknown_sitting_is_answered_with_those_that_come(county: House) -> None:
    with_calendar(county, ("Kreistag", COUNCIL))
    with pytest.raises(NotFound) as missing:
        named(county, "Kreistag=2026-06-12")
    assert "11.06.2026" in missing.value.text.de


def test_the_same_command_twice_moves_each_case_once(county: House) -> None:
    with_calendar(county, ("Kreistag", COUNCIL))
    number = county.register().number
    change = moved(county, "Kreistag=2026-06-11", date(2026, 6, 18))
    sessions.apply(county.app, change, "sommer")
    length = len(file_of(county.app, number).lines)
    assert sessions.apply(county.app, change, "sommer").replanned == ()
    assert len(file_of(county.app, number).lines) == length
    # There and back and there again are three changes.
    for day in (COUNCIL, date(2026, 6, 18)):
        uid = change.after.uid
        back = sessions.moving(house_of(county.app), house_of(county.app).sessions[uid], day)
        assert sessions.apply(county.app, back, "sommer").replanned == (number,)


KILLED = """
import os, signal, sys
from datetime import date
from pathlib import Path
from engine.app import open_app
from engine.services import sessions
from engine.services.reading import house_of
from engine.store.store import Store
from tests.installation import MONDAY, TurnedClock

folder, fatal, kept = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "kept"
clock = TurnedClock(None); clock.turn(MONDAY)
app = open_app(folder, clock)
keep, calls = Store.keep, []

def keep_and_die(store, outcome):
    calls.append(1)
    if kept or len(calls) < fatal:
        keep(store, outcome)
    if len(calls) == fatal:
        os.kill(os.getpid(), signal.SIGKILL)

Store.keep = keep_and_die
world = house_of(app)
session = sessions.sitting_named(world, "Kreistag=2026-06-11")
sessions.apply(app, sessions.moving(world, session, date(2026, 6, 18)), "sommer")
"""


@pytest.mark.parametrize("kept", ["kept", "not yet"])
@pytest.mark.parametrize("fatal", [1, 3])
def test_after_a_kill_each_case_is_old_or_new_and_a_retry_does_the_rest(
    county: House, fatal: int, kept: str
) -> None:
    """Killed with -9 inside the transaction of a case, before or after its rows are written."""
    with_calendar(county, ("Kreistag", COUNCIL))
    numbers = [county.register().number for _ in range(4)]
    lengths = {n: len(file_of(county.app, n).lines) for n in numbers}
    command = [sys.executable, "-c", KILLED, str(county.folder), str(fatal), kept]
    ended = subprocess.run(command, cwd=Path(__file__).parent.parent, check=False)
    assert ended.returncode == -signal.SIGKILL
    now = [days(county, n)["Kreistag"] for n in numbers]
    assert now == [date(2026, 6, 18)] * (fatal - 1) + [COUNCIL] * (5 - fatal)
    change = moved(county, "Kreistag=2026-06-11", date(2026, 6, 18))
    assert change.before.day == COUNCIL  # type: ignore[union-attr]
    done = sessions.apply(county.app, change, "sommer")
    assert done.replanned == tuple(numbers[fatal - 1 :])
    for n in numbers:
        assert days(county, n)["Kreistag"] == date(2026, 6, 18)
        assert len(file_of(county.app, n).lines) == lengths[n] + 1
        assert not isinstance(replayed(county.app, n), Differs)
    assert house_of(county.app).sessions[change.after.uid].day == date(2026, 6, 18)


def test_what_sittings_did_to_a_case_can_be_told_again_from_its_file(county: House) -> None:
    with_calendar(county, ("Sozialausschuss", COMMITTEE), ("Kreistag", COUNCIL))
    number = county.register().number
    sessions.apply(county.app, moved(county, "Kreistag=2026-06-11", date(2026, 6, 18)), "sommer")
    sessions.apply(county.app, cancelled(county, "Sozialausschuss=2026-05-12"), "sommer")
    more = sessions.supplementing(house_of(county.app), "Sozialausschuss", date(2026, 5, 19), None)
    sessions.apply(county.app, more, "sommer")
    assert replayed(county.app, number) == file_of(county.app, number).case


def test_a_case_whose_workflow_cannot_move_it_keeps_the_sitting_where_it_is(county: House) -> None:
    from engine import shipped
    from engine.services.definitions import activate_files

    with_calendar(county, ("Kreistag", COUNCIL))
    source = (shipped.workflows() / "vorhaben.yaml").read_text()
    line = "    reschedules: {body: gremium, day: tag, was: bisher}\n"
    assert line in source
    older = source[: source.index("\nexamples:")].replace(line, "") + "\n"
    file = county.folder / "vorhaben.yaml"
    file.write_text(older.replace('version: "', 'version: "alt-', 1))
    activate_files(county.app, [file])
    number = county.register().number
    change = moved(county, "Kreistag=2026-06-11", date(2026, 6, 18))
    [seen] = sessions.touched(county.app, change)
    assert seen.trouble is not None
    done = sessions.apply(county.app, change, "sommer")
    assert list(done.failed) == [number]
    assert house_of(county.app).sessions[change.after.uid].day == COUNCIL


def ran(capsys: pytest.CaptureFixture[str], county: House, *words: str) -> tuple[int, Any]:
    from engine.cli.app import main

    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main([*words, "--data", str(county.folder), "--json"])
    out = capsys.readouterr().out
    return int(ended.value.code or 0), json.loads(out) if out.strip() else None


@time_machine.travel("2026-03-23T11:00:00Z")
def test_an_import_that_moves_a_sitting_does_so_only_when_told_by_the_council_office(
    county: House, capsys: pytest.CaptureFixture[str]
) -> None:
    took(county, put(county, "s.csv", CSV))
    number = county.register().number
    source = put(
        county, "s.csv", CSV.replace("2026-06-11", "2026-06-18") + "Kreistag;2027-01-14;kt-9\n"
    )
    code, shown = ran(capsys, county, "session", "import", source)
    assert (code, shown["new"], shown["applied"]) == (0, 1, False)
    assert [c["number"] for c in shown["changes"][0]["cases"]] == [number]
    assert days(county, number)["Kreistag"] == COUNCIL
    assert ran(capsys, county, "session", "import", source, "--apply")[0] == 2
    assert ran(capsys, county, "session", "import", source, "--apply", "--by", "weber")[0] == 3
    code, done = ran(capsys, county, "session", "import", source, "--apply", "--by", "sommer")
    assert (code, done["applied"], done["failed"]) == (0, True, {})
    assert days(county, number)["Kreistag"] == date(2026, 6, 18)


def test_cases_of_another_municipality_are_not_touched(county: House) -> None:
    change = Change(None, replace(_session("nachbar"), day=COUNCIL))
    county.register()
    assert sessions.touched(county.app, change) == []


def _session(municipality: str) -> Any:
    from engine.core.world import Session

    return Session("x", "Kreistag", COUNCIL, municipality)


def test_planned_days_follow_and_told_offices_are_those_of_the_case() -> None:
    case = after(informed(MONDAY))
    step = session_change(world(MONDAY).library.workflow(case.workflow))
    given_ = given_for(step, "Sozialausschuss", COMMITTEE, date(2026, 5, 19))
    taken = act(step.id, MONDAY, "sitzungsdienst", **given_)
    assert [s.day for s in after(case, taken).measure.stages] == [date(2026, 5, 19), COUNCIL]

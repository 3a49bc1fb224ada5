"""Changed calendars: which deadlines that run move, why, by which act, and which never do.

Holidays come from the lists of the library; local ones and closures are made up here, and
their sources say so.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import config
from engine.app import App
from engine.core.calendar import Calendar
from engine.core.case import Case, Deadline, DeadlineStatus
from engine.core.deadlines import kept, recompute
from engine.core.explanation import explain, sentence
from engine.core.foresight import recounting
from engine.core.procedure import advance
from engine.core.recounting import recounts
from engine.core.replay import Differs
from engine.core.world import World
from engine.definitions.calendars import Addition, materialise, read_calendar, with_additions
from engine.errors import InputError, NotFound, Refused
from engine.services import calendars
from engine.services.ical import IcalError
from engine.services.reading import file_of
from engine.services.setup import take_places
from engine.services.tables import TableError
from engine.services.verify import replayed
from engine.strictyaml import DefinitionError
from tests.installation import MONDAY, House, house
from tests.musterheide import COUNTY, INTEGRATION, act, registered, world

MADE_UP = "erfunden, nur für diesen Test"


def local(day: str, name: str, kind: str = "holiday") -> Addition:
    return Addition(day=date.fromisoformat(day), name=name, kind=kind, source=MADE_UP)  # type: ignore[arg-type]


def of(land: str, *days: Addition) -> Calendar:
    """Return the calendar of a Land with further days, under the id by which the county counts."""
    return read_calendar(materialise(land, 2024, 2028, days, id=COUNTY.calendar))


def by(calendar: Calendar, day: date) -> World:
    return replace(world(day), calendars={COUNTY.calendar: calendar})


def asked(calendar: Calendar, day: date) -> Case:
    """Return a case whose commissioner got everything on `day`, counted by `calendar`."""
    seen = by(calendar, day)
    case = registered(day).case
    for taken in (
        act("informieren", day, participation=INTEGRATION),
        act("eingang", day, "integration", INTEGRATION),
    ):
        case = advance(case, taken, seen).case
    return case


def again(case: Case, calendar: Calendar, day: date) -> Case:
    seen = by(calendar, day)
    step = recounting(seen.library.workflow(case.workflow))
    return advance(case, act(step.id, day, "rechtsamt"), seen).case


def period(case: Case, name: str = "stellungnahme") -> Deadline:
    found = case.deadline(INTEGRATION, name)
    assert found is not None
    return found


CHANGES = {
    # what, Land, added days, day of receipt, last day before, last day after
    "Augsburg, 8. August": (
        "BY", [local("2025-08-08", "Hohes Friedensfest")], "2025-07-28", "2025-08-11", "2025-08-12",
    ),
    "Augsburg, 8. August am Sonnabend": (
        "BY", [local("2026-08-08", "Hohes Friedensfest")], "2026-07-27", "2026-08-10", "2026-08-10",
    ),
    "Mariä Himmelfahrt in der Gemeinde": (
        "BY", [local("2025-08-15", "Mariä Himmelfahrt")], "2025-08-04", "2025-08-18", "2025-08-19",
    ),
    "Fronleichnam in einer Gemeinde in Sachsen": (
        "SN", [local("2025-06-19", "Fronleichnam")], "2025-06-05", "2025-06-20", "2025-06-23",
    ),
    "Fronleichnam in einer Gemeinde in Thüringen": (
        "TH", [local("2026-06-04", "Fronleichnam")], "2026-05-22", "2026-06-08", "2026-06-09",
    ),
    "Betriebsruhe zwischen den Jahren": (
        "BB",
        [local(f"2026-12-{d}", "Betriebsruhe", "closure") for d in (28, 29, 30, 31)],
        "2026-12-16", "2026-12-31", "2027-01-07",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_a_further_day_moves_a_period_that_runs_over_it(what: str) -> None:
    land, added, received, before, after = CHANGES[what]
    day = date.fromisoformat(received)
    case = asked(of(land), day)
    assert period(case).last_day.isoformat() == before
    changed = of(land, *added)
    assert period(again(case, changed, day)).last_day.isoformat() == after
    moved = [r.derivation.last_day.isoformat() for r in recounts(case, by(changed, day))]
    assert moved == ([] if before == after else [after])


def test_the_eighth_of_may_2025_was_a_holiday_in_berlin_alone() -> None:
    """A one-off that only one Land had: the same event ends a day later there."""
    day = date(2025, 4, 28)
    ends = {land: period(asked(of(land), day)).last_day for land in ("BE", "BB")}
    assert ends == {"BE": date(2025, 5, 14), "BB": date(2025, 5, 13)}
    without = of("BE").holidays.keys() - {date(2025, 5, 8)}
    old = Calendar("BB", 2024, 2028, {d: of("BE").holidays[d] for d in without}, digest="alt")
    case = asked(old, day)
    [moved] = recounts(case, by(of("BE"), day))
    assert (moved.deadline.last_day, moved.derivation.last_day) == (date(2025, 5, 13), ends["BE"])


def test_a_calendar_that_takes_a_day_away_shortens_no_statement_period() -> None:
    closed = of("BB", local("2026-03-30", "Umzug", "closure"))
    case = asked(closed, MONDAY)
    assert period(case).last_day == date(2026, 4, 9)
    [moved] = recounts(case, by(of("BB"), MONDAY))
    assert (moved.counted, moved.derivation.last_day) == (date(2026, 4, 8), date(2026, 4, 9))
    assert moved.shortened
    later = again(case, of("BB"), MONDAY)
    held = period(later)
    assert (held.last_day, held.generation) == (date(2026, 4, 9), 2)
    assert "nicht verkürzt" in sentence(explain(held.derivation, of("BB"))).de
    assert recounts(later, by(of("BB"), MONDAY)) == ()


def test_the_explanation_says_that_the_later_day_stands() -> None:
    longer, shorter = of("BB", local("2026-03-30", "Umzug", "closure")), of("BB")
    counted = recompute(period(asked(longer, MONDAY)).derivation, shorter)
    held = kept(counted, date(2026, 4, 9), MONDAY)
    words = sentence(explain(held, shorter))
    assert "danach wäre das Ende Mi., 08.04.2026, 24 Uhr" in words.de
    assert "nicht verkürzt, es bleibt beim bisherigen Do., 09.04.2026" in words.de
    assert "not shortened" in words.en
    # Counted once more by a calendar that leads beyond it, the day of before means nothing.
    beyond = recompute(
        held, of("BB", *(local(f"2026-03-{d}", "zu", "closure") for d in (24, 25, 26)))
    )
    assert beyond.last_day == date(2026, 4, 13)


@given(
    st.sets(st.integers(0, 30), max_size=6),
    st.sets(st.integers(0, 30), max_size=6),
    st.sampled_from(["holiday", "closure"]),
)
@settings(max_examples=80, deadline=None)
def test_whatever_the_calendar_becomes_the_office_keeps_its_day(
    before: set[int], after: set[int], kind: str
) -> None:
    def calendar(days: set[int]) -> Calendar:
        free = MONDAY + timedelta(1)
        known = of("BB").holidays
        rows = [free + timedelta(n) for n in days if free + timedelta(n) not in known]
        return of("BB", *(local(d.isoformat(), f"frei {d}", kind) for d in rows))

    old, new = calendar(before), calendar(after)
    case = asked(old, MONDAY)
    later = again(case, new, MONDAY)
    had, has = period(case), period(later)
    alone = recompute(had.derivation, new).last_day
    assert has.last_day == max(had.last_day, alone)
    assert has.owner == had.owner
    assert recounts(later, by(new, MONDAY)) == ()
    if has.generation > had.generation:
        assert recompute(has.derivation, new) == has.derivation


def test_a_planned_day_follows_the_calendar_but_never_into_the_past() -> None:
    case = registered(MONDAY).case
    assert period(case, "information").last_day == date(2026, 4, 8)
    shut = [local(f"2026-04-{d:02}", "zu", "closure") for d in (13, 14, 15)]
    later = again(case, of("BB", *shut), MONDAY)
    assert period(later, "information").last_day == date(2026, 4, 1)
    weeks = [MONDAY + timedelta(n) for n in range(1, 45)]
    free = [d for d in weeks if d not in of("BB").holidays]
    rows = [local(d.isoformat(), "zu", "closure") for d in free]
    closed = again(case, of("BB", *rows), MONDAY)
    assert period(closed, "information").last_day == MONDAY


def test_a_resting_period_is_counted_again_and_goes_on_resting() -> None:
    case = asked(of("BB"), MONDAY)
    seen = by(of("BB"), MONDAY)
    case = advance(
        case, act("rueckfrage", MONDAY, "integration", INTEGRATION, private={"frage": "?"}), seen
    ).case
    assert period(case).status is DeadlineStatus.PAUSED
    changed = of("BB", local("2026-03-30", "Umzug", "closure"))
    case = again(case, changed, MONDAY)
    assert (period(case).status, period(case).last_day) == (DeadlineStatus.PAUSED, date(2026, 4, 9))
    answer = act("antworten", MONDAY, participation=INTEGRATION, private={"antwort": "!"})
    ran = advance(case, answer, by(changed, MONDAY)).case
    assert period(ran).last_day == date(2026, 4, 9)


def test_a_period_that_is_over_is_not_called_back() -> None:
    case = asked(of("BB"), MONDAY)
    on = date(2026, 4, 9)
    changed = of("BB", local("2026-04-08", "Umzug", "closure"))
    later = again(case, changed, on)
    assert period(later).status is DeadlineStatus.LAPSED
    assert period(later).last_day == date(2026, 4, 8)


def test_an_extension_to_a_named_day_stands_as_named() -> None:
    case = asked(of("BB"), MONDAY)
    extended = act(
        "frist_verlaengern",
        MONDAY,
        participation=INTEGRATION,
        bis="2026-04-17",
        private={"grund": "x"},
    )
    case = advance(case, extended, by(of("BB"), MONDAY)).case
    changed = of("BB", local("2026-04-17", "Umzug", "closure"))
    assert recounts(case, by(changed, MONDAY)) == ()


# In an installation


@pytest.fixture
def county(tmp_path: Path) -> Iterator[House]:
    made = house(tmp_path / "haus")
    yield made
    made.app.close()


def informed_case(county: House) -> str:
    number = county.register().number
    county.take(number, "informieren", "weber", participation="integration")
    county.take(number, "eingang", "yilmaz", participation="integration")
    return number


def closing(county: House, *days: str, into: str = "BB", **more: str) -> Path:
    rows = "".join(f"{day};Umzug;{MADE_UP}\n" for day in days)
    table = county.folder / "tage.csv"
    table.write_text("tag;name;quelle\n" + rows)
    made = calendars.import_days(county.app, table, into, **more)
    file = county.folder / f"{more.get('id', into)}.yaml"
    file.write_bytes(made.source)
    return file


def last_day(county: House, number: str) -> date:
    found = file_of(county.app, number).case.deadline(INTEGRATION, "stellungnahme")
    assert found is not None
    return found.last_day


def test_a_calendar_first_shows_what_it_moves_and_then_moves_it_on_record(county: House) -> None:
    number, other = informed_case(county), county.register().number
    file = closing(county, "2026-03-30")
    before = {n: len(file_of(county.app, n).lines) for n in (number, other)}
    seen = calendars.preview(county.app, file)
    moves = {m.number: m for m in seen.moves}
    assert list(seen.gained) == [date(2026, 3, 30)]
    assert (moves[number].before, moves[number].after) == (date(2026, 4, 8), date(2026, 4, 9))
    assert moves[number].why == ("30.03.2026 Umzug",)
    assert other not in moves, "a plan that begins after the day is not moved by it"
    assert {n: len(file_of(county.app, n).lines) for n in before} == before
    done = calendars.activate(county.app, "neumann", file)
    assert (done.new, done.recounted, done.failed) == (True, (number,), {})
    line = file_of(county.app, number).lines[-1]
    assert (line.actor, line.office) == (county.person("neumann"), "rechtsamt")
    assert last_day(county, number) == date(2026, 4, 9)
    assert len(file_of(county.app, other).lines) == before[other]


def test_each_affected_office_is_told_its_own_new_day(county: House) -> None:
    number = informed_case(county)
    calendars.activate(county.app, "neumann", closing(county, "2026-03-30"))
    owed = [n for n in file_of(county.app, number).notices if n.letter == "frist_geaendert"]
    days = {n.office: n.facts["day"] for n in owed}
    assert days["integration"] == "2026-04-09"
    assert set(days) == {"integration", "fb-soziales"}


def test_activating_a_calendar_again_moves_nothing_again(county: House) -> None:
    number = informed_case(county)
    file = closing(county, "2026-03-30")
    calendars.activate(county.app, "neumann", file)
    length = len(file_of(county.app, number).lines)
    done = calendars.activate(county.app, "neumann", file)
    assert (done.new, done.recounted) == (False, ())
    assert calendars.preview(county.app).moves == ()
    assert len(file_of(county.app, number).lines) == length


def test_the_activation_stands_in_the_log_with_who_did_it(county: House) -> None:
    calendars.activate(county.app, "neumann", closing(county, "2026-03-30"))
    with county.app.database.read() as store:
        line = store.chains.lines("definitions")[-1].entry
    assert (line.plain["kind"], line.plain["id"]) == ("calendar", "BB")
    assert line.actor == county.person("neumann")


def test_what_was_counted_before_and_after_is_told_again_alike(county: House) -> None:
    number = informed_case(county)
    calendars.activate(county.app, "neumann", closing(county, "2026-03-30"))
    county.clock.turn(date(2026, 4, 10))
    county.take(
        number, "stellungnahme", "yilmaz", participation="integration",
        fields={"ergebnis": "hinweise", "wortlaut": "x"},
    )  # fmt: skip
    assert replayed(county.app, number) == file_of(county.app, number).case


@pytest.mark.parametrize("person", ["weber", "yilmaz", "berger"])
def test_only_legal_and_council_office_put_a_calendar_in_force(county: House, person: str) -> None:
    number = informed_case(county)
    with pytest.raises(Refused, match="legal office"):
        calendars.activate(county.app, person, closing(county, "2026-03-30"))
    assert last_day(county, number) == date(2026, 4, 8)
    assert calendars.preview(county.app).moves == ()


def test_a_municipality_that_takes_its_own_calendar_has_its_deadlines_counted_again(
    county: House,
) -> None:
    """The calendar changes in config.yaml; what is to be moved is still shown first."""
    number = informed_case(county)
    file = closing(county, "2026-03-30", id="musterheide", name="Musterheide")
    assert calendars.preview(county.app, file).moves == ()
    calendars.activate(county.app, "neumann", file)
    path = county.folder / config.NAME
    said = yaml.safe_load(path.read_text())
    said["municipalities"][0]["calendar"] = "musterheide"
    path.write_text(yaml.safe_dump(said, allow_unicode=True))
    app = App(config.load(county.folder), county.app.database, county.clock)
    take_places(app)
    [move] = calendars.preview(app).moves
    assert (move.number, move.after, move.why) == (number, date(2026, 4, 9), ("30.03.2026 Umzug",))
    assert calendars.activate(app, "neumann").recounted == (number,)
    assert last_day(county, number) == date(2026, 4, 9)
    assert not isinstance(replayed(app, number), Differs)


KILLED = """
import os, signal, sys
from pathlib import Path
from engine.app import open_app
from engine.services import calendars
from engine.store.store import Store
from tests.installation import MONDAY, TurnedClock

folder, fatal = Path(sys.argv[1]), int(sys.argv[2])
clock = TurnedClock(None); clock.turn(MONDAY)
app = open_app(folder, clock)
keep, calls = Store.keep, []

def keep_and_die(store, outcome):
    calls.append(1)
    keep(store, outcome)
    if len(calls) == fatal:
        os.kill(os.getpid(), signal.SIGKILL)

Store.keep = keep_and_die
calendars.activate(app, "neumann", folder / "BB.yaml")
"""


@pytest.mark.parametrize("fatal", [1, 2])
def test_an_interrupted_activation_is_simply_given_again(county: House, fatal: int) -> None:
    numbers = [informed_case(county) for _ in range(3)]
    closing(county, "2026-03-30")
    lengths = {n: len(file_of(county.app, n).lines) for n in numbers}
    command = [sys.executable, "-c", KILLED, str(county.folder), str(fatal)]
    ended = subprocess.run(command, cwd=Path(__file__).parent.parent, check=False)
    assert ended.returncode == -signal.SIGKILL
    moved = [last_day(county, n) for n in numbers]
    assert sorted(moved) == [date(2026, 4, 8)] * (4 - fatal) + [date(2026, 4, 9)] * (fatal - 1)
    assert len(calendars.preview(county.app).moves) == 4 - fatal
    done = calendars.activate(county.app, "neumann", county.folder / "BB.yaml")
    assert len(done.recounted) == 4 - fatal
    for n in numbers:
        assert last_day(county, n) == date(2026, 4, 9)
        assert len(file_of(county.app, n).lines) == lengths[n] + 1


# Files of days

YEARLY = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Stadt//DE
BEGIN:VEVENT
UID:friedensfest
SUMMARY:Hohes Friedensfest
DTSTART;VALUE=DATE:20250808
RRULE:FREQ=YEARLY
END:VEVENT
BEGIN:VEVENT
UID:ruhe
SUMMARY:Betriebsruhe
DTSTART;VALUE=DATE:20261228
DTEND;VALUE=DATE:20270101
END:VEVENT
BEGIN:VEVENT
UID:weg
SUMMARY:abgesagt
DTSTART;VALUE=DATE:20260601
STATUS:CANCELLED
END:VEVENT
END:VCALENDAR
"""


def test_days_of_an_icalendar_file_enter_a_calendar_with_their_source(county: House) -> None:
    file = county.folder / "ort.ics"
    file.write_text(YEARLY)
    made = calendars.import_days(
        county.app, file, "BB", kind="feiertag", cited=MADE_UP, id="ort", name="Ort"
    )
    read = read_calendar(made.source)
    assert (read.id, read.name) == ("ort", "Ort")
    assert {read.holidays[date(y, 8, 8)] for y in range(2025, 2041)} == {"Hohes Friedensfest"}
    assert date(2024, 8, 8) not in read.holidays
    assert [d for d in (28, 29, 30, 31) if date(2026, 12, d) in read.holidays] == [28, 29, 30, 31]
    assert date(2027, 1, 1) not in {a.day for a in made.new}, "the end of an event is exclusive"
    assert date(2026, 6, 1) not in read.holidays
    assert MADE_UP.encode() in made.source


def test_importing_the_same_days_twice_adds_nothing(county: House) -> None:
    first = closing(county, "2026-03-30", "2026-12-24")
    calendars.activate(county.app, "neumann", first)
    table = county.folder / "tage.csv"
    again_ = calendars.import_days(county.app, table, "BB")
    assert (again_.new, again_.known, again_.source) == ((), 2, first.read_bytes())


def test_a_day_that_is_a_holiday_already_is_left_out(county: House) -> None:
    made = calendars.import_days(county.app, table_of(county, "06.04.2026;;Ostern;;x"), "BB")
    assert (made.new, made.known) == ((), 1)


def table_of(county: House, *rows: str) -> Path:
    file = county.folder / "t.csv"
    file.write_text("\n".join(["tag;bis;name;art;quelle", *rows]) + "\n")
    return file


def test_a_table_names_runs_of_days_and_their_kind(county: House) -> None:
    file = table_of(
        county, "24.12.2026;31.12.2026;Ruhe;schließung;x", "2026-08-08;;Fest;feiertag;y"
    )
    read = read_calendar(calendars.import_days(county.app, file, "BB").source)
    assert read.holidays[date(2026, 8, 8)] == "Fest"
    assert read.closures[date(2026, 12, 31)] == "Ruhe"
    assert date(2026, 12, 25) not in read.closures, "a holiday stays what it is"


def test_a_faulty_table_tells_every_cell(county: House) -> None:
    file = table_of(
        county, "32.12.2026;;Ruhe;closure;x", "2026-12-24;;Ruhe;brückentag;x", "2026-12-24;;Ruhe;;"
    )
    with pytest.raises(TableError) as refused:
        calendars.import_days(county.app, file, "BB")
    assert [(f.line, f.column) for f in refused.value.faults] == [(2, 1), (3, 4), (4, 5)]


def test_no_day_enters_without_its_source(county: House) -> None:
    file = county.folder / "ort.ics"
    file.write_text(YEARLY)
    with pytest.raises(InputError, match="source"):
        calendars.import_days(county.app, file, "BB")


def test_half_a_day_is_no_closure(county: House) -> None:
    file = county.folder / "ort.ics"
    file.write_text(YEARLY.replace("DTSTART;VALUE=DATE:20261228", "DTSTART:20261228T120000"))
    with pytest.raises(IcalError) as refused:
        calendars.import_days(county.app, file, "BB", cited=MADE_UP)
    assert [f.title for f in refused.value.flaws] == ["Betriebsruhe"]


def test_days_outside_the_years_of_a_calendar_are_refused() -> None:
    with pytest.raises(InputError, match="2024 to 2028"):
        with_additions(materialise("BB", 2024, 2028), [local("2029-08-08", "zu")])


def test_adding_days_never_rewrites_what_a_calendar_lists() -> None:
    """Buß- und Bettag 1994 was a holiday; a list made by hand keeps what it says."""
    source = materialise("BB", 2026, 2026).replace(b'"2026-10-31"', b'"2026-10-30"')
    read = read_calendar(with_additions(source, [local("2026-08-08", "Fest")]))
    assert date(2026, 10, 30) in read.holidays
    assert date(2026, 10, 31) not in read.holidays


def test_a_calendar_that_nobody_knows_is_answered_with_those_there_are(county: House) -> None:
    with pytest.raises(NotFound, match="BB"):
        calendars.import_days(county.app, table_of(county), "XY")


def test_a_broken_calendar_is_refused_before_anything_moves(county: House) -> None:
    number = informed_case(county)
    file = closing(county, "2026-03-30")
    file.write_text(file.read_text().replace("kind: closure", "kind: ruhe"))
    for deed in (
        lambda: calendars.preview(county.app, file),
        lambda: calendars.activate(county.app, "neumann", file),
    ):
        with pytest.raises(DefinitionError, match="kind"):
            deed()
    assert last_day(county, number) == date(2026, 4, 8)


@time_machine.travel("2026-03-23T11:00:00Z")
def test_the_commands_show_first_and_then_do(
    county: House, capsys: pytest.CaptureFixture[str]
) -> None:
    from engine.cli.app import main

    def ran(*words: str) -> tuple[int, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([*words, "--data", str(county.folder)])
        return int(ended.value.code or 0), capsys.readouterr().out

    number = informed_case(county)
    table = table_of(county, f"30.03.2026;;Umzug;;{MADE_UP}")
    file = county.folder / "neu.yaml"
    assert ran("calendar", "import", str(table), "--into", "BB", "--out", str(file))[0] == 0
    code, shown = ran("calendar", "preview", str(file))
    assert code == 0
    assert "Stellungnahmefrist: Mi., 08.04.2026 → Do., 09.04.2026" in shown
    assert "weil: 30.03.2026 Umzug" in shown
    assert "Noch ist nichts geändert" in shown
    assert last_day(county, number) == date(2026, 4, 8)
    assert ran("calendar", "activate", str(file), "--by", "weber")[0] == 3
    code, shown = ran("calendar", "activate", str(file), "--by", "neumann")
    assert (code, "1 Vorgang neu gerechnet." in shown) == (0, True)
    assert "30.03.2026  Umzug" in ran("calendar", "show", "BB", "2026")[1]

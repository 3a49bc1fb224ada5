"""What the legal office counts equals the log, and what it hands out harms nobody."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.app import App, open_app
from engine.clock import SystemClock
from engine.core.calendar import local_day
from engine.core.case import Entry
from engine.core.csv_table import csv_bytes
from engine.core.daily_record import Happened, rows
from engine.core.meanings import StateMeans
from engine.core.reporting import LEAST, sample, shown
from engine.core.timeliness import Sort, sort_of
from engine.errors import Refused
from engine.services.cases import person_of
from engine.services.demo import Play
from engine.services.legal.daily import countersign, record_of
from engine.services.legal.files import calendar_of
from engine.services.legal.overview import situation
from engine.services.legal.report import report
from engine.services.legal.verification import last_time, verify
from engine.services.reading import file_of, house_of
from engine.worker import one_round
from tests.web.county import county_in

FORMULAS = [
    f"{lead}{formula}"
    for lead in ("", " ", "\n", "\u200b")
    for formula in (
        "=1+1", "=cmd|' /C calc'!A0", "+49 30 1", "-2+3", "@SUM(A1:A9)", "=HYPERLINK(\"x\")",
        "\t=1+1", "\r=1+1", "=IMPORTXML(\"x\")", "@import", "＝1+1", "＠SUM(1)",
    )
]  # fmt: skip


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The county, played up to some day in the middle and then to its end."""
    folder = tmp_path_factory.mktemp("legal") / "demo"
    folder.mkdir()
    play = Play(folder, SystemClock())
    for scene in play.scenes():
        if isinstance(scene, date):
            one_round(play.app)
    play.app.close()
    opened = open_app(folder)
    yield opened
    opened.close()


def all_entries(app: App) -> list[Entry]:
    with app.database.read() as store:
        return [x.entry for x in store.chains.all() if x.stream.startswith("case/")]


def neumann(app: App) -> str:
    return person_of(house_of(app), "neumann")


def test_the_figures_of_the_lagebild_equal_a_count_over_the_log(app: App) -> None:
    now, world = situation(app), house_of(app)
    state: dict[str, str] = {}
    ended: dict[tuple[str, str, str, int], str] = {}
    pins: dict[tuple[str, str], str] = {}
    found = 0
    for line in all_entries(app):
        plain = line.plain
        flow = world.library.workflows.get(plain.get("definition", ""))
        if flow is not None and not plain.get("participation"):
            state[line.stream] = plain["to"]
        if flow is not None and plain.get("participation"):
            pins[line.stream, plain["participation"]] = flow.pin
        for part, name, number, _, status in plain.get("deadlines", ()):
            ended[line.stream, part, name, number] = status
        found += len(plain.get("findings", ()))
    cases = world.library.case_workflow()
    going_on = [s for s in state.values() if cases.states[s].means is not StateMeans.FINAL]
    assert now.open_cases == len(going_on)
    sorts = Counter(
        status
        for (stream, part, name, _), status in ended.items()
        if (stream, part) in pins
        and sort_of(world.library.workflow(pins[stream, part]), name) is Sort.INFORMATION
    )
    assert (now.informed.met, now.informed.missed) == (sorts["met"], sorts["lapsed"])
    assert sorts["met"] > 0 < sorts["lapsed"]
    assert sum(now.findings.values()) == found > 0


def test_the_report_over_all_days_equals_the_sum_of_its_months(app: App) -> None:
    today = house_of(app).today
    found = report(app, date(2020, 1, 1), today)
    assert found.total.information.decided > 0
    assert sum(m.information.met for m in found.months) == found.total.information.met
    assert sum(k.statement.met for k in found.kinds) == found.total.statement.met


def test_the_records_of_all_days_tell_every_movement_of_the_log_once(app: App) -> None:
    lines = all_entries(app)
    days = sorted({local_day(x.recorded_at) for x in lines})
    told = Counter(
        (x.number, x.happened, x.last_day) for day in days for x in record_of(app, day).lines
    )
    assert sum(told.values()) == len(list(rows(map(as_header, lines))))
    assert {happened for _, happened, _ in told} == set(Happened)


def as_header(line: Entry) -> dict[str, object]:
    return {
        "stream": line.stream,
        "plain": line.plain,
        "happened_on": line.happened_on.isoformat(),
    }


def test_a_countersignature_names_the_seal_of_the_day_and_keeps_fitting(app: App) -> None:
    day = local_day(all_entries(app)[0].recorded_at)
    signed = countersign(app, day, neumann(app))
    assert [(s.name, s.fits) for s in signed.signatures] == [("Ute Neumann", True)]
    assert len(countersign(app, day, neumann(app)).signatures) == 1
    assert record_of(app, day).seal == signed.seal


def test_a_day_that_is_not_over_cannot_be_countersigned(app: App) -> None:
    with pytest.raises(Refused):
        countersign(app, house_of(app).today, neumann(app))


def test_only_the_legal_office_countersigns(app: App) -> None:
    day = local_day(all_entries(app)[0].recorded_at)
    with pytest.raises(Refused):
        countersign(app, day, person_of(house_of(app), "weber"))


def test_the_examination_finds_an_unchanged_log_intact_and_enters_that(app: App) -> None:
    found = verify(app, neumann(app), replaying=True)
    assert found.intact
    assert (found.replayed, found.entries) == (3, found.entries)
    with app.database.read() as store:
        last = last_time(store)
    assert last is not None
    assert (last.faults, last.replayed) == (0, 3)


LAST = "(SELECT max(id) FROM entry WHERE case_id = 1)"
DAMAGE = {
    "changed header": f"UPDATE entry SET header = CAST(replace(CAST(header AS TEXT), "
    f"'anhoerung', 'anhoerunh') AS BLOB) WHERE id = {LAST}",
    "unreadable header": f"UPDATE entry SET header = X'00' WHERE id = {LAST}",
    "changed text": "UPDATE entry_body SET body = X'7B7D' WHERE body IS NOT NULL",
    "cut off at the end": f"DELETE FROM entry WHERE id = {LAST}",
    "taken out of the middle": f"DELETE FROM entry WHERE id = {LAST} - 40",
    "number exchanged": f"UPDATE entry SET seq = seq + 1 WHERE id = {LAST}",
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_the_examination_names_what_was_tampered_with(
    app: App, tmp_path: Path, damage: str
) -> None:
    county = county_in(app.config.folder, tmp_path / "copy")
    with county.app.database.write() as store:
        run = store.connection.exec_driver_sql
        triggers = run("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            run(f"DROP TRIGGER {name}")
        run("PRAGMA defer_foreign_keys = ON")
        if damage.startswith("DELETE"):
            run("DELETE FROM log_queue")
            run("DELETE FROM log_leaf")
            run("DELETE FROM entry_body")
        assert run(damage).rowcount > 0
    found = verify(county.app, neumann(county.app))
    with county.app.database.read() as store:
        last = last_time(store)
    county.app.close()
    assert found.faults
    assert last is not None
    assert last.faults == len(found.faults) + len(found.differing)


def test_a_deadline_is_counted_again_with_the_calendar_it_was_counted_with(app: App) -> None:
    case = file_of(app, "V-2026-0001").case
    counted = [d for d in case.deadlines if d.derivation.counting is not None]
    assert counted
    for deadline in counted:
        calendar = calendar_of(app, case, deadline)
        assert calendar is not None
        assert calendar.digest == deadline.derivation.calendar_digest


@pytest.mark.parametrize("cell", FORMULAS)
def test_no_cell_of_a_table_is_taken_for_a_formula(cell: str) -> None:
    raw = csv_bytes(["Titel"], [[cell]])
    assert raw.startswith(b"\xef\xbb\xbf")
    [_, [read]] = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert read == f"'{cell}"


def test_plain_cells_stay_as_they_are() -> None:
    raw = csv_bytes(["A"], [["Neubau; Straße"], [-3], [date(2026, 3, 12)], [None]]).decode()
    assert raw.splitlines()[1:] == ['"Neubau; Straße"', '"-3"', '"12.03.2026"', '""']


DEPARTMENTS = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 12))


@given(DEPARTMENTS)
def test_no_department_under_five_cases_is_named_or_told_by_subtraction(
    cases: dict[str, int],
) -> None:
    named, rest = shown(cases)
    assert all(cases[k] >= LEAST for k in named)
    assert sorted((*named, *rest)) == sorted(k for k, n in cases.items() if n)
    if named and rest:
        assert sum(cases[k] for k in rest) >= LEAST
        assert len(rest) > 1


@given(st.sets(st.text(min_size=1)), st.integers(0, 20), st.text())
def test_a_sample_is_the_same_for_the_same_seed_and_grows_without_changing(
    names: set[str], size: int, seed: str
) -> None:
    drawn = sample(names, size, seed)
    assert drawn == sample(sorted(names, reverse=True), size, seed)
    assert len(drawn) == min(size, len(names))
    assert set(drawn) <= set(sample(names, size + 1, seed))


def test_the_departments_of_the_demo_are_too_small_to_be_named(app: App) -> None:
    found = report(app, date(2020, 1, 1), house_of(app).today + timedelta(days=1))
    assert found.departments == ()
    assert found.hidden

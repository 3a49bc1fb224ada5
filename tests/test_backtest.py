"""What would have come of published papers, played through the procedure of live use."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from engine.cli.oparl import backtest
from engine.core.calendar import Calendar
from engine.core.case import Measure
from engine.core.case import Stage as CaseStage
from engine.core.periods import Period
from engine.errors import InputError, Text
from engine.oparl import Origin, PaperRecord, Records, Remark, Stage
from engine.services.backtest import (
    FEW,
    UNNAMED,
    BacktestReport,
    Escalation,
    PaperReport,
    Summary,
    as_plain,
    play,
)
from engine.services.oparl_import import Match, Unusable, matches, measure_of
from tests.musterheide import definitions

ROOT = Path(__file__).resolve().parents[1]
SEESTADT = ROOT / "tests" / "oparl"
REAL = ROOT.parent / "shared" / "data" / "oparl-2024"

EASTER = Calendar(
    "X",
    2025,
    2027,
    {date(2026, 4, 3): "Karfreitag", date(2026, 4, 6): "Ostermontag"},
)
THURSDAY = date(2026, 4, 9)
"""The council sits; the five working days before it are 31 March, 1, 2, 7 and 8 April."""

NUMBERS = count(1)


def sitting(
    day: date | None, role: str = "Entscheidung", result: str | None = None, **changes: Any
) -> Stage:
    usual = Stage("Rat", role, day, "m1", cancelled=False, result=result, public=True)
    return replace(usual, **changes)


def paper(created: date | None, *stages: Stage, **changes: Any) -> PaperRecord:
    number = next(NUMBERS)
    usual = PaperRecord(
        id=f"p{number}",
        reference=f"2026/{number:04}",
        title="Neubau der Kita Am Steg",
        kind="Beschlussvorlage",
        origin=Origin.ADMINISTRATION,
        departments=("Jugendamt",),
        created=created,
        paper_date=created,
        stages=stages or (sitting(THURSDAY),),
        remarks=(),
    )
    return replace(usual, **changes)


def played(*papers: PaperRecord, lead: str = "5 working days") -> BacktestReport:
    shipped = definitions()
    return play(Records(papers, ()), EASTER, Period.parse(lead), shipped.library, shipped.kinds)


def report(record: PaperRecord, lead: str = "5 working days") -> PaperReport:
    [found] = played(record, lead=lead).measures
    return found


# One paper --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("created", "in_time", "late_by", "possible", "ended", "findings"),
    [
        pytest.param((3, 2), True, None, True, (3, 9), [], id="weeks before"),
        pytest.param((3, 30), True, None, True, (4, 8), [], id="the latest day"),
        pytest.param((3, 31), False, 1, True, (4, 9), ["late", "missed"], id="a day later"),
        pytest.param((4, 7), False, 4, True, (4, 14), ["late", "missed"], id="one day between"),
        pytest.param((4, 8), False, 5, False, (4, 15), ["late", "missed"], id="the day before"),
        pytest.param((4, 9), False, 6, False, (4, 16), ["late", "missed"], id="the same day"),
    ],
)
def test_five_full_working_days_over_easter(
    created: tuple[int, int],
    in_time: bool,
    late_by: int | None,
    possible: bool,
    ended: tuple[int, int],
    findings: list[str],
) -> None:
    found = report(paper(date(2026, *created)))
    assert found.latest_day == date(2026, 3, 30)
    assert (found.in_time, found.too_late_by, found.possible) == (in_time, late_by, possible)
    assert found.played is not None
    assert found.played.statement_ended == date(2026, *ended)
    assert found.played.settled is in_time
    names = {"late": "verspaetet_informiert", "missed": "beteiligung_unterblieben"}
    assert list(found.played.findings) == [names[name] for name in findings]


def test_a_decision_before_the_end_of_the_period_is_told_above_on_that_day() -> None:
    found = report(paper(date(2026, 4, 2)))
    assert found.played is not None
    assert found.played.state == "informiert"
    assert found.played.escalations == (
        Escalation("beteiligung_unterblieben", "hvb", THURSDAY),
        Escalation("beteiligung_unterblieben", "rechtsamt", THURSDAY),
    )


def test_a_paper_in_time_escalates_nothing_and_has_lapsed_by_the_clock() -> None:
    found = report(paper(date(2026, 3, 30)))
    assert found.played is not None
    assert (found.played.state, found.played.escalations) == ("abgelaufen", ())
    assert found.played.letters > 0


def test_a_paper_created_after_its_decision_informs_nobody_and_climbs() -> None:
    found = report(paper(date(2026, 4, 10)))
    assert (found.after_decision, found.in_time, found.possible) == (True, False, False)
    assert found.played is not None
    assert (found.played.state, found.played.statement_ended) == ("offen", None)
    assert found.played.findings == ("beteiligung_unterblieben",)
    assert found.played.escalations == (
        Escalation("beteiligung_unterblieben", "hvb", date(2026, 4, 10)),
        Escalation("beteiligung_unterblieben", "rechtsamt", date(2026, 4, 10)),
        Escalation("ueberfaellig", "fachbereich", date(2026, 4, 13)),
        Escalation("eskalation", "fachbereich", date(2026, 4, 15)),
        Escalation("eskalation", "hvb", date(2026, 4, 20)),
        Escalation("eskalation", "rechtsamt", date(2026, 4, 20)),
    )


def test_the_first_body_is_to_be_reached_in_time_and_not_only_the_deciding_one() -> None:
    committee = sitting(date(2026, 3, 26), "Vorberatung", body="Jugendhilfeausschuss")
    found = report(paper(date(2026, 3, 24), committee, sitting(THURSDAY)))
    assert found.played is not None
    assert (found.in_time, found.played.settled) == (True, True)
    assert found.played.findings == ("verspaetet_informiert",)


def test_a_sunday_may_be_the_latest_day_but_no_plan_proposes_it() -> None:
    found = report(paper(date(2026, 6, 7), sitting(date(2026, 6, 15))))
    assert (found.latest_day, found.in_time) == (date(2026, 6, 7), True)
    assert found.played is not None
    assert (found.played.settled, found.played.findings) == (True, ("verspaetet_informiert",))


def test_a_week_that_ends_on_good_friday_runs_on_and_the_report_says_both() -> None:
    tuesday = sitting(date(2026, 4, 7))
    found = report(paper(date(2026, 3, 27), tuesday), lead="1 week")
    assert (found.latest_day, found.in_time) == (date(2026, 3, 30), True)
    assert found.played is not None
    assert (found.played.statement_ended, found.played.settled) == (date(2026, 4, 7), False)
    assert found.played.findings == ("verspaetet_informiert", "beteiligung_unterblieben")


def test_a_paper_without_a_creation_is_not_guessed_at() -> None:
    found = report(paper(None, remarks=(Remark.CREATED_MISSING,)))
    assert found.latest_day == date(2026, 3, 30)
    assert (found.in_time, found.too_late_by, found.possible, found.played) == (None,) * 4


@pytest.mark.parametrize(
    "stage",
    [sitting(None), sitting(THURSDAY, cancelled=True)],
    ids=["no date", "cancelled"],
)
def test_a_decision_without_a_day_is_kept_and_left_open(stage: Stage) -> None:
    found = report(paper(date(2026, 3, 2), stage))
    assert (found.latest_day, found.in_time, found.played) == (None, None, None)


def test_a_paper_that_nobody_decides_is_no_measure() -> None:
    noted = sitting(THURSDAY, "Kenntnisnahme")
    unnamed = sitting(None, meeting="")
    assert played(paper(date(2026, 3, 2), noted), paper(date(2026, 3, 2), unnamed)).measures == ()


def test_of_several_decisions_the_earliest_counts_and_its_result_is_shown() -> None:
    first = sitting(THURSDAY, result="vertagt")
    second = sitting(date(2026, 4, 23), meeting="m2", result="einstimmig beschlossen")
    found = report(paper(date(2026, 4, 1), first, second))
    assert (found.in_time, found.decision_results) == (False, ("vertagt",))
    [plain] = as_plain(played(found.record))["measures"]
    assert plain["decisions"] == ["2026-04-09", "2026-04-23"]
    assert plain["decision_result"] == "vertagt"


def test_a_day_outside_the_calendar_is_reported_and_stops_nothing() -> None:
    strange = paper(date(2019, 1, 2))
    unknown = paper(date(2026, 3, 2), sitting(date(2031, 4, 9)))
    report_ = played(strange, unknown, paper(date(2026, 3, 2)))
    assert [(p.in_time, p.problem is None) for p in report_.measures] == [
        (True, False),
        (None, False),
        (True, True),
    ]
    problems = as_plain(report_)["summary"]["problems"]
    assert [p["place"] for p in problems] == [strange.id, unknown.id]
    assert "2031" in problems[1]["de"]


def test_a_lead_in_hours_is_refused() -> None:
    with pytest.raises(InputError):
        played(paper(date(2026, 3, 2)), lead="48 hours")


DAYS_OF_2026 = st.integers(0, 364).map(lambda n: date(2026, 1, 1) + timedelta(n))


@settings(max_examples=60, deadline=None)
@given(DAYS_OF_2026, st.integers(0, 60), st.integers(1, 30))
def test_in_time_is_what_the_procedure_finds_settled(
    decision: date, before: int, lead: int
) -> None:
    record = paper(decision - timedelta(before), sitting(decision))
    found = report(record, lead=f"{lead} working days")
    assert found.played is not None
    assert found.played.settled is found.in_time
    assert found.in_time is ("beteiligung_unterblieben" not in found.played.findings)
    assert (found.too_late_by is None) is found.in_time


# All of them --------------------------------------------------------------------------------

LATE, EARLY = date(2026, 4, 7), date(2026, 3, 2)


def test_lateness_is_charged_to_a_department_for_its_own_papers_alone() -> None:
    own = [paper(LATE) for _ in range(5)]
    motion = paper(LATE, origin=Origin.FRACTION, kind="Antrag")
    report_ = played(*own, motion)
    assert [p.charged_to for p in report_.measures] == ["Jugendamt"] * 5 + [None]
    figures = Summary(report_)
    assert {name: row.late for name, row in figures.by_department.items()} == {"Jugendamt": 5}
    assert {name: row.late for name, row in figures.by_origin.items()} == {
        "administration": 5,
        "fraction": 1,
    }


def test_no_small_unit_has_figures_of_its_own() -> None:
    five = [paper(LATE) for _ in range(5)]
    four = [paper(EARLY, departments=("Forstamt",)) for _ in range(4)]
    one = paper(LATE, departments=())
    groups = Summary(played(*five, *four, one)).by_department
    assert {name: (row.papers, row.late) for name, row in groups.items()} == {
        "Jugendamt": (5, 5),
        FEW.de: (5, 1),
    }


def test_the_figures_of_a_small_set_are_those_counted_by_hand() -> None:
    may = sitting(date(2026, 5, 13))
    report_ = played(
        paper(EARLY),
        paper(date(2026, 3, 31)),
        paper(date(2026, 4, 8)),
        paper(date(2026, 4, 10), remarks=(Remark.CREATED_AFTER_DECISION,)),
        paper(None, may, kind=None, remarks=(Remark.CREATED_MISSING,)),
        paper(EARLY, may, kind="Antrag", remarks=(Remark.SEVERAL_DECISIONS, Remark.MOVED)),
        paper(EARLY, sitting(THURSDAY, "Kenntnisnahme")),
    )
    summary = as_plain(report_)["summary"]
    assert {name: summary[name] for name in list(summary)[1:14]} == {
        "calendar": "X",
        "papers": 7,
        "with_decision": 6,
        "in_time": 2,
        "late": 3,
        "unknown": 1,
        "share_in_time": 0.4,
        "not_possible": 2,
        "created_after_decision": 1,
        "several_decisions": 1,
        "moved": 1,
        "findings": 5,
        "escalations": 10,
    }
    assert summary["lead"] == {"de": "5 Arbeitstage", "en": "5 working days"}
    assert summary["findings_by_kind"] == {
        "beteiligung_unterblieben": 3,
        "verspaetet_informiert": 2,
    }
    assert {(e["letter"], e["to"]): e["count"] for e in summary["escalations_by_letter"]} == {
        ("beteiligung_unterblieben", "hvb"): 3,
        ("beteiligung_unterblieben", "rechtsamt"): 3,
        ("ueberfaellig", "fachbereich"): 1,
        ("eskalation", "fachbereich"): 1,
        ("eskalation", "hvb"): 1,
        ("eskalation", "rechtsamt"): 1,
    }
    assert summary["too_late_by"] == {
        "median": 5,
        "max": 7,
        "papers_by_working_days": {"1": 1, "5": 1, "7": 1},
    }
    assert {name: row["papers"] for name, row in summary["by_kind"].items()} == {
        "Beschlussvorlage": 4,
        "Antrag": 1,
        UNNAMED.de: 1,
    }
    assert {name: row["in_time"] for name, row in summary["by_month"].items()} == {
        "2026-04": 1,
        "2026-05": 1,
    }


def test_every_group_adds_up_to_all() -> None:
    report_ = played(
        paper(EARLY), paper(LATE, kind="Antrag"), paper(None), paper(LATE, departments=("X",))
    )
    figures = Summary(report_)
    for groups in (figures.by_kind, figures.by_origin, figures.by_department, figures.by_month):
        for name in ("papers", "in_time", "late", "unknown", "findings", "escalations"):
            assert sum(getattr(row, name) for row in groups.values()) == getattr(figures.all, name)


def test_progress_is_told_after_each_paper() -> None:
    told: list[tuple[int, int]] = []
    shipped = definitions()
    play(
        Records((paper(EARLY), paper(LATE)), ()),
        EASTER,
        Period.parse("5 working days"),
        shipped.library,
        shipped.kinds,
        progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(1, 2), (2, 2)]


def test_a_backtest_leaves_the_rules_of_the_library_alone() -> None:
    library = definitions().library
    packs, days = library.packs, dict(library._days)
    played(paper(EARLY))
    assert (library.packs, library._days) == (packs, days)


# The command --------------------------------------------------------------------------------

APP = typer.Typer()
APP.command()(backtest)


def told(*words: str) -> str:
    result = CliRunner().invoke(APP, list(words))
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_command_prints_json_for_programs() -> None:
    answer = json.loads(told(str(SEESTADT), "--calendar", "BB", "--lead", "2 Wochen", "--json"))
    assert answer["summary"]["with_decision"] == len(answer["measures"]) > 0
    assert answer["summary"]["lead"]["de"] == "2 Wochen"
    assert {"id", "reference", "kind", "origin", "created", "first_body", "decision"} <= set(
        answer["measures"][0]
    )


def test_the_command_prints_tables_for_people() -> None:
    shown = told(str(SEESTADT))
    assert "20 Arbeitstage vor der Entscheidung, Kalender BB" in shown
    assert "Nach Amt (nur eigene Vorlagen)" in shown


# The real records of a city -------------------------------------------------------------------


@pytest.fixture(scope="module")
def real() -> dict[str, Any]:
    if not REAL.is_dir():
        pytest.skip("the records of a city lie beside the checkout only")
    begun = time.perf_counter()
    answer: dict[str, Any] = json.loads(
        told(str(REAL), "--calendar", "BW", "--lead", "20 working days", "--json")
    )
    assert time.perf_counter() - begun < 10
    return answer


def counted_directly(lead: int) -> dict[str, tuple[str, str, bool]]:
    """Return decision, latest day and in time of each paper, from the raw files alone."""
    files = {
        name: json.loads((REAL / f"{name}.json").read_text("utf-8"))["data"]
        for name in ("papers", "meetings")
    }
    starts = {m["id"]: datetime.fromisoformat(m["start"]) for m in files["meetings"]}
    free = holidays.country_holidays("DE", subdiv="BW", years=range(2020, 2027))
    berlin, found = ZoneInfo("Europe/Berlin"), {}
    for raw in files["papers"]:
        days = [
            starts[c["meeting"]].astimezone(berlin).date()
            for c in raw["consultation"]
            if c.get("role") == "Entscheidung" and c.get("meeting") in starts
        ]
        if not days:
            continue
        decision = day = min(days)
        missing = lead
        while missing:
            day -= timedelta(1)
            missing -= day.weekday() < 5 and day not in free
        latest = day - timedelta(1)
        created = datetime.fromisoformat(raw["created"]).astimezone(berlin).date()
        found[raw["id"]] = (decision.isoformat(), latest.isoformat(), created <= latest)
    return found


def test_each_real_paper_is_judged_as_a_direct_count_judges_it(real: dict[str, Any]) -> None:
    judged = {m["id"]: (m["decision"], m["latest_day"], m["in_time"]) for m in real["measures"]}
    assert judged == counted_directly(20)
    assert len(judged) == len(real["measures"]) == real["summary"]["papers"] == 588


def test_each_real_paper_in_time_was_settled_when_it_was_decided(real: dict[str, Any]) -> None:
    for m in real["measures"]:
        assert m["settled_at_decision"] is m["in_time"], m["id"]
        assert ("beteiligung_unterblieben" not in m["findings"]) is m["in_time"], m["id"]
        assert (m["statement_ended"] < m["decision"]) is m["in_time"], m["id"]


def test_the_real_figures_are_consistent(real: dict[str, Any]) -> None:
    summary, measures = real["summary"], real["measures"]
    assert summary["in_time"] == sum(m["in_time"] for m in measures)
    assert summary["in_time"] + summary["late"] == 588
    assert summary["escalations"] == sum(len(m["escalations"]) for m in measures)
    own = [m for m in measures if m["origin"] == "administration"]
    rows = summary["by_department"].values()
    assert sum(r["papers"] for r in rows) == len(own)
    assert all(m["charged_to"] is None for m in measures if m["origin"] != "administration")
    assert all(r["papers"] >= 5 for name, r in summary["by_department"].items() if name != FEW.de)


# What a paper is to the engine ------------------------------------------------------------------

OFFICES = {"Jugendamt": "fb-jugend"}


def test_a_paper_becomes_a_measure_with_its_bodies_in_order() -> None:
    committee = sitting(date(2026, 3, 26), "Vorberatung", body="Jugendhilfeausschuss")
    dropped = sitting(date(2026, 4, 2), cancelled=True)
    found = measure_of(
        paper(EARLY, committee, dropped, sitting(THURSDAY), reference="2026/0815"),
        "seestadt",
        OFFICES,
    )
    assert found == Measure(
        title="Neubau der Kita Am Steg",
        kind="beschlussvorlage",
        origin="administration",
        lead="fb-jugend",
        municipality="seestadt",
        stages=(
            CaseStage("Jugendhilfeausschuss", date(2026, 3, 26), "vorberatung"),
            CaseStage("Rat", THURSDAY, "entscheidung"),
        ),
        reference="2026/0815",
    )


@pytest.mark.parametrize(
    ("published", "kind"),
    [
        ("Änderungs-/Ergänzungsantrag", "änderungs-/ergänzungsantrag"),
        (" Große  Anfrage", "große anfrage".casefold()),
        (None, "ohne_angabe"),
    ],
)
def test_a_kind_is_written_in_one_way(published: str | None, kind: str) -> None:
    found = measure_of(paper(EARLY, kind=published), "seestadt", OFFICES)
    assert isinstance(found, Measure)
    assert found.kind == kind


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": ""}, "keinen Titel"),
        ({"departments": ()}, "kein federführendes Amt"),
        ({"departments": ("Forstamt",)}, "„Forstamt“"),
    ],
)
def test_a_paper_that_cannot_be_a_measure_says_why(changes: dict[str, Any], words: str) -> None:
    record = paper(EARLY, **changes)
    found = measure_of(record, "seestadt", OFFICES)
    assert isinstance(found, Unusable)
    assert found.record is record
    assert isinstance(found.reason, Text)
    assert words in found.reason.de


KNOWN = [
    ("V-2026-0001", "2026/0001", "Neubau der Kita Am Steg"),
    ("V-2026-0002", None, "Radweg, 2. Abschnitt"),
    ("V-2026-0003", None, "Haushalt 2026"),
    ("V-2026-0004", None, "HAUSHALT  2026!"),
]


@pytest.mark.parametrize(
    ("reference", "title", "match"),
    [
        ("2026/0001", "Anders benannt", Match("V-2026-0001", proposed=False)),
        ("2026/0001/1", "Neubau der Kita am Steg", Match("V-2026-0001", proposed=True)),
        (None, "radweg – 2. abschnitt", Match("V-2026-0002", proposed=True)),
        (None, "Radweg, 3. Abschnitt", None),
        (None, "Haushalt 2026", None),
        (None, "", None),
        ("2026/00", "Kita", None),
    ],
)
def test_a_reference_is_certain_and_a_title_only_proposes(
    reference: str | None, title: str, match: Match | None
) -> None:
    assert matches(paper(EARLY, reference=reference, title=title), KNOWN) == match

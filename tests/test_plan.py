"""Plans from the command line: of a case, of a year, and what an act does to them at once."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from engine.cli.app import main
from engine.core.annual import Wanted, annual
from engine.core.case import Stage
from engine.core.world import Session
from engine.delivery import deliver
from engine.services import sessions
from engine.services.doctor import examine
from engine.services.planning import plan_of, year
from engine.services.reading import file_of
from tests.installation import House, house, local_today

SITTINGS = (
    ("Sozialausschuss", date(2026, 5, 12)),
    ("Sozialausschuss", date(2026, 6, 9)),
    ("Kreistag", date(2026, 6, 11)),
    ("Kreistag", date(2027, 1, 14)),
)


@pytest.fixture
def county(tmp_path: Path) -> House:
    """Return a county whose sittings are entered."""
    small = house(tmp_path / "haus")
    rows = [Session(f"s{n}", body, day, "musterheide") for n, (body, day) in enumerate(SITTINGS)]
    sessions.save_new(small.app, rows)
    return small


@pytest.fixture
def run(county: House, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Return a function that runs a command in the county and returns what it printed."""

    def run_one(*words: str) -> str:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([*words, "--data", str(county.folder)])
        assert ended.value.code == 0, capsys.readouterr().err
        return capsys.readouterr().out

    return run_one


def registered_for(county: House, days: int) -> str:
    """Register a measure by the real clock, which commands read, so many days ahead."""
    county.clock.turn(local_today() - timedelta(days=1))
    first = Stage("Sozialausschuss", local_today() + timedelta(days=days))
    second = Stage("Kreistag", local_today() + timedelta(days=days + 7), "entscheidung")
    return county.register(stages=(first, second)).number


def test_the_plan_of_a_case_is_red_once_its_day_has_passed(county: House) -> None:
    number = county.register().number
    assert plan_of(county.app, number).light == "green"
    county.clock.turn(date(2026, 4, 9))
    found = plan_of(county.app, number)
    assert found.light == "red"
    assert found.options[0].kind == "later_sittings"


def test_doctor_names_the_cases_that_are_red(county: House) -> None:
    number = registered_for(county, days=5)
    [finding] = [f for f in examine(county.folder) if f.name == "plans"]
    assert finding.state == "note"
    assert number in finding.text.de


def test_plan_show_prints_the_line_with_light_and_options(
    county: House, run: Callable[..., str]
) -> None:
    number = registered_for(county, days=5)
    said = run("plan", "show", number)
    assert "(erste Beratung, maßgeblich)" in said
    assert "Ladung spätestens" in said
    assert "rot: So nicht mehr rechtzeitig: Zu informieren war bis" in said
    assert "hebt kein Recht auf, gehört zu werden" in said
    english = run("plan", "show", number, "--lang", "en")
    assert "red: No longer in time: the office was to be informed by" in english
    plain = json.loads(run("plan", "show", number, "--json"))
    assert plain["light"] == "red"
    [invited] = [x for x in plain["participations"][0]["lines"] if x["name"] == "ladung"]
    assert (invited["norm"], invited["unchecked"]) == ("§ 2 Geschäftsordnung Musterheide", True)
    [row] = json.loads(run("case", "list", "--json"))
    assert row["light"] == "red"


def test_an_extension_that_breaks_the_plan_is_told_in_a_letter(county: House) -> None:
    number = county.register().number
    county.take(number, "informieren", "weber", participation="integration")
    county.take(number, "eingang", "yilmaz", participation="integration")
    county.clock.on(1)
    deliver(county.app)
    fields = {"bis": "2026-05-15", "grund": "Beratung im Verband"}
    county.take(number, "frist_verlaengern", "weber", participation="integration", fields=fields)
    last = file_of(county.app, number).lines[-1]
    assert last.plain["overruns"] == [["stellungnahme", "2026-05-15", "2026-04-23"]]
    county.clock.on(1)
    deliver(county.app)
    mails = county.app.config.mails.glob("*.txt")
    letters = [" ".join(p.read_text().split()) for p in mails]
    [told] = [text for text in letters if "Zeitplan gefährdet" in text]
    assert "„Stellungnahmefrist“ (Integrationsbeauftragte) endet jetzt am Fr., 15.05.2026" in told
    assert "Nach dem Zeitplan müsste sie am Do., 23.04.2026 enden" in told
    assert f"rechtzeitig plan show {number}" in told


def test_the_act_that_breaks_the_plan_says_so_at_once(
    county: House, run: Callable[..., str]
) -> None:
    number = registered_for(county, days=60)
    inside = ("--as", "weber", "--in", "integration")
    run("case", "act", number, "informieren", *inside)
    run("case", "act", number, "eingang", "--as", "yilmaz", "--in", "integration")
    said = json.loads(run("case", "act", number, *extended(70), *inside, "--json"))
    until = (local_today() + timedelta(days=70)).isoformat()
    assert [(o["deadline"], o["ends"]) for o in said["overruns"]] == [("stellungnahme", until)]
    printed = run("case", "act", number, *extended(71), *inside)
    assert "Der Zeitplan hält so nicht mehr: Stellungnahmefrist endet am" in printed
    assert f"rechtzeitig plan show {number}" in printed


def extended(days: int) -> tuple[str, ...]:
    """Return the words that extend a period to so many days from today."""
    until = local_today() + timedelta(days=days)
    return ("frist_verlaengern", "--set", f"bis={until}", "--set", "grund=Verband")


def test_the_year_is_written_as_a_page_and_as_a_table(
    county: House, run: Callable[..., str], tmp_path: Path
) -> None:
    page, table = tmp_path / "jahr.html", tmp_path / "jahr.csv"
    run("plan", "year", "2026", "--output", str(page))
    html = page.read_text("utf-8")
    assert "Jahresterminplan 2026 – Landkreis Musterheide" in html
    assert "<strong>Mi., 08.04.2026</strong>" in html
    assert not _Outside.names(html)
    run(
        "plan",
        "year",
        "2026",
        "--form",
        "anhoerung",
        "--kind",
        "beauftragte",
        "--output",
        str(table),
    )
    rows = list(csv.DictReader(table.read_text("utf-8-sig").splitlines(), delimiter=";"))
    assert [(r["Gremium"], r["Sitzung"], r["informieren bis"]) for r in rows] == [
        ("Sozialausschuss", "2026-05-12", "2026-04-08"),
        ("Sozialausschuss", "2026-06-09", "2026-05-05"),
        ("Kreistag", "2026-06-11", "2026-05-07"),
    ]
    assert "§ 4 Dienstanweisung Beteiligung Musterheide" in rows[0]["Quellen"]


def test_a_year_can_be_narrowed_to_one_body(county: House, run: Callable[..., str]) -> None:
    plain = json.loads(run("plan", "year", "2026", "--body", "Kreistag", "--json"))
    assert [(row["body"], row["inform_by"]) for row in plain] == [("Kreistag", "2026-05-07")]
    assert plain[0]["form"]["id"] == "anhoerung"


def test_a_year_without_sittings_says_which_bodies_sit(
    county: House, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["plan", "year", "2026", "--body", "Rat", "--data", str(county.folder)])
    assert ended.value.code == 2
    assert "Kreistag, Sozialausschuss" in capsys.readouterr().err


def test_a_plan_is_written_as_a_page_or_a_table_only(
    county: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(
            [
                "plan",
                "year",
                "2026",
                "--output",
                str(tmp_path / "a.pdf"),
                "--data",
                str(county.folder),
            ]
        )
    assert ended.value.code == 2
    assert ".html" in capsys.readouterr().err


def test_a_municipality_without_a_rule_for_the_invitation_has_no_such_leg(county: House) -> None:
    world, rows = year(county.app, Wanted(2026))
    library = world.library
    packs = tuple(p for p in library.packs if p.id != "musterheide-geschaeftsordnung")
    assert len(packs) < len(library.packs)
    bare = replace(world, library=replace(library, packs=packs))
    named = [{p.name for p in row.plan.points} for row in annual(bare, Wanted(2026))]
    assert all("ladung" not in names and "vorlagenschluss" in names for names in named)
    assert all(row.plan.point("ladung") is not None for row in rows)


class _Outside(HTMLParser):
    """Finds what a page would fetch from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Any] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [a for a in attrs if a[0] in ("src", "href")]

    @classmethod
    def names(cls, html: str) -> list[Any]:
        parser = cls()
        parser.feed(html)
        return parser.found

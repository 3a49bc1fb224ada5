"""The radar on real databases: who is told of what, once, and how a demand goes its way."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from engine import shipped
from engine.core.case import Case, Measure, Stage
from engine.core.radar import Known, Register, touched
from engine.core.replay import Differs
from engine.delivery import deliver
from engine.errors import InputError, Refused
from engine.services.cases import Deed, demand_participation, reserved
from engine.services.radar import alike, sweep, tell
from engine.services.reading import file_of, house_of
from engine.services.tables import TableError
from engine.services.verify import replayed
from tests.conftest import MakePlace
from tests.installation import House, house

ROOT = Path(__file__).parents[1]
REAL = ROOT.parent / "shared" / "data" / "oparl-2024"
COUNCIL = date(2026, 6, 11)

HEAD = "Gremium;Sitzungstag;TOP;Vorlagen-Nr.;Titel;öffentlich\n"
ANGER = "Kreistag;2026-06-11;5;2026/112;Gemeinschaftsunterkunft Am Anger;ja\n"
SECRET = "Kreistag;2026-06-11;12;2026/200;Kündigung des Dolmetscherdienstes;nein\n"
FORMAL = "Kreistag;11.06.2026;1;;Eröffnung der Sitzung;ja\n"
"""A row as the council office writes it."""


@pytest.fixture(params=["sqlite-wal", "postgres"])
def county(
    request: pytest.FixtureRequest, make_place: MakePlace, tmp_path: Path
) -> Iterator[House]:
    """The demo county on each kind of database."""
    made = house(tmp_path / "haus", make_place(request.param).url)
    yield made
    made.app.close()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[House]:
    """The demo county on one SQLite file."""
    made = house(tmp_path / "haus")
    yield made
    made.app.close()


def agenda(county: House, *rows: str) -> str:
    """Return the path of an agenda with these rows."""
    path = county.folder / "tagesordnung.csv"
    path.write_text(HEAD + "".join(rows), "utf-8")
    return str(path)


def radar_mails(county: House) -> list[str]:
    """Return the plain text of the letters that the radar wrote."""
    files = sorted(county.app.config.mails.rglob("*.txt"))
    found = (path.read_text("utf-8") for path in files)
    return [text for text in found if "hier kein Vorhaben" in " ".join(text.split())]


def demanded(county: House, person: str = "yilmaz", **fields: object) -> Case:
    measure = Measure(
        title="Gemeinschaftsunterkunft Am Anger",
        kind="ohne_angabe",
        origin="administration",
        lead="sitzungsdienst",
        municipality="musterheide",
        facts={"betrifft_integration": True},
        stages=(Stage("Kreistag", COUNCIL, "entscheidung"),),
        reference="2026/112",
    )
    files = () if person == "yilmaz" else (("urkunde", county.paper),)
    return demand_participation(county.app, measure, Deed("", person, files=files, fields=fields))


def test_an_agenda_is_held_against_the_files(small: House) -> None:
    number = small.register(reference="BV 2026/31").number
    kita = "Kreistag;2026-06-11;7;2026/40;Satzung der Kitas;ja\n"
    same = "Kreistag;2026-06-11;8;Vorlage BV-2026/031;Begegnungszentrum;ja\n"
    near = "Kreistag;2026-06-11;9;;Neubau Begegnungszentrum;ja\n"
    past = ANGER.replace("2026-06-11", "2026-03-20")
    seen = sweep(small.app, agenda(small, FORMAL, ANGER, kita, same, near, past)).seen
    by_top = {s.item.number: s for s in seen}
    assert len(seen) == 5
    registered, probable = by_top["8"], by_top["9"]
    assert registered.match is not None and registered.match.case == number
    assert registered.standing is not None
    assert (registered.standing.state, registered.standing.settled) == ("entwurf", False)
    assert probable.match is not None and not probable.match.sure
    assert by_top["5"].touches == {"betrifft_integration": ("Gemeinschaftsunterkunft",)}
    assert (by_top["1"].match, dict(by_top["1"].touches)) == (None, {})


def test_each_office_is_told_once_in_one_letter(county: House) -> None:
    ramp = "Bauausschuss;2026-06-02;3;2026/50;Barrierefreier Umbau der Haltestellen;ja\n"
    first = sweep(county.app, agenda(county, FORMAL, ANGER, SECRET, ramp))
    told = tell(county.app, first, "sommer")
    assert told.new == {"integration": 2, "behinderung": 1}
    again = tell(county.app, sweep(county.app, agenda(county, SECRET, ANGER)), "sommer")
    assert (again.new, again.before) == ({"integration": 0}, {"integration": 2})
    more = "Kreistag;2026-06-11;6;2026/113;Einbürgerungsfeier;ja\n"
    later = tell(county.app, sweep(county.app, agenda(county, ANGER, more)), "sommer")
    assert later.new == {"integration": 1}
    with county.app.database.read() as store:
        owed = [n.office for n in store.outbox.notices() if n.letter == "radar"]
        lines = store.chains.lines("system")
    assert sorted(owed) == ["behinderung", "integration", "integration"]
    assert [e.entry.plain["told"] for e in lines if e.entry.type == "radar"].count(
        "integration"
    ) == 3


def test_the_letter_lists_the_items_and_no_word_of_a_secret_one(small: House) -> None:
    tell(small.app, sweep(small.app, agenda(small, ANGER, SECRET)), "sommer")
    deliver(small.app)
    [letter] = radar_mails(small)
    assert "Gemeinschaftsunterkunft" in letter
    assert "TOP 12" in letter and "nichtöffentlich" in letter
    assert "Dolmetscher" not in letter and "Kündigung" not in letter
    with small.app.database.read() as store:
        stored = b"".join(e.header + (e.body or b"") for e in store.chains.lines("system"))
    assert b"Dolmetscher" not in stored


def test_the_radar_swallows_no_statutory_letter(small: House) -> None:
    number = small.register().number
    small.take(number, "informieren", "weber", participation="integration")
    tell(small.app, sweep(small.app, agenda(small, ANGER)), "sommer")
    deliver(small.app)
    with small.app.database.read() as store:
        subjects = [m.subject for m in store.outbox.messages() if "yilmaz" in m.address]
    assert len(subjects) == 2
    assert any("nicht angemeldet" in s for s in subjects)
    assert not any("Tagesüberblick" in s for s in subjects)


def test_every_fault_of_an_agenda_is_told_with_its_place(small: House) -> None:
    spoilt = ANGER.replace("2026-06-11", "elfter Juni").replace(";ja", ";vielleicht")
    with pytest.raises(TableError) as refused:
        sweep(small.app, agenda(small, FORMAL, spoilt, ";2026-06-11;2;;;ja\n"))
    places = [(f.line, f.column) for f in refused.value.faults]
    assert places == [(3, 2), (3, 6), (4, 1), (4, 5)]


def test_a_database_without_the_words_says_how_to_get_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = tmp_path / "rules"
    shutil.copytree(shipped.rules(), older)
    (older / "radar.yaml").unlink()
    monkeypatch.setattr(shipped, "rules", lambda: older)
    made = house(tmp_path / "haus", anew=True)
    with pytest.raises(InputError, match=r"rules/radar\.yaml"):
        sweep(made.app, agenda(made, ANGER))
    made.app.close()


def test_a_demand_goes_from_the_agenda_to_the_statement(county: House) -> None:
    number = demanded(county, gruende="Aus der Tagesordnung.").number
    county.take(number, "federfuehrung_angeben", "sommer", fields={"stelle": "fb-soziales"})
    followed = county.take(number, "verlangen_folgen", "weber", files=(("vorlage", county.paper),))
    assert (followed.state, followed.measure.lead) == ("entwurf", "fb-soziales")
    county.take(number, "informieren", "weber", participation="integration")
    with county.app.database.read() as store:
        kept = store.cases.get(number)
    assert (kept.state, kept.measure.lead) == ("in_beteiligung", "fb-soziales")
    again = replayed(county.app, number)
    assert not isinstance(again, Differs), again
    assert again == kept


def test_a_demand_on_paper_is_recorded_with_its_original_and_told_to_its_author(
    small: House,
) -> None:
    case = demanded(small, "sommer", stelle="integration", verfasst_von="A. Yilmaz")
    told = {(n.office, n.letter) for n in file_of(small.app, case.number).notices}
    assert told == {("sitzungsdienst", "verlangen"), ("integration", "verlangen_erfasst")}
    with pytest.raises(Refused, match="cannot demand"):
        demanded(small, "weber")


def test_the_own_acts_of_the_demanding_office_need_her_log_in(small: House) -> None:
    case = demanded(small)
    world = house_of(small.app)
    assert reserved(world, case, Deed("verlangen_zuruecknehmen", "yilmaz", "integration"))
    assert not reserved(world, case, Deed("verlangen_folgen", "sommer", "sitzungsdienst"))


def test_the_demanded_measure_is_known_when_it_is_registered(small: House) -> None:
    number = demanded(small).number
    planned = Measure("Anderer Titel", "x", "administration", "fb-soziales", "musterheide")
    twin = alike(small.app, replace(planned, reference="DS 2026/0112"))
    assert twin is not None
    assert (twin.case, twin.sure) == (number, True)
    near = alike(small.app, replace(planned, title="Gemeinschaftsunterkunft Anger"))
    assert near is not None
    assert (near.case, near.sure) == (number, False)
    assert alike(small.app, planned) is None


needs_real = pytest.mark.skipif(not REAL.is_dir(), reason="the public records are not here")


@needs_real
def test_a_year_of_a_large_city_is_found_again_by_number_and_by_title(small: House) -> None:
    swept = sweep(small.app, str(REAL), since=date(2000, 1, 1))
    papers = [s.item for s in swept.seen if s.item.reference]
    assert (len(swept.seen), len(papers)) == (1440, 758)
    known = [Known(str(n), i.reference, i.title) for n, i in enumerate(papers)]
    numbered = Register(known, swept.vocabulary)
    assert all((m := numbered.match(i.reference, i.title)) and m.sure for i in papers)
    titles = {i.reference: i.title for i in papers}
    by_title = Register([Known(r or "", None, t) for r, t in titles.items()], swept.vocabulary)
    found = [(i, by_title.match(None, i.title)) for i in papers]
    hits = [(i, m) for i, m in found if m is not None]
    right = [i for i, m in hits if _one_matter(m.case, i.reference) or titles[m.case] == i.title]
    assert len(hits) > 0.8 * len(papers)
    assert len(right) > 0.98 * len(hits)


def _one_matter(one: str, other: str | None) -> bool:
    return one.split("/")[:2] == (other or "").split("/")[:2]


@needs_real
def test_hints_stay_rare_enough_to_be_read(small: House) -> None:
    swept = sweep(small.app, str(REAL), since=date(2000, 1, 1))
    hinted = [s for s in swept.seen if touched(s.item.title, swept.vocabulary)]
    assert 0.1 < len(hinted) / len(swept.seen) < 0.25

"""The radar: what belongs together is found, what does not is left alone, nothing secret is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import shipped
from engine.core.case import Case
from engine.core.procedure import register, settle
from engine.core.radar import (
    AgendaItem,
    Because,
    Known,
    Register,
    Stems,
    Vocabulary,
    concerned,
    identity,
    reference_parts,
    sightings,
    standing,
    touched,
)
from engine.definitions.radar import read_radar
from engine.errors import Refused
from engine.strictyaml import DefinitionError
from tests.musterheide import (
    INTEGRATION,
    PAPER,
    act,
    after,
    definitions,
    informed,
    library,
    measure,
    registered,
    roster,
    state,
    world,
)

DAY = date(2026, 3, 23)
COUNCIL = date(2026, 6, 11)


@lru_cache(maxsize=1)
def words() -> Vocabulary:
    found = definitions().radar
    assert found is not None
    return found


def item(title: str, reference: str | None = None, **more: object) -> AgendaItem:
    usual = AgendaItem("Kreistag", COUNCIL, "5", reference, title)
    return replace(usual, **more)  # type: ignore[arg-type]


CASES = (
    Known("V-2026-0001", "BV 2026/0012", "Neubau eines Begegnungszentrums in der Lindenstraße"),
    Known("V-2026-0002", "2026/31", "Bebauungsplan Nr. 12 „Am Anger“"),
    Known("V-2026-0003", None, "Satzung über die Benutzung der Kreisbibliothek"),
)


@pytest.mark.parametrize(
    "written",
    ["BV 2026/0012", "Vorlage BV-2026/12", "Drucksache Nr. bv/2026/012", "BV2026/0012"],
)
def test_a_number_is_the_same_however_it_is_written(written: str) -> None:
    match = Register(CASES, words()).match(written, "ein ganz anderer Titel")
    assert match is not None
    assert (match.case, match.sure) == ("V-2026-0001", True)


@pytest.mark.parametrize(
    "written", ["IV 2026/0012", "2026/12", "BV 2026/13", "BV 2025/12", "", None]
)
def test_another_series_year_or_number_is_another_paper(written: str | None) -> None:
    assert Register(CASES, words()).match(written, "ein ganz anderer Titel") is None


def test_a_supplement_proposes_the_case_of_its_paper_and_takes_nothing() -> None:
    match = Register(CASES, words()).match("BV 2026/0012/1", "Ergänzung")
    assert match is not None
    assert (match.case, match.because, match.sure) == ("V-2026-0001", Because.SUPPLEMENT, False)


@pytest.mark.parametrize(
    ("title", "case"),
    [
        ("Begegnungszentrum Lindenstraße: Neubau", "V-2026-0001"),
        ("Bebauungsplan Nr. 12 Am Anger, Beschluss", "V-2026-0002"),
        ("Bebauungsplan Nr. 13 „Am Anger“", None),
        ("Neubau einer Rettungswache in der Lindenstraße", None),
        ("Eröffnung der Sitzung", None),
        ("", None),
    ],
    ids=["beugung", "beiwerk", "andere-nummer", "anderes-haus", "formalie", "leer"],
)
def test_a_title_proposes_the_one_case_that_is_nearly_called_so(
    title: str, case: str | None
) -> None:
    match = Register(CASES, words()).match(None, title)
    assert (None if match is None else match.case) == case
    assert match is None or not match.sure


def test_of_two_cases_of_one_title_none_is_proposed() -> None:
    twins = [Known(f"V-2026-000{n}", None, "Vergabe der Reinigung") for n in (1, 2)]
    assert Register(twins, words()).match(None, "Vergabe der Reinigung") is None


TITLES = st.text(st.sampled_from("abcäßé1 9-§„“\n"), max_size=30)


@given(st.lists(TITLES, max_size=6), TITLES)
def test_a_likeness_is_a_share_and_only_a_number_is_sure(titles: list[str], title: str) -> None:
    known = [Known(f"V-{n}", None, t) for n, t in enumerate(titles)]
    match = Register(known, words()).match(None, title)
    assert match is None or (not match.sure and words().threshold <= match.likeness <= 100)


@given(st.lists(st.integers(1, 9999), min_size=1, max_size=3), st.sampled_from(" /-."))
def test_a_number_reads_back_as_its_parts(numbers: list[int], sign: str) -> None:
    written = sign.join(f"{n:05}" for n in numbers)
    assert reference_parts(f"Nr. {written}", words()) == tuple(map(str, numbers))


@pytest.mark.parametrize(
    ("title", "facts"),
    [
        ("Betreibervertrag für die Flüchtlingsunterkunft Nord", {"betrifft_integration"}),
        ("Modernisierung der Gemeinschaftsunterkunft", {"betrifft_integration"}),
        ("Barrierefreier Umbau der Haltestellen", {"betrifft_behinderung"}),
        ("Jahresbericht der Istanbul-Konvention", {"betrifft_gleichstellung"}),
        ("Sanierung der Jugendstilfassade", set()),
        ("Beförderung an der Förderschule", {"betrifft_behinderung", "betrifft_jugend"}),
        ("Schuldenbremse und Haushalt", set()),
        ("Wahl der Pflegerinnen und Pfleger der Friedhöfe", set()),
        ("Pflegestützpunkt im Südkreis", {"betrifft_senioren"}),
    ],
)
def test_words_of_a_title_hint_at_facts(title: str, facts: set[str]) -> None:
    assert set(touched(title, words())) == facts


def test_the_words_that_hint_are_told_as_they_were_written() -> None:
    found = touched("Neue Kita und Spielplätze", words())
    assert found == {"betrifft_jugend": ("Kita", "Spielplätze")}


def test_a_matched_item_is_not_read_for_hints() -> None:
    [seen] = sightings([item("Asyl", "BV 2026/12")], Register(CASES, words()), words())
    assert seen.match is not None
    assert not seen.touches


def test_of_an_item_that_is_not_public_no_word_is_kept() -> None:
    secret = item("Kündigung des Dolmetscherdienstes", public=False)
    [seen] = sightings([secret], Register((), words()), words())
    assert seen.touches == {"betrifft_integration": ()}
    offices = concerned(seen, roster(), COUNCIL)
    assert [o.id for o in offices] == ["integration"]


def test_an_item_is_remembered_by_its_sitting_and_paper_not_by_its_place() -> None:
    first = item("Kita-Satzung", "2026/7")
    moved_up = replace(first, number="3", title="Satzung der Kitas")
    assert identity(first, words()) == identity(moved_up, words())
    later = replace(first, day=date(2026, 7, 2))
    assert identity(first, words()) != identity(later, words())


def test_a_secret_title_leaves_no_trace_in_what_is_remembered() -> None:
    one, other = (item(t, public=False) for t in ("Kündigung A", "Kündigung B"))
    assert identity(one, words()) == identity(other, words())


def heard() -> Case:
    statement = act("stellungnahme", DAY, "integration", INTEGRATION, ergebnis="keine_bedenken")
    statement = replace(statement, private={"wortlaut": "Nichts."})
    return after(informed(DAY), statement)


@pytest.mark.parametrize(
    ("case", "today", "settled", "late"),
    [
        (lambda: registered(DAY).case, DAY, False, False),
        (lambda: registered(DAY).case, COUNCIL, False, True),
        (lambda: informed(date(2026, 6, 1)), date(2026, 6, 1), False, True),
        (heard, date(2026, 6, 8), True, False),
    ],
    ids=["zeit-genug", "heute-ist-sitzung", "frist-endet-danach", "abgeschlossen"],
)
def test_a_registered_item_is_late_where_participation_will_not_be_done_in_time(
    case: object, today: date, settled: bool, late: bool
) -> None:
    found = standing(case(), world(today), COUNCIL)  # type: ignore[operator]
    assert (found.settled, found.late) == (settled, late)


BAD = """version: "1"
threshold: 60
touches:
  betrifft_integratoin: {begins: [asyl]}
  betrifft_jugend: {begins: [ki], within: [Spielplatz]}
"""


def test_a_misspelt_fact_and_a_stem_too_short_are_told_at_once() -> None:
    with pytest.raises(DefinitionError) as refused:
        read_radar(BAD.encode(), "radar.yaml", facts=library().facts)
    said = refused.value.text.de
    assert "radar.yaml, Zeile 4, Spalte 3" in said
    assert "betrifft_integration" in said
    assert "Zeile 5, Spalte 30" in said


def test_stems_are_compared_in_one_writing() -> None:
    good = BAD.replace("integratoin", "integration").replace("[ki]", "[KITA]")
    found = read_radar(good.encode(), "radar.yaml", facts=library().facts)
    assert found.stems["betrifft_jugend"] == Stems(("kita",), ("spielplatz",))
    assert shipped.rules().joinpath("radar.yaml").is_file()


def demanded(day: date = DAY, office: str = "integration", **facts: bool) -> Case:
    """Return the case of a measure in which the commissioner demands to take part."""
    asked = act("beteiligung_verlangen", day, office, private={"gruende": "Aus der Zeitung."})
    stated = measure(facts=facts or {"betrifft_integration": True})
    return register("c" * 32, "V-2026-0001", stated, asked, world(day)).case


def test_a_demand_opens_a_file_whose_clock_runs_against_the_lead_department() -> None:
    case = demanded()
    [answer] = [d for d in case.deadlines if not d.participation]
    assert (case.state, state(case)) == ("verlangt", "offen")
    assert (answer.owner, answer.last_day) == ("fb-soziales", date(2026, 3, 30))
    assert answer.provision == "musterheide-hw-auskunft"


def test_an_unanswered_demand_climbs_like_any_other_duty() -> None:
    late = settle(demanded(), world(date(2026, 4, 9)))
    told = [(n.office, n.letter) for n in late.notices if not n.participation]
    assert ("dezernat-2", "eskalation") in told
    assert ("landrat", "eskalation") in told
    assert ("rechtsamt", "eskalation") in told


def test_a_department_cannot_demand_and_a_demand_cannot_register() -> None:
    asked = act("beteiligung_verlangen", DAY, "fb-soziales")
    with pytest.raises(Refused, match="not yours"):
        register("c" * 32, "V-2026-0001", measure(), asked, world(DAY))
    with pytest.raises(Refused, match="does not register"):
        register("c" * 32, "V-2026-0001", measure(), act("freigeben", DAY), world(DAY))


def test_only_an_office_that_is_heard_has_its_demand_recorded() -> None:
    paper = act(
        "verlangen_erfassen",
        DAY,
        "sitzungsdienst",
        private={"verfasst_von": "Yilmaz"},
        documents=(PAPER,),
        stelle="rechtsamt",
    )
    with pytest.raises(Refused, match="cannot demand"):
        register("c" * 32, "V-2026-0001", measure(), paper, world(DAY))
    recorded = replace(paper, given={"stelle": "integration"})
    outcome = register("c" * 32, "V-2026-0001", measure(), recorded, world(DAY))
    assert {(n.office, n.letter) for n in outcome.notices} == {
        ("fb-soziales", "verlangen"),
        ("integration", "verlangen_erfasst"),
    }


def test_who_is_called_by_no_law_cannot_be_let_in_but_gets_reasons() -> None:
    case = demanded(betrifft_integration=False)
    assert not case.participations
    with pytest.raises(Refused, match="no provision in force"):
        after(case, act("verlangen_folgen", DAY))
    refused = act("verlangen_ablehnen", DAY, private={"gruende": "Nicht berührt."})
    assert after(case, refused).state == "abgelehnt_zu_beteiligen"
    stated = act("betroffenheit_angeben", DAY, tatsachen={"betrifft_integration": True})
    assert after(case, stated, act("verlangen_folgen", DAY)).state == "entwurf"


def test_another_commissioner_cannot_withdraw_the_demand() -> None:
    with pytest.raises(Refused, match="not yours"):
        after(demanded(), act("verlangen_zuruecknehmen", DAY, "behinderung"))
    done = after(demanded(), act("verlangen_zuruecknehmen", DAY, "integration"))
    assert (done.state, state(done)) == ("abgeschlossen", "entfallen")


def test_who_refused_cannot_confirm_the_refusal() -> None:
    case = demanded()
    refused = act("verlangen_ablehnen", DAY, private={"gruende": "Nein."}, actor="weber")
    handed = act("federfuehrung_angeben", DAY, "sitzungsdienst", stelle="rechtsamt")
    own = replace(refused, office="rechtsamt", actor="neumann")
    case = after(case, handed, own)
    with pytest.raises(Refused, match="four eyes"):
        after(case, act("ablehnung_bestaetigen", DAY, "rechtsamt", private={"gruende": "Ja."}))


def test_the_right_department_takes_over_the_clock_as_it_stands() -> None:
    handed = act("federfuehrung_angeben", date(2026, 3, 25), "sitzungsdienst", stelle="dezernat-2")
    case = after(demanded(), handed)
    still = {d.name: (d.owner, str(d.last_day)) for d in case.deadlines if d.open}
    assert case.measure.lead == "dezernat-2"
    assert still["auskunft"] == ("dezernat-2", "2026-03-30")
    assert still["information"][0] == "dezernat-2"
    assert {r.generation for r in case.rungs if r.name == "auskunft"} == {2}


def test_a_decision_over_an_unanswered_demand_is_found() -> None:
    decided = act(
        "entscheiden", COUNCIL, "sitzungsdienst", gremium="vertretung", ergebnis="beschlossen"
    )
    case = after(demanded(), decided)
    assert [f.kind for f in case.findings] == ["beteiligung_unterblieben"]

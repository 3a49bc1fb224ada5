"""Votum, Einvernehmen, Benehmen and Beirat: whole cases to their end, with exact days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.case import Act, Case, DeadlineStatus, Outcome
from engine.core.examples import Supposed
from engine.core.meanings import StateMeans, StepMeans
from engine.core.procedure import advance, register, settle
from engine.core.training import Training
from engine.core.workflow import CLOCK
from engine.core.world import World
from engine.definitions.rehearsal import training
from engine.errors import Refused
from tests.musterheide import PAPER, definitions, measure, noon

PERSONNEL = "personalmassnahme"
VOTUM = "gleichstellungsbeauftragte/votum/1"
CONSENT = "personalrat/einvernehmen/1"
TALK = "personalrat/benehmen/1"
BOARD = "beirat/beirat/1"
HEARING = "beauftragte/anhoerung/1"
CONCERNS = {
    "gleichstellungsbeauftragte": "betrifft_gleichstellung",
    "personalrat": "betrifft_beschaeftigte",
    "beirat": "betrifft_senioren",
    "beauftragte": "betrifft_integration",
}
MONDAY = date(2026, 3, 23)


class County:
    """A case in the training county, where each office is held by a person of the same name."""

    def __init__(
        self,
        on: date,
        *offices: str,
        kind: str = "beschlussvorlage",
        origin: str = "administration",
        traits: Mapping[str, Any] | None = None,
        sittings: tuple[date, ...] = (),
    ) -> None:
        place: Training = training(definitions())
        place = place.supposing(Supposed(traits=traits or {}))
        self.place = place.with_sittings({"Beirat": sittings})
        self.concerns = {office: CONCERNS[office] for office in offices}
        self.vacant: frozenset[str] = frozenset()
        self.count = 0
        self.told: list[tuple[str, str]] = []
        first = self._act("anmelden", on, "fachbereich", "", documents=(PAPER,))
        about = measure(
            kind=kind,
            origin=origin,
            lead="fachbereich",
            municipality=place.place.id,
            facts=place.facts(self.concerns, {}),
            stages=(),
        )
        self.case = self._kept(register("f" * 32, "V-2026-0007", about, first, self.world(on)))

    def world(self, day: date) -> World:
        return self.place.world(day, self.concerns, self.vacant)

    def takes(
        self, step: str, day: date, office: str, about: str = "", **given: Any
    ) -> list[tuple[str, str]]:
        """Take a step; return whom it told what."""
        happened = given.pop("happened_on", day)
        documents = given.pop("documents", ())
        self.told = []
        act = self._act(
            step, day, office, about, documents=documents, happened_on=happened, **given
        )
        self.case = self._kept(advance(self.case, act, self.world(day)))
        return self.told

    def waits_until(self, day: date) -> list[tuple[str, str]]:
        """Let the clock run on to noon of a day; return whom it told what."""
        self.told = []
        self.case = self._kept(settle(self.case, self.world(day)))
        return self.told

    def last_day(self, about: str, name: str) -> date | None:
        """Return the last day of an open deadline, None if none runs."""
        held = self.case.deadline(about, name)
        running = held is not None and held.open and held.status is not DeadlineStatus.PAUSED
        return held.last_day if running and held is not None else None

    def state(self, about: str) -> str:
        found = self.case.participation(about)
        assert found is not None
        return found.state

    def informed(self, day: date, about: str) -> None:
        office = about.partition("/")[0]
        self.takes("informieren", day, "fachbereich", about)
        self.takes("eingang", day, office, about)

    def _act(
        self,
        step: str,
        day: date,
        office: str,
        about: str,
        documents: tuple[Any, ...] = (),
        happened_on: date | None = None,
        **given: Any,
    ) -> Act:
        self.count += 1
        late = happened_on not in (None, day)
        return Act(
            key=f"k{self.count}",
            step=step,
            actor=office,
            office=office,
            participation=about,
            happened_on=happened_on or day,
            recorded_at=noon(day),
            given=given,
            documents=documents,
            reason="nachgetragen" if late else None,
        )

    def _kept(self, outcome: Outcome) -> Case:
        self.told += [(n.office, n.letter) for n in outcome.notices]
        return outcome.case


def test_a_vote_not_followed_goes_through_every_stage_from_its_own_event() -> None:
    county = County(MONDAY, "gleichstellungsbeauftragte", kind=PERSONNEL)
    her, head, lead = "gleichstellungsbeauftragte", "hvb", "fachbereich"
    county.informed(date(2026, 3, 24), VOTUM)
    assert county.last_day(VOTUM, "stellungnahme") == date(2026, 4, 9)

    vote = {"ergebnis": "nicht_einverstanden", "wortlaut": "Die Auswahl war zu eng."}
    county.takes("stellungnahme", date(2026, 3, 30), her, VOTUM, **vote)
    assert county.last_day(VOTUM, "wuerdigung") == date(2026, 4, 8)

    told = county.takes("abweichen", date(2026, 3, 31), lead, VOTUM)
    assert told == [(her, "abweichung")]
    assert county.last_day(VOTUM, "begruendung_verlangen") == date(2026, 4, 1)

    county.takes("begruendung_verlangen", date(2026, 4, 1), her, VOTUM)
    assert county.last_day(VOTUM, "begruendung") == date(2026, 4, 24)

    county.takes("begruenden", date(2026, 4, 23), lead, VOTUM, gruende="Die Frist drängt.")
    assert county.last_day(VOTUM, "widerspruch") == date(2026, 4, 30)

    # Decided before her week was over: that is recorded, with a finding, and then held up.
    decision = {"gremium": "hvb", "ergebnis": "beschlossen"}
    county.takes("entscheiden", date(2026, 4, 28), head, **decision)
    assert county.case.state == "entschieden"
    assert [f.kind for f in county.case.findings].count("beteiligung_unterblieben") >= 1

    told = county.takes("widersprechen", date(2026, 4, 30), her, VOTUM, grund="§ verletzt")
    assert (head, "widerspruch") in told
    assert county.case.state == "aufgeschoben"
    assert county.last_day(VOTUM, "neuentscheidung") == date(2026, 5, 18)  # without 1 and 14 May
    with pytest.raises(Refused):
        county.takes("umsetzen", date(2026, 5, 4), lead)

    # The ten working days are a soll: overrunning them escalates and costs nobody a right.
    told = county.waits_until(date(2026, 5, 27))
    assert (head, "eskalation") in told
    assert county.case.state == "aufgeschoben"
    assert county.state(VOTUM) == "widersprochen"

    answer = {"ergebnis": "nicht_abgeholfen", "gruende": "Es bleibt dabei."}
    county.takes("erneut_entscheiden", date(2026, 5, 27), head, VOTUM, **answer)
    assert county.last_day(VOTUM, "zweite_stufe") == date(2026, 6, 1)  # Saturday 30 May rolls
    assert county.case.state == "aufgeschoben"

    county.takes("zweite_stufe_beantragen", date(2026, 6, 1), her, VOTUM, grund="Ich bleibe dabei.")
    assert county.last_day(VOTUM, "neuentscheidung") == date(2026, 6, 15)

    told = county.takes("hoehere_entscheidung", date(2026, 6, 12), head, VOTUM, **answer)
    assert ("fachbereich", "aussetzung_beendet") in told
    assert county.case.state == "entschieden"
    assert county.state(VOTUM) == "endgueltig"
    assert county.last_day(VOTUM, "klage") == date(2026, 7, 13)  # Sunday 12 July rolls


def test_the_month_for_the_court_reminds_nobody_but_her_and_outlives_the_case() -> None:
    county = County(
        MONDAY, "gleichstellungsbeauftragte", kind=PERSONNEL, traits={"higher_stage": False}
    )
    her = "gleichstellungsbeauftragte"
    county.takes("widersprechen", MONDAY, her, VOTUM, grund="vorab")
    assert county.state(VOTUM) == "offen"
    county.informed(MONDAY, VOTUM)
    vote = {"ergebnis": "nicht_einverstanden", "wortlaut": "Nein."}
    county.takes("stellungnahme", MONDAY, her, VOTUM, **vote)
    county.takes("abweichen", MONDAY, "fachbereich", VOTUM)
    county.takes("widersprechen", MONDAY, her, VOTUM, grund="Nein.")
    answer = {"ergebnis": "nicht_abgeholfen", "gruende": "Doch."}
    county.takes("erneut_entscheiden", MONDAY, "hvb", VOTUM, **answer)
    county.takes("zurueckziehen", date(2026, 3, 24), "fachbereich", grund="erledigt")
    assert county.last_day(VOTUM, "klage") == date(2026, 4, 23)
    told = county.waits_until(date(2026, 4, 24))
    assert {office for office, letter in told if letter == "erinnerung"} == {her}


@pytest.mark.parametrize(
    ("silence", "after_the_period", "late_objection"),
    [
        pytest.param("approval", "gebilligt", "ohne_widerspruch", id="BGleiG § 32 Abs. 2 Satz 4"),
        pytest.param("right_lost", "abgelaufen", "ohne_widerspruch", id="LGG § 23 Abs. 1"),
        pytest.param("none", "abgelaufen", "widersprochen", id="BbgKVerf § 17 Abs. 3"),
    ],
)
def test_silence_means_what_the_provision_says_and_nothing_else(
    silence: str, after_the_period: str, late_objection: str
) -> None:
    traits = {"silence": silence}
    county = County(MONDAY, "gleichstellungsbeauftragte", kind=PERSONNEL, traits=traits)
    county.informed(date(2026, 3, 24), VOTUM)
    county.waits_until(date(2026, 4, 10))
    assert county.state(VOTUM) == after_the_period

    county = County(MONDAY, "gleichstellungsbeauftragte", kind=PERSONNEL, traits=traits)
    her = "gleichstellungsbeauftragte"
    county.informed(MONDAY, VOTUM)
    vote = {"ergebnis": "nicht_einverstanden", "wortlaut": "Nein."}
    county.takes("stellungnahme", MONDAY, her, VOTUM, **vote)
    county.takes("abweichen", MONDAY, "fachbereich", VOTUM)
    county.waits_until(date(2026, 3, 31))
    assert county.state(VOTUM) == "ohne_widerspruch"
    county.takes("widersprechen", date(2026, 4, 1), her, VOTUM, grund="spät")
    assert county.state(VOTUM) == late_objection


def test_reasons_cannot_be_demanded_once_their_day_is_over() -> None:
    county = County(MONDAY, "gleichstellungsbeauftragte", kind=PERSONNEL)
    her = "gleichstellungsbeauftragte"
    county.informed(MONDAY, VOTUM)
    vote = {"ergebnis": "nicht_einverstanden", "wortlaut": "Nein."}
    county.takes("stellungnahme", MONDAY, her, VOTUM, **vote)
    county.takes("abweichen", MONDAY, "fachbereich", VOTUM)
    with pytest.raises(Refused, match="begruendung_verlangen"):
        county.takes("begruendung_verlangen", date(2026, 3, 25), her, VOTUM)
    county.takes("widersprechen", date(2026, 3, 25), her, VOTUM, grund="auch ohne Gründe")
    assert county.state(VOTUM) == "widersprochen"


def test_a_suspension_by_hand_does_not_end_with_the_decision_on_an_objection() -> None:
    county = County(MONDAY, "gleichstellungsbeauftragte", kind=PERSONNEL)
    decision = {"gremium": "hvb", "ergebnis": "beschlossen"}
    county.takes("entscheiden", MONDAY, "hvb", **decision)
    county.takes("aussetzen", MONDAY, "hvb", grund="Die Beteiligung wird nachgeholt.")
    her = "gleichstellungsbeauftragte"
    county.takes("widersprechen", MONDAY, her, VOTUM, grund="Nicht gehört.")
    county.takes("widerspruch_zuruecknehmen", MONDAY, her, VOTUM)
    assert county.case.state == "ausgesetzt"


def test_without_consent_the_paper_is_never_released_but_a_decision_is_recorded() -> None:
    county = County(MONDAY, "personalrat", kind=PERSONNEL)
    county.informed(date(2026, 3, 24), CONSENT)
    assert county.last_day(CONSENT, "stellungnahme") == date(2026, 4, 9)
    county.takes("verweigern", date(2026, 4, 7), "personalrat", CONSENT, gruende="Überlastung")
    assert county.last_day(CONSENT, "stufenverfahren") == date(2026, 4, 21)
    board = {"stelle": "einigungsstelle", "grund": "Wir bleiben dabei."}
    county.takes("stufe_anrufen", date(2026, 4, 20), "fachbereich", CONSENT, **board)
    assert county.last_day(CONSENT, "stufenentscheidung") == date(2026, 5, 20)
    outcome = {"ergebnis": "nicht_ersetzt", "gruende": "Die Last ist zu groß."}
    county.takes("ergebnis_eintragen", date(2026, 5, 19), "hvb", CONSENT, **outcome)
    assert county.state(CONSENT) == "nicht_ersetzt"
    for step in ("freigeben", "umsetzen"):
        with pytest.raises(Refused, match="consent not replaced"):
            county.takes(step, date(2026, 5, 20), "fachbereich")
    decision = {"gremium": "hvb", "ergebnis": "beschlossen"}
    county.takes("entscheiden", date(2026, 5, 20), "hvb", **decision)
    assert county.case.state == "entschieden"
    assert [f.kind for f in county.case.findings] == ["beteiligung_unterblieben"]


def test_silence_leaves_consent_open_and_climbs_to_a_human() -> None:
    county = County(MONDAY, "personalrat", kind=PERSONNEL)
    county.informed(date(2026, 3, 24), CONSENT)
    told = county.waits_until(date(2026, 4, 10))
    assert (county.state(CONSENT), county.last_day(CONSENT, "klaerung")) == (
        "zustimmung_offen",
        date(2026, 4, 16),
    )
    assert ("personalrat", "zustimmung_offen") in told
    assert not any(letter == "gilt_als_gebilligt" for _, letter in told)
    told = county.waits_until(date(2026, 4, 27))
    assert ("hvb", "eskalation") in told
    with pytest.raises(Refused, match="consent open"):
        county.takes("freigeben", date(2026, 4, 27), "fachbereich")


def test_concerns_are_talked_over_before_they_are_departed_from() -> None:
    county = County(MONDAY, "personalrat", kind="mitwirkung")
    county.informed(date(2026, 3, 24), TALK)
    concerns = {"ergebnis": "bedenken", "wortlaut": "Zu wenig Personal."}
    county.takes("stellungnahme", date(2026, 3, 26), "personalrat", TALK, **concerns)
    assert county.last_day(TALK, "eroerterung") == date(2026, 4, 13)
    with pytest.raises(Refused, match="concerns raised"):
        county.takes("abweichen", date(2026, 3, 27), "fachbereich", TALK, gruende="Kosten")
    with pytest.raises(Refused):
        county.takes("eroerterung_ausgeblieben", date(2026, 3, 27), "fachbereich", TALK, grund="–")
    held = {"ergebnis": "nicht_geeinigt", "tag": "2026-03-31", "verlauf": "Beide Seiten gehört."}
    county.takes("eroertern", date(2026, 3, 31), "fachbereich", TALK, **held)
    told = county.takes("abweichen", date(2026, 4, 1), "fachbereich", TALK, gruende="Kosten")
    assert told == [("personalrat", "abweichung")]
    county.takes("freigeben", date(2026, 4, 2), "fachbereich")
    assert county.case.state == "freigegeben"


def test_a_board_answers_at_its_own_sitting_or_asks_for_more_time_the_same_day() -> None:
    county = County(MONDAY, "beirat", kind="beiratsvorlage", sittings=(date(2026, 4, 14),))
    county.informed(date(2026, 3, 24), BOARD)
    assert county.last_day(BOARD, "stellungnahme") == date(2026, 4, 24)
    assert county.last_day(BOARD, "sitzung") == date(2026, 4, 14)
    county.waits_until(date(2026, 3, 25))
    assert county.state(BOARD) == "beschluss_erwartet"

    county = County(MONDAY, "beirat", kind="beiratsvorlage", sittings=(date(2026, 4, 27),))
    county.informed(date(2026, 3, 24), BOARD)
    assert county.last_day(BOARD, "sitzung") is None
    told = county.waits_until(date(2026, 3, 25))
    assert county.state(BOARD) == "zeit_verlangt"
    assert ("fachbereich", "sitzung_fehlt") in told
    more = {"bis": "2026-04-28", "grund": "Sitzung am 27.04."}
    county.takes("frist_verlaengern", date(2026, 3, 26), "fachbereich", BOARD, **more)
    assert county.last_day(BOARD, "sitzung") == date(2026, 4, 27)


def test_a_refused_extension_is_not_asked_for_again_by_the_clock() -> None:
    county = County(MONDAY, "beirat", kind="beiratsvorlage")
    county.informed(date(2026, 3, 24), BOARD)
    county.waits_until(date(2026, 3, 25))
    refusal = {"grund": "Die Fördermittel verfallen."}
    county.takes("verlaengerung_ablehnen", date(2026, 3, 25), "fachbereich", BOARD, **refusal)
    told = county.waits_until(date(2026, 4, 13))
    assert county.state(BOARD) == "beschluss_erwartet"
    assert not any(letter == "sitzung_fehlt" for _, letter in told)


DAYS = st.dates(date(2025, 1, 2), date(2027, 11, 30))


@given(
    begun=DAYS,
    asked_after=st.integers(0, 25),
    longer=st.one_of(st.none(), st.integers(1, 40)),
    paused=st.one_of(st.none(), st.integers(0, 10)),
)
@settings(max_examples=150, deadline=None)
def test_the_time_of_the_board_always_ends_before_hers(
    begun: date, asked_after: int, longer: int | None, paused: int | None
) -> None:
    county = County(begun, "beauftragte")
    county.informed(begun, HEARING)
    if paused is not None:
        county.takes("rueckfrage", begun, "beauftragte", HEARING, frage="Wer übersetzt?")
        begun += timedelta(days=paused)
        county.takes("antworten", begun, "fachbereich", HEARING, antwort="Der Dienst.")
    asked = begun + timedelta(days=asked_after)
    county.waits_until(asked)
    if county.state(HEARING) != "informiert":
        return
    try:
        county.takes("beirat_anhoeren", asked, "beauftragte", HEARING, frage="Was meinen Sie?")
    except Refused:
        hers = county.last_day(HEARING, "stellungnahme")
        assert hers is not None
        assert not any(
            county.world(asked).calendar(county.case.measure.municipality).is_working_day(day)
            for n in range((hers - asked).days)
            for day in [asked + timedelta(days=n)]
        )
        return
    if longer is not None:
        hers = county.last_day(HEARING, "stellungnahme")
        assert hers is not None
        more = {"bis": (hers + timedelta(days=longer)).isoformat(), "grund": "Ferien"}
        county.takes("frist_verlaengern", asked, "fachbereich", HEARING, **more)
    the_board, hers = county.last_day(HEARING, "beirat"), county.last_day(HEARING, "stellungnahme")
    assert the_board is not None
    assert hers is not None
    assert asked <= the_board < hers
    county.waits_until(hers)
    assert county.state(HEARING) == "informiert"
    county.waits_until(hers + timedelta(days=1))
    assert county.state(HEARING) == "abgelaufen"


@given(begun=DAYS, sits_after=st.integers(1, 60))
@settings(max_examples=60, deadline=None)
def test_no_sitting_after_the_period_counts_as_the_boards_own(begun: date, sits_after: int) -> None:
    sitting = begun + timedelta(days=sits_after)
    county = County(begun, "beirat", kind="beiratsvorlage", sittings=(sitting,))
    county.informed(begun, BOARD)
    hers, own = county.last_day(BOARD, "stellungnahme"), county.last_day(BOARD, "sitzung")
    assert hers is not None
    assert own == (sitting if sitting <= hers else None)


def test_who_comes_first_is_asked_first_unless_a_reason_is_told() -> None:
    county = County(MONDAY, "gleichstellungsbeauftragte", "personalrat", kind=PERSONNEL)
    with pytest.raises(Refused):
        county.takes("informieren", MONDAY, "fachbereich", CONSENT)
    reason = {"parallelgrund": "Die Bewerbungsfrist läuft."}
    told = county.takes("informieren", MONDAY, "fachbereich", CONSENT, **reason)
    assert ("gleichstellungsbeauftragte", "parallel") in told

    county = County(MONDAY, "gleichstellungsbeauftragte", "personalrat", kind=PERSONNEL)
    county.takes("informieren", MONDAY, "fachbereich", VOTUM)
    county.takes("verzichten", MONDAY, "gleichstellungsbeauftragte", VOTUM, grund="Einzelfall")
    county.takes("informieren", MONDAY, "fachbereich", CONSENT)
    assert county.state(CONSENT) == "bereitgestellt"


def test_a_vacancy_that_ends_is_noticed_and_the_information_is_owed_again() -> None:
    county = County(MONDAY, "beauftragte")
    county.vacant = frozenset({"beauftragte"})
    county.takes("vakanz_feststellen", MONDAY, "fachbereich", HEARING)
    county.takes("freigeben", MONDAY, "fachbereich")
    assert county.last_day(HEARING, "besetzung") == date(2026, 4, 8)
    told = county.waits_until(date(2026, 4, 9))
    assert ("hvb", "vakanz") in told
    assert county.case.state == "freigegeben"
    county.vacant = frozenset()
    told = county.waits_until(date(2026, 4, 23))
    assert ("fachbereich", "vakanz_beendet") in told
    assert county.state(HEARING) == "offen"
    assert county.case.state == "in_beteiligung"


def test_a_motion_is_passed_on_by_the_council_office_the_same_day() -> None:
    county = County(MONDAY, "beauftragte", origin="fraction")
    assert county.state(HEARING) == "antrag_weiterzugeben"
    assert county.last_day(HEARING, "weitergabe") == MONDAY
    held = county.case.deadline(HEARING, "weitergabe")
    assert held is not None
    assert held.owner == "sitzungsdienst"
    assert ("sitzungsdienst", "ueberfaellig") in county.waits_until(date(2026, 3, 24))
    told = county.takes("weitergeben", date(2026, 3, 25), "sitzungsdienst", HEARING)
    assert told == [("beauftragte", "fraktionsantrag")]
    county.takes("eingang", date(2026, 3, 25), "beauftragte", HEARING)
    assert county.last_day(HEARING, "stellungnahme") == date(2026, 4, 1)
    assert county.case.findings == ()


def test_by_the_old_law_the_head_may_object_from_the_signed_minutes_on() -> None:
    """§ 55 BbgKVerf (2007): two weeks from the signed minutes; the new law counts otherwise."""
    county = County(date(2024, 5, 6), "beauftragte")
    decision = {"gremium": "vertretung", "ergebnis": "beschlossen"}
    county.takes("entscheiden", date(2024, 5, 13), "sitzungsdienst", **decision)
    assert "bbgkverf-2007-55" in county.case.findings[0].remedies
    assert county.last_day("", "abhilfe") is None
    county.takes("niederschrift_eintragen", date(2024, 5, 21), "sitzungsdienst")
    assert county.last_day("", "abhilfe") == date(2024, 6, 4)
    county.takes("beanstanden", date(2024, 6, 3), "hvb", feststellung=1, grund="Nicht beteiligt.")
    assert county.case.state == "ausgesetzt"
    assert county.last_day("", "abhilfe") is None


def test_urgency_lifts_no_right() -> None:
    county = County(MONDAY, "beauftragte")
    told = county.takes("eilentscheidung", MONDAY, "hvb", gruende="Hochwasser")
    assert county.case.state == "eilentschieden"
    assert [f.kind for f in county.case.findings] == ["beteiligung_unterblieben"]
    assert ("sitzungsdienst", "eilentscheidung") in told
    with pytest.raises(Refused):
        county.takes("umsetzen", MONDAY, "fachbereich")
    answer = {"ergebnis": "genehmigt", "gremium": "vertretung"}
    county.takes("genehmigen", date(2026, 4, 14), "sitzungsdienst", **answer)
    assert county.case.state == "entschieden"
    assert len(county.case.findings) == 1


FORMS = ("votum", "einvernehmen", "benehmen", "beirat")


@pytest.mark.parametrize("form", FORMS)
def test_every_state_that_waits_has_a_deadline_and_its_ladder_ends_at_a_human(form: str) -> None:
    library = definitions().library
    workflow = library.for_form(form)
    for state in workflow.states.values():
        if state.means is not StateMeans.WAITING:
            continue
        rules = [d for d in workflow.deadlines.values() if state.id in d.states]
        assert rules, state.id
        assert any(rule.lapse is not None or rule.ladder == "dienstpflicht" for rule in rules), (
            state.id
        )


@pytest.mark.parametrize("form", [*FORMS, "anhoerung"])
def test_what_belongs_to_the_office_reminds_nobody_else(form: str) -> None:
    library = definitions().library
    for rule in library.for_form(form).deadlines.values():
        if rule.owner == "office" and rule.ladder is not None:
            told = {t.target for r in library.ladders[rule.ladder].rungs for t in r.tells}
            assert told <= {"owner", "deputy", "office"}


@pytest.mark.parametrize("form", FORMS)
def test_the_clock_consents_to_nothing_and_objects_to_nothing(form: str) -> None:
    hers = {StepMeans.CONSENT, StepMeans.REFUSAL, StepMeans.OBJECTION, StepMeans.STATEMENT}
    workflow = definitions().library.for_form(form)
    assert not [s.id for s in workflow.steps.values() if s.means in hers and CLOCK in s.by]

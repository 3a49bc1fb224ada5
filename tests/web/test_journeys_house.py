"""Those who keep the house walk their journeys: legal office, council office, administrator.

In a real browser, by keyboard alone, with a script and without, as in test_journeys.
"""

from __future__ import annotations

import time
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from engine import shipped
from engine.services.reading import file_of, house_of
from engine.store.outbox import Ending
from tests.web.county import County
from tests.web.keyboard import ADMINISTRATION, Keyboard
from tests.web.test_admin import a_mail, closures, visitor
from tests.web.test_journeys import (
    BOTH,
    at_keyboard,
    heard,
    informed,
    numbered,
    of_the_case,
    paper,
    registered,
    sitting,
)

__all__ = ["paper"]

MOST_PATIENCE = 180
"""Seconds for which the proof of all procedures may take on a busy machine; ten on a quiet one."""


# The legal office


@BOTH
def test_the_legal_office_follows_a_finding_to_its_end(
    browser: Browser, served: County, paper: Path, script: bool
) -> None:
    title = f"Verkauf des Jugendhauses {script}"
    number = registered(served, title, paper)
    decided = {"gremium": "vertretung", "ergebnis": "beschlossen"}
    of_the_case(served, number, "sommer", "entscheiden", **decided)
    with at_keyboard(browser, served, "Ute Neumann", script) as hands:
        hands.press("Lagebild")
        hands.press("Verkettung prüfen")
        hands.sees("Unversehrt", "Zuletzt geprüft")
        hands.press("Feststellungen")
        hands.sees("Einträge können nicht gelöscht werden.")
        hands.press("Beteiligung unterblieben", number)
        hands.sees(title, "Abweichung von", "§")
        hands.press("Abhilfe eintragen")
        hands.write("Wortlaut", "Die Anhörung ist bis zum Monatsende nachzuholen.")
        hands.press("Abhilfe eintragen", key="Space")
        hands.sees("bis zum Monatsende nachzuholen")
        hands.press("Feststellung bewerten")
        hands.pick("Abweichung", "Bewertung")
        hands.write("Gründe", "Ein Versehen, nachgeholt.")
        hands.press("Feststellung bewerten", key="Space")
        hands.sees("bestätigt", "Ein Versehen, nachgeholt.")
        hands.press("Feststellungen")
        hands.press("Bewertet")
        hands.sees(number)


@BOTH
def test_the_legal_office_shows_how_each_day_was_counted_and_each_letter_went(
    browser: Browser, served: County, script: bool
) -> None:
    with at_keyboard(browser, served, "Ute Neumann", script) as hands:
        hands.press("Fristenprotokoll")
        hands.press("Tag davor")
        hands.sees("Was an diesem Tag zu Fristen eingetragen wurde")
        hands.page.goto("/vorhaben/V-2026-0002")
        hands.press("Stellungnahmefrist")
        hands.sees("So wurde gerechnet", "§ 187", "nicht gezählt")
        hands.press("Nachrechnen")
        hands.sees("führt heute zu demselben Tag")
        hands.press("V-2026-0002")
        hands.press("Akte prüfen")
        hands.sees("Unversehrt")
        saved = hands.fetch("Akte ausgeben (ZIP)")
        assert "pruefen.py" in zipfile.ZipFile(saved.path()).namelist()
        hands.press("Zustellnachweise zu diesem Vorgang")
        hands.press("", "Sven Thiel")
        hands.sees("Was die Nachricht mitteilt", "Versuche der Übergabe")


@BOTH
def test_the_legal_office_confirms_rules(browser: Browser, served: County, script: bool) -> None:
    with at_keyboard(browser, served, "Ute Neumann", script) as hands:
        hands.press("Regelpakete")
        hands.sees("ungeprüft")
        hands.unfold("Werte zeigen")
        hands.press("Hauptsatzung")
        hands.sees("Quelle", "Vorschriften")
        hands.write("Womit verglichen", "Amtsblatt Nr. 3, Seite 4")
        hands.press("Prüfen und bestätigen", key="Space")
        hands.sees("geprüft von Ute Neumann")


def test_the_legal_office_works_out_the_proof_and_checks_a_definition(
    browser: Browser, served: County
) -> None:
    with at_keyboard(browser, served, "Ute Neumann", script=False) as hands:
        hands.press("Abläufe")
        hands.press("Zum Nachweis")
        hands.press("Nachweis führen", key="Space")
        reload_until(hands, "Regeln geprüft")
        hands.press("Abläufe")
        hands.press("Neue Definition prüfen")
        hands.give("Datei", shipped.workflows() / "unterrichtung.yaml")
        hands.press("Prüfen", key="Space")
        hands.sees("Geprüfte Definition")


def reload_until(hands: Keyboard, words: str) -> None:
    """Load the page anew, as it asks for, until the work behind it is done."""
    until = time.monotonic() + MOST_PATIENCE
    while time.monotonic() < until:
        if hands.page.get_by_text(words).count():
            return
        time.sleep(0.5)
        hands.page.reload()
    raise AssertionError(f"the page never says {words!r}")


@BOTH
def test_the_legal_office_reports_draws_a_sample_and_lets_somebody_look(
    browser: Browser, served: County, script: bool
) -> None:
    with at_keyboard(browser, served, "Ute Neumann", script) as hands:
        hands.press("Bericht")
        hands.sees("Vorhaben, die in diesem Zeitraum angemeldet wurden")
        hands.press("Was wäre, wenn")
        hands.choose("Welche Frist wäre anders?", "Frist zur Stellungnahme: Anhörung")
        hands.write("Neue Dauer", "15")
        hands.choose("Einheit", "Arbeitstage")
        hands.press("Nachspielen", key="Space")
        hands.sees("nachgespielt")
        hands.press("Bericht")
        hands.press("Stichprobe")
        hands.write("Anzahl", "2")
        hands.write("Startwert", "2026-11")
        hands.press("Stichprobe ziehen", key="Space")
        hands.sees("Gezogene Vorgänge")
        assert hands.fetch("Als Tabelle (CSV)").suggested_filename.endswith(".csv")
        hands.press("Prüfzugang für diese Stichprobe")
        hands.write("Name", "Kim Aufsicht")
        hands.write("Behörde", "Kommunalaufsicht")
        hands.write("E-Mail-Adresse", f"kim-{script}@land.example")
        hands.write_day("Letzter Tag", house_of(served.app).today + timedelta(days=14))
        hands.write("Grund", "Anlasslose Prüfung")
        hands.press("Einrichten und einladen", key="Space")
        hands.sees("Kim Aufsicht")


# The council office


@BOTH
def test_the_council_office_keeps_its_sittings(
    browser: Browser, served: County, tmp_path: Path, paper: Path, script: bool
) -> None:
    body = f"Ausschuss für Kultur {script}"
    first = sitting(served) + timedelta(days=30)
    table = tmp_path / "termine.csv"
    table.write_text(f"gremium;tag\n{body};{first}\n", "utf-8")
    with at_keyboard(browser, served, "Jan Sommer", script) as hands:
        hands.press("Sitzungen")
        hands.press("Termine einlesen")
        hands.give("Datei", table)
        hands.press("Vorschau ansehen")
        hands.sees("Neue Sitzungen", body)
        hands.press("Übernehmen")
        hands.sees("Neu eingetragene Sitzungen: 1")
        hands.press("Sitzungen")
        hands.press("", body)
        title = f"Mehrsprachige Führungen {script}"
        bring_a_motion(hands, title)
        number = numbered(served, title).number
        enter_late(hands, registered(served, f"Umbau der Bühne {script}", paper))

        later = first + timedelta(days=7)
        hands.press("Verlegen")
        hands.write_day("Neuer Tag", later)
        hands.press("Betroffene Vorhaben ansehen")
        hands.sees(number, "Noch ist nichts geändert.")
        hands.press("Sitzung verlegen", key="Space")
        hands.sees("neu geplant")
        assert file_of(served.app, number).case.measure.stages[0].day == later
        hands.press("Sitzungen")
        hands.press("TOP ohne Prüfvermerk")
        hands.sees(title)
        hands.press("Jahresterminplan")
        hands.choose("Jahr", f"{later:%Y}")
        hands.press("Anzeigen")
        hands.sees("Woher die Zahlen kommen", body)
        hands.press("Sitzungskalender")
        hands.press("", body)
        hands.press("Absagen")
        hands.choose("Wohin mit den Vorhaben?", "noch offen")
        hands.press("Betroffene Vorhaben ansehen")
        hands.press("Sitzung absagen", key="Space")
        hands.sees("neu geplant")


def bring_a_motion(hands: Keyboard, title: str) -> None:
    hands.write("Worum geht es?", title)
    hands.tick("Integrationsbeauftragte")
    hands.press("Anmelden und weitergeben")
    hands.sees(title)


def enter_late(hands: Keyboard, number: str) -> None:
    """Enter a registered measure that comes onto the agenda at short notice."""
    hands.write("Nummer des Vorhabens oder der Vorlage", number)
    hands.write("Warum kurzfristig?", "Die Förderung läuft aus.")
    hands.press("Eintragen", "Warum kurzfristig?", key="Space")
    hands.sees(f"{number} ist als Tischvorlage eingetragen")


@BOTH
def test_the_council_office_takes_in_a_statement_on_paper_and_enters_outcomes(
    browser: Browser, served: County, paper: Path, script: bool
) -> None:
    number = informed(served, f"Bücherei im Bahnhof {script}", paper)
    with at_keyboard(browser, served, "Jan Sommer", script) as hands:
        hands.press("Sitzungen")
        hands.press("Eingang einer Stellungnahme")
        hands.write("Nummer des Vorhabens", number)
        hands.press("Suchen")
        hands.press("Stellungnahme aus Urkunde", number)
        hands.pick("keine Bedenken", "Ergebnis")
        hands.write("Wortlaut", "Keine Bedenken, zur Niederschrift.")
        hands.write("Verfasst von", "Aylin Yilmaz")
        hands.give("Dateien", paper)
        hands.press("Stellungnahme aus Urkunde", key="Space")
        hands.sees("Keine Bedenken, zur Niederschrift.")
        assert heard(served, number).state == "gewuerdigt"


# The administrator


@BOTH
def test_an_administrator_looks_after_the_mail(
    browser: Browser, served: County, script: bool
) -> None:
    mail = a_mail(served, Ending.DEAD, str(7 + script))
    with at_keyboard(browser, served, ADMINISTRATION, script) as hands:
        hands.press("Verwaltung")
        hands.press("Post")
        hands.write("Testnachricht an", "pruefung@musterheide.example")
        hands.press("Testnachricht senden")
        hands.sees("Testnachricht angenommen")
        hands.press("Postausgang")
        hands.sees("endgültig gescheitert")
        hands.press(f"Erneut versuchen, Nachricht {mail}")
        hands.sees("geht noch einmal hinaus")
        hands.press("Fristenlauf")
        hands.sees("Fristenlauf")


@BOTH
def test_a_changed_calendar_is_laid_before_the_legal_office_which_takes_it_over(
    browser: Browser, served: County, tmp_path: Path, script: bool
) -> None:
    days = tmp_path / "ruhe.ics"
    days.write_bytes(closures(served, 1 + script))
    with at_keyboard(browser, served, ADMINISTRATION, script) as hands:
        hands.press("Verwaltung")
        hands.press("Kalender")
        hands.give("Datei", days)
        hands.choose("Kalender, zu dem", "Brandenburg")
        hands.write("Woraus sie folgen", f"Verfügung Betriebsruhe {script}")
        hands.press("Vorschau ansehen", key="Space")
        hands.sees("Betriebsruhe", "Noch ist nichts geändert.")
        hands.press("Zur Übernahme vorlegen", key="Space")
        hands.sees("liegt jetzt dem Rechtsamt")
    with at_keyboard(browser, served, "Ute Neumann", script) as hands:
        hands.press("Kalender")
        hands.press("Brandenburg (BB)", visitor(served).name)
        hands.sees("Tage, die dazukommen", "Betriebsruhe", "Betroffene Fristen")
        hands.press("Übernehmen und protokollieren", key="Space")
        hands.sees("Übernommen und protokolliert")
    assert "Betriebsruhe" in house_of(served.app).calendars["BB"].closures.values()


@BOTH
def test_an_administrator_is_told_where_a_definition_is_wrong(
    browser: Browser, served: County, tmp_path: Path, script: bool
) -> None:
    wrong = tmp_path / "anhoerung.yaml"
    source = (shipped.workflows() / "anhoerung.yaml").read_text("utf-8")
    wrong.write_text(source.replace("to: informiert", "to: informirt", 1), "utf-8")
    with at_keyboard(browser, served, ADMINISTRATION, script) as hands:
        hands.press("Verwaltung")
        hands.press("Abläufe und Regeln")
        hands.give("Definition", wrong)
        hands.press("Prüfen", key="Space")
        reload_until(hands, "Meinten Sie")
        hands.sees("informirt")
        hands.press("Andere Datei")
        hands.reach("Umzugsplan", field=True)


@pytest.mark.parametrize(
    ("script", "person"),
    [(True, "Aylin Yilmaz"), (False, "Sven Thiel")],
    ids=["script", "no-script"],
)
def test_an_administrator_has_a_person_hand_over_before_she_leaves(
    browser: Browser, served: County, paper: Path, script: bool, person: str
) -> None:
    informed(served, "Umbau des Amtshauses", paper)
    last = house_of(served.app).today + timedelta(days=40)
    with at_keyboard(browser, served, ADMINISTRATION, script) as hands:
        hands.press("Verwaltung")
        hands.press("Personen und Stellen")
        hands.press(person)
        hands.write_day("Letzter Tag", last)
        hands.press("Person deaktivieren", key="Space")
        hands.sees("Offene Pflichten")
        hands.press("Nachfolge eintragen")
        hands.choose("Person", "Ines Vogt")
        hands.pick("hat die Stelle inne", "Aufgabe")
        hands.write_day("Von", last + timedelta(days=1))
        hands.press("Eintragen", key="Space")
        hands.press(person)
        hands.write_day("Letzter Tag", last)
        hands.press("Person deaktivieren", key="Space")
        hands.sees(f"{person} scheidet aus")


@BOTH
def test_an_administrator_opens_one_case_in_an_emergency(
    browser: Browser, served: County, script: bool
) -> None:
    with at_keyboard(browser, served, ADMINISTRATION, script) as hands:
        hands.press("Verwaltung")
        hands.press("Notzugriff")
        hands.write("Nummer des Vorgangs", "V-2026-0001")
        hands.write("Grund", "Ausfall der Vertretung")
        hands.press("Vorgang öffnen und Stellen benachrichtigen", key="Space")
        hands.sees("Notzugriff bis", "Begegnungszentrum")
        hands.press("Notzugriff beenden")
        hands.sees("Notzugriff")

"""A case from its first thought to its end, by those who bring it and those who are heard on it.

Each journey is walked in a real browser, by keyboard alone, with a script and without; the words
are those that the people read. What the other side does meanwhile comes by the services.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from engine.core.case import Case, Measure, Participation, Stage
from engine.services.cases import Deed, register_measure, take
from engine.services.reading import file_of, house_of
from tests.web.browser import tab
from tests.web.county import County
from tests.web.keyboard import Keyboard

BOTH = pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
PLACE, LEAD, HEARD = "musterheide", "fb-soziales", "integration"


@contextmanager
def at_keyboard(
    browser: Browser, county: County, person: str, script: bool = True
) -> Iterator[Keyboard]:
    """Give somebody a keyboard who has just signed in; nothing may complain meanwhile."""
    with tab(browser, base_url=county.url, script=script) as opened:
        hands = Keyboard(opened.page)
        hands.enter(person)
        yield hands
        # The browser itself notes what was sent back to be completed.
        assert [words for words in opened.problems if "422" not in words] == []


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    path = tmp_path / "vorlage.txt"
    path.write_text("Worum es geht.\n", "utf-8")
    return path


def sitting(county: County) -> date:
    return house_of(county.app).today + timedelta(days=90)


def numbered(county: County, title: str) -> Case:
    with county.app.database.read() as store:
        return next(
            store.cases.get(n) for n, _, known in store.cases.references() if known == title
        )


def registered(county: County, title: str, paper: Path) -> str:
    """Register a measure on which the commissioner for integration is heard."""
    measure = Measure(
        title=title,
        kind="beschlussvorlage",
        origin="administration",
        lead=LEAD,
        municipality=PLACE,
        facts={f: f == "betrifft_integration" for f in house_of(county.app).library.facts},
        stages=(Stage("Kreistag", sitting(county), "entscheidung"),),
    )
    deed = Deed("", county.uid("weber"), files=(("vorlage", paper),))
    return register_measure(county.app, measure, deed).number


def informed(county: County, title: str, paper: Path) -> str:
    number = registered(county, title, paper)
    other_side(county, number, "weber", "informieren")
    return number


def heard(county: County, number: str) -> Participation:
    taking_part = file_of(county.app, number).case.participations
    return next(one for one in taking_part if one.office == HEARD)


def other_side(county: County, number: str, person: str, step: str, **fields: Any) -> None:
    """Let somebody act on the participation meanwhile."""
    part = heard(county, number).key
    take(county.app, number, Deed(step, county.uid(person), participation=part, fields=fields))


def of_the_case(county: County, number: str, person: str, step: str, **fields: Any) -> None:
    """Let somebody act on the case itself meanwhile."""
    take(county.app, number, Deed(step, county.uid(person), fields=fields))


# The department head


@BOTH
def test_a_department_brings_a_measure_to_its_decision(
    browser: Browser, served: County, paper: Path, script: bool
) -> None:
    title = f"Sprachkurse im Bürgerhaus {script}"
    with at_keyboard(browser, served, "Petra Weber", script) as hands:
        hands.sees("Meine Vorhaben", "Ich bin am Zug", "Andere sind am Zug", "Abgeschlossen")
        register(hands, served, title, paper)
        number = hands.page.url.rpartition("/")[2].partition("#")[0]

        hands.press("Beteiligung einleiten")
        hands.sees("Unterlagen vollständig", "vorhanden", "Das wird gesendet")
        hands.choose("Was steht schon fest?", "noch gestaltungsfähig")
        hands.press("Jetzt informieren")
        hands.sees("Gesendet", "Der Eingang")

        other_side(served, number, "yilmaz", "eingang")
        other_side(served, number, "yilmaz", "rueckfrage", frage="Wer lehrt?")
        hands.page.goto("/")
        hands.press(number)
        hands.sees("Wer lehrt?", "Frist ruht")
        hands.press("Rückfrage beantworten")
        hands.write("Antwort", "Die Volkshochschule.")
        hands.press("Rückfrage beantworten", key="Space")
        hands.sees("Die Volkshochschule.", "Stellungnahmefrist")

        points = [{"number": n, "text": f"Punkt {n} der Sache"} for n in (1, 2, 3)]
        said = {"ergebnis": "bedenken", "wortlaut": "Zu wenige Abende.", "punkte": points}
        other_side(served, number, "yilmaz", "stellungnahme", **said)
        weigh(hands, number)
        note_for_the_paper(hands, script)

        hands.press("Zurück zum Vorgang")
        hands.press("Vorlage für das Gremium freigeben")
        hands.press("Vorlage für das Gremium freigeben", key="Space")
        hands.sees("Vorlage freigegeben")
        decided = {"gremium": "vertretung", "ergebnis": "beschlossen"}
        of_the_case(served, number, "sommer", "entscheiden", **decided)
        hands.page.goto(f"/vorhaben/{number}")
        hands.sees("entschieden")
        hands.press("Vorhaben umsetzen")
        hands.press("Vorhaben umsetzen", key="Space")
        hands.sees("umgesetzt")


@BOTH
def test_a_department_puts_right_what_was_decided_without_a_hearing(
    browser: Browser, served: County, paper: Path, script: bool
) -> None:
    number = registered(served, f"Schließung des Treffpunkts {script}", paper)
    decided = {"gremium": "vertretung", "ergebnis": "beschlossen"}
    of_the_case(served, number, "sommer", "entscheiden", **decided)
    with at_keyboard(browser, served, "Petra Weber", script) as hands:
        hands.press(number)
        hands.sees("Beteiligung unterblieben", "eine Information ist nicht dokumentiert", "§")
        hands.press("Beteiligung einleiten")
        hands.press("Jetzt informieren", key="Space")
        hands.sees("Gesendet", "Stufe 2: an Dezernat II")
        said = {"ergebnis": "hinweise", "wortlaut": "Ein Ersatz fehlt."}
        other_side(served, number, "yilmaz", "stellungnahme", **said)
        hands.page.goto(f"/vorhaben/{number}")
        hands.press("Abhilfe eintragen")
        hands.choose("Nummer der Feststellung", "Feststellung 1")
        hands.write("Wortlaut", "Die Anhörung ist nachgeholt.")
        hands.press("Abhilfe eintragen", key="Space")
        hands.sees("Eingetragen: Abhilfe eintragen")


def register(hands: Keyboard, county: County, title: str, paper: Path) -> None:
    hands.press("Vorhaben anmelden")
    hands.write("Worum geht es?", title)
    hands.write("Was ist geplant?", "Zwei Kurse je Woche, offen für alle.")
    hands.choose("Wer entscheidet?", "Kreistag")
    hands.write_day("Für wann?", sitting(county))
    hands.choose("Was steht schon fest?", "noch gestaltungsfähig")
    hands.give("Dateien", paper)
    hands.press("Weiter zur Betroffenheitsprüfung")
    for question in hands.page.locator("main legend").all_inner_texts():
        hands.pick("ja" if "Sprachangebote" in question else "nein", question)
    hands.press("Ergebnis und Zeitplan ansehen")
    hands.sees("Zu beteiligen", "§", "Nicht zu beteiligen", "Rechtzeitig möglich")
    hands.unfold("Ich sehe das anders")
    hands.sees("Ihre Begründung sieht auch die betroffene Stelle.")
    hands.press("Nur anmelden")
    hands.sees("Angemeldet als", title)


def weigh(hands: Keyboard, number: str) -> None:
    """Follow two points; not follow the third one, for which reasons are asked first."""
    hands.page.goto(f"/vorhaben/{number}")
    hands.sees("Zu wenige Abende.")
    hands.press("Stellungnahme würdigen")
    for point, answer in ((1, "folgen"), (2, "folgen"), (3, "nicht folgen")):
        hands.pick(answer, f"Punkt {point} von 3")
    hands.press("Stellungnahme würdigen", key="Space")
    hands.sees("Punkt 3: Begründen Sie")
    hands.reach("Begründung", "Punkt 3 von 3")
    hands.page.keyboard.type("Das Geld fehlt.")
    hands.press("Stellungnahme würdigen", key="Space")
    hands.sees("Das Geld fehlt.", "gewürdigt")


def note_for_the_paper(hands: Keyboard, script: bool) -> None:
    hands.press("Prüfvermerk für die Vorlage")
    hands.sees("in 2 von 3 Punkten gefolgt", "§")
    hands.press("Prüfvermerk ausstellen")
    hands.sees("Ausgestellt unter dem Prüfcode")
    if script:
        hands.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        hands.reach("Prüfvermerk kopieren")
        hands.page.keyboard.press("Enter")
        hands.sees("Kopiert")
        copied = hands.page.evaluate("navigator.clipboard.readText()")
        assert "in 2 von 3 Punkten gefolgt" in copied
        assert "Prüfcode" in copied


# The commissioner


@BOTH
def test_a_commissioner_is_heard_and_sees_what_becomes_of_it(
    browser: Browser, served: County, paper: Path, script: bool
) -> None:
    title = f"Umzug der Beratungsstelle {script}"
    number = informed(served, title, paper)
    with at_keyboard(browser, served, "Aylin Yilmaz", script) as hands:
        hands.sees("Mein Eingang", "Heute fällig", "Diese Woche", "Später", "Ruht")
        hands.press(title)
        hands.press("Eingang bestätigen")
        hands.press("Eingang bestätigen", key="Space")
        hands.sees("informiert")
        hands.write("Notiz", "Mit dem Beirat sprechen.")
        hands.press("Notiz speichern")

        declare(hands, "Rückfrage stellen", {"Rückfrage": "Wie weit ist der Weg?"})
        hands.sees("Wie weit ist der Weg?")
        hands.press("Mein Eingang")
        hands.sees("Frist ruht")
        other_side(served, number, "weber", "antworten", antwort="Zehn Minuten.")
        hands.page.reload()
        hands.press(title)
        hands.sees("Zehn Minuten.")

        later = sitting(served) - timedelta(days=60)
        hands.press("Mehr Zeit verlangen")
        hands.write_day("Neuer letzter Tag", later)
        hands.write("Grund", "Der Beirat tagt erst dann.")
        hands.press("Mehr Zeit verlangen", key="Space")
        hands.press("Abgeben")
        more = {"bis": later.isoformat(), "grund": "wie erbeten"}
        other_side(served, number, "weber", "frist_verlaengern", **more)
        hands.press("Zum Vorgang")
        hands.sees(f"{later:%d.%m.%Y}", "wie erbeten")

        hands.press("Stellungnahme abgeben")
        hands.pick("Bedenken", "Ergebnis")
        hands.write("Wortlaut", "Der neue Ort ist schlecht zu erreichen.")
        hands.write("Punkt 1", "Haltestelle verlegen")
        hands.pick("als Anlage zur Vorlage", "Zuleitung")
        hands.press("Stellungnahme abgeben", key="Space")
        hands.sees("Danach nicht mehr änderbar")
        hands.press("Abgeben")
        hands.sees("Beleg", "Prüfcode", "Haltestelle verlegen")

        no = {"number": 1, "response": "not_followed", "reason": "Die Straße ist zu schmal."}
        other_side(served, number, "weber", "wuerdigen", wuerdigung=[no])
        departed_from(hands, number)
        what_became_of_it(hands, title)


def declare(hands: Keyboard, step: str, fields: dict[str, str]) -> None:
    """Take a step that is hers alone: its form, read again, filed, and the receipt."""
    hands.press(step)
    for label, words in fields.items():
        hands.write(label, words)
    hands.press(step, key="Space")
    hands.press("Abgeben")
    hands.sees("Niemand kann es mehr ändern.")


def departed_from(hands: Keyboard, number: str) -> None:
    hands.page.goto(f"/vorhaben/{number}")
    hands.sees("Haltestelle verlegen", "Die Straße ist zu schmal.")
    hands.press("Sich an die Vertretung wenden")
    hands.pick("Kreistag", "Gremium")
    hands.write("Anliegen", "Der Kreistag möge beide Gründe hören.")
    hands.press("Sich an die Vertretung wenden", key="Space")
    hands.press("Abgeben")
    hands.sees("Der Kreistag möge beide Gründe hören.")


def what_became_of_it(hands: Keyboard, title: str) -> None:
    hands.press("Verbleib")
    hands.choose("Fachbereich", "Fachbereich Soziales")
    hands.press("Anzeigen")
    hands.sees(title, "Die Straße ist zu schmal.", "nicht gefolgt")
    hands.press("Jahresbericht erstellen")
    hands.sees("Jahresbericht 2026", "Jede Zahl führt zu den Zeilen der Akten")
    assert hands.fetch("Als Dokument herunterladen").suggested_filename
    hands.press("Mein Eingang")
    hands.press("Benachrichtigungen und Kalender-Abo")
    hands.sees("können nicht abbestellt werden")
    hands.press("Speichern")
    hands.press("Neue Adresse erzeugen")
    hands.sees("/kalender/")


@BOTH
def test_a_commissioner_waives_in_one_case_and_takes_it_back(
    browser: Browser, served: County, paper: Path, script: bool
) -> None:
    number = informed(served, f"Neuer Zaun am Bauhof {script}", paper)
    with at_keyboard(browser, served, "Aylin Yilmaz", script) as hands:
        hands.page.goto(f"/vorhaben/{number}")
        hands.press("In diesem Einzelfall verzichten")
        hands.sees("Gilt nur für dieses Vorhaben")
        hands.write("Grund", "Der Zaun steht im Hof.")
        hands.press("In diesem Einzelfall verzichten", key="Space")
        hands.press("Abgeben")
        hands.press("Zum Vorgang")
        hands.sees("Verzicht in diesem Einzelfall")
        declare(hands, "Verzicht zurücknehmen", {})
        hands.press("Zum Vorgang")
        declare(hands, "Als nicht berührt erklären", {})
        hands.press("Zum Vorgang")
        assert heard(served, number).state == "nicht_beruehrt"


@BOTH
def test_a_commissioner_demands_to_take_part_in_what_the_agenda_shows(
    browser: Browser, served: County, tmp_path: Path, script: bool
) -> None:
    title = "Sprachförderung an Schulen" if script else "Integrationskurse am Abend"
    agenda = tmp_path / "tagesordnung.csv"
    head = "gremium;sitzungstag;top;vorlagen-nr.;titel;öffentlich\n"
    agenda.write_text(f"{head}Kreistag;{sitting(served)};4;;{title};ja\n", "utf-8")
    with at_keyboard(browser, served, "Jan Sommer", script) as hands:
        hands.press("Sitzungen")
        hands.press("Tagesordnung abgleichen")
        hands.give("Tagesordnung", agenda)
        hands.press("Abgleichen")
        hands.sees(title)
        hands.press("Der Beauftragten mitteilen")
    with at_keyboard(browser, served, "Aylin Yilmaz", script) as hands:
        hands.sees("Nicht gemeldet?", "passt zu Ihrem Aufgabenbereich")
        hands.press("Beteiligung verlangen")
        hands.press("Beteiligung verlangen", title)
        hands.choose("Federführend", "Fachbereich Soziales")
        hands.write("Gründe", "Sprache betrifft meinen Bereich.")
        hands.press("Beteiligung verlangen", key="Space")
        hands.sees("Sprache betrifft meinen Bereich.")
        number = numbered(served, title).number
    with at_keyboard(browser, served, "Petra Weber", script) as hands:
        hands.press(number)
        hands.sees("Beteiligung verlangt")
        hands.press("Dem Verlangen folgen")
        hands.press("Dem Verlangen folgen", key="Space")
        hands.sees("angemeldet")

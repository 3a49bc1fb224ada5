"""The letters: whole in both languages, polite, without law of their own, and silent when they must be.

Six letters are compared with readable files in `tests/golden/letters`. After a wanted
change of words renew them with

    RENEW_GOLDEN=1 python -m pytest tests/notifications/test_mail_letters.py

and read the difference before it is committed.
"""

from __future__ import annotations

import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import UndefinedError

from notifications.blocks import WIDTH
from notifications.render import (
    LANGUAGES,
    TEMPLATES,
    BadTemplate,
    Rendered,
    Renderer,
    UnknownLetter,
    letters,
)

GOLDEN = Path(__file__).parents[1] / "golden" / "letters"
RENDERER = Renderer()

# The names under which the engine knows the letters; one that vanishes must be missed here.
PROMISED = {
    "abhilfe",
    "ablehnung_bestaetigt",
    "abweichung",
    "anrufung",
    "antwort",
    "ausgesetzt",
    "beanstandung",
    "beteiligung_angeordnet",
    "berichtigung",
    "bewertung",
    "beteiligung_unterblieben",
    "eingang_bestaetigt",
    "eingang_vermutet",
    "entscheidung",
    "ergaenzung",
    "erinnerung",
    "eskalation",
    "federfuehrung",
    "freigabe",
    "freigabe_entfaellt",
    "frist_abgelaufen",
    "betroffenheit_abweichend",
    "frist_geaendert",
    "information",
    "mehr_zeit_verlangt",
    "neue_fassung",
    "neuer_link",
    "nicht_beruehrt",
    "nicht_zustellbar",
    "plan_gefaehrdet",
    "pruefpunkt",
    "radar",
    "rueckfrage",
    "stellungnahme_erfasst",
    "stellungnahme_liegt_vor",
    "stellungnahme_verspaetet",
    "tagesueberblick",
    "testnachricht",
    "ueberfaellig",
    "unterlagen_unvollstaendig",
    "unterlagen_vervollstaendigt",
    "unterrichtung",
    "vakanz",
    "verlangen",
    "verlangen_abgelehnt",
    "verlangen_erfasst",
    "verlangen_gefolgt",
    "verlangen_zurueckgenommen",
    "verzicht",
    "verzicht_zurueckgenommen",
    "vorabinformation",
    "wuerdigung",
    "abgeschlossen",
    "wieder_geoeffnet",
    "zuleitung",
    "zurueckgezogen",
    "aeusserung",
    "anrufung_eintragen",
    "aussetzung_beendet",
    "beanstandung_ohne_wirkung",
    "begruendung",
    "begruendung_verlangt",
    "beirat_befragt",
    "eilentscheidung",
    "eilentscheidung_beraten",
    "erneut_entschieden",
    "eroerterung",
    "eroerterung_angeboten",
    "fraktionsantrag",
    "gerichtsentscheidung",
    "gilt_als_gebilligt",
    "hoehere_stufe",
    "klage",
    "mehr_zeit_abgelehnt",
    "naechster_abschnitt",
    "neue_entscheidung",
    "parallel",
    "sitzung_fehlt",
    "stufenergebnis",
    "stufenverfahren",
    "tischvorlage",
    "vakanz_beendet",
    "votum_gefolgt",
    "widerspruch",
    "widerspruch_verspaetet",
    "widerspruch_zurueckgenommen",
    "widerspruchsfrist_abgelaufen",
    "zugang_nachgewiesen",
    "zustimmung",
    "zustimmung_offen",
    "zustimmung_verweigert",
    "barriere",
    "beirat_ohne_antwort",
    "einladung",
    "kennwort_neu",
    "kontohinweis",
    "notzugriff",
    "siegel_verweigert",
    "uhr",
    "lebenszeichen",
    "mailserver",
    "unerledigt",
}

GERMAN: dict[str, object] = {
    "administration": "Landkreis Musterland",
    "office": "Fachbereich Soziales",
    "person": "Kim Wagner",
    "deputy": False,
    "reference": "V-2026-0001",
    "title": "Neubau Begegnungszentrum Süd",
    "link": "https://rechtzeitig.example/vorgang/V-2026-0001",
    "personal": None,
    "personal_until": None,
    "lead": "Fachbereich Soziales",
    "about": "Integrationsbeauftragte",
    "day": "Do., 09.04.2026",
    "days_left": 3,
    "planned": "Di., 07.04.2026",
    "period": "Stellungnahmefrist",
    "norms": ["§ 17 Abs. 3 BbgKVerf", "§ 6 Hauptsatzung"],
    "unchecked": True,
    "session": "Kreistag, Do., 11.06.2026",
    "next": "Die Integrationsbeauftragte nimmt Stellung bis Do., 09.04.2026.",
    "late": None,
    "missing": ["Kostenübersicht", "Lageplan"],
    "result": "Bedenken",
    "reason": "Wer übersetzt bei der Eröffnung?\nUnd in welche Sprachen?",
    "rung": 2,
    "ladder": [
        {"rung": 1, "who": "Fachbereich Soziales", "day": "Fr., 10.04.2026"},
        {"rung": 2, "who": "Dezernatsleitung", "day": "Di., 14.04.2026"},
    ],
    "statement": "Das Haus ist für alle da.\n\n1. Der Eingang braucht eine Rampe.\n"
    "2. Beratung soll in mehreren Sprachen stattfinden, auch abends und am Wochenende.",
    "points": [
        {"number": 1, "text": "Der Eingang braucht eine Rampe.", "response": "gefolgt",
         "reason": None},
        {"number": 2, "text": "Beratung in mehreren Sprachen, auch abends und am Wochenende.",
         "response": "nicht gefolgt", "reason": "Dafür fehlt im Stellenplan Personal."},
    ],
    "items": [],
    "training": False,
}  # fmt: skip
ENGLISH: dict[str, object] = {
    **GERMAN,
    "day": "Thu, 9 April 2026",
    "planned": "Tue, 7 April 2026",
    "period": "Period for the statement",
    "session": "County council, Thu, 11 June 2026",
    "next": "The office states its view by Thu, 9 April 2026.",
}
FACTS = {"de": GERMAN, "en": ENGLISH}
PERSONAL = f"https://rechtzeitig.example/brief/{'0a' * 32}"
UNTIL = {"de": "Di., 21.04.2026", "en": "Tue, 21 April 2026"}

NOTHING: dict[str, object] = {
    **dict.fromkeys(GERMAN),
    **{key: [] for key in ("norms", "missing", "ladder", "points", "items")},
    "administration": "Landkreis Musterland",
    "office": "Fachbereich Soziales",
    "deputy": False,
    "unchecked": False,
    "training": False,
}


def with_link(language: str) -> dict[str, object]:
    """Return the facts of a letter that brings its reader a personal link."""
    return {**FACTS[language], "personal": PERSONAL, "personal_until": UNTIL[language]}


def digest_facts(language: str) -> dict[str, object]:
    facts = FACTS[language]
    letter = RENDERER.render("information", language, facts)
    second = {**facts, "reference": "V-2026-0007", "title": None,
              "link": "https://rechtzeitig.example/vorgang/V-2026-0007"}  # fmt: skip
    protected = RENDERER.render("rueckfrage", language, second)
    items = [
        {
            **facts,
            "subject": letter.subject,
            "sentence": letter.sentence,
            "personal": PERSONAL,
            "until": UNTIL[language],
            "protected": False,
        },
        {**second, "subject": protected.subject, "sentence": protected.sentence},
    ]
    return {
        **NOTHING,
        "person": "Kim Wagner",
        "link": "https://rechtzeitig.example/",
        "items": items,
    }


def visible(html: str) -> str:
    """Return what a reader of the HTML mail reads, without the head."""
    words: list[str] = []
    depth: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            depth.append(tag)

        def handle_endtag(self, tag: str) -> None:
            while depth and depth.pop() != tag:
                pass

        def handle_data(self, data: str) -> None:
            if "body" in depth:
                words.append(data)

    Reader().feed(html)
    return " ".join(" ".join(words).split())


class Structure(HTMLParser):
    """Counts tags and demands that each that opens is closed in order."""

    VOID = frozenset({"meta", "br"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.stack: list[str] = []
        self.feed(html)
        self.close()
        assert self.stack == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"href", "src"}]
        if tag not in self.VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag


EVERY = [pytest.param(le, la, id=f"{la}-{le}") for la in LANGUAGES for le in sorted(letters())]
every_letter = pytest.mark.parametrize(("letter", "language"), EVERY)


def test_both_languages_have_every_letter_that_was_promised() -> None:
    for language in LANGUAGES:
        folders = {path.parent.name for path in (TEMPLATES / language).glob("*/letter.txt")}
        assert folders == letters() == PROMISED


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(r"§|\bArt\.|\bAbs\.", id="no-law-of-their-own"),
        pytest.param(r"\b(ticket|task|deadline|user|workflow)s?\b", id="no-jargon"),
        pytest.param(r"genehmigt|zugestimmt|approved|consented", id="silence-is-no-consent"),
        pytest.param(r"versäum|Verstoß|failed|missed|neglect|violat", id="no-blame"),
        pytest.param(r"\b\w+(er|e)/-?(in|r)\b|[a-z]\*in|[a-z]:in\b", id="readable-for-all"),
    ],
)
def test_no_letter_contains_what_does_not_belong_there(words: str) -> None:
    files = [path for path in TEMPLATES.rglob("*") if path.suffix in {".txt", ".html"}]
    assert len(files) == 2 * len(PROMISED) + 4
    for file in files:
        found = re.search(words, file.read_text("utf-8"), re.IGNORECASE)
        assert found is None, f"{file.relative_to(TEMPLATES)}: {found}"


LEFT_OVER = re.compile(r"\bNone\b|\bTrue\b|\bFalse\b|  |\(\)| [.,;:]|\.\.|\u2028|\{|\}|: *$|–:")


@every_letter
@pytest.mark.parametrize("known", ["everything", "nothing", "reference and date"])
def test_every_letter_reads_well_whatever_is_known(letter: str, language: str, known: str) -> None:
    facts = FACTS[language]
    facts = {"everything": facts, "nothing": NOTHING}.get(known, {**facts, "title": None})
    told = RENDERER.render(letter, language, facts)
    assert LEFT_OVER.search(told.subject) is None
    body = told.text.partition("\n\n")[2]
    for paragraph in re.split(r"\n\n", body):
        flat = re.sub(r"\n[> ]*", " ", paragraph.strip())
        if re.match(r"[A-ZÄÖÜ][\w ]+: {2,}", paragraph) or paragraph.startswith(("-", ">")):
            continue  # rows, lists and quotations are set, not written
        assert LEFT_OVER.search(flat.removesuffix(":")) is None, paragraph
        assert flat[0].isupper() or flat.startswith("http"), paragraph
    assert told.text.count("\n\n\n") == 0
    assert told.sentence.endswith(".")


@every_letter
def test_lines_are_short_enough_for_any_mail_program(letter: str, language: str) -> None:
    for line in RENDERER.render(letter, language, FACTS[language]).text.splitlines():
        assert len(line) <= WIDTH or line.startswith("https://")
        assert line == line.rstrip()


@every_letter
def test_both_forms_of_a_letter_say_the_same_words(letter: str, language: str) -> None:
    facts = digest_facts(language) if letter == "tagesueberblick" else FACTS[language]
    told = RENDERER.render(letter, language, facts)
    text = " ".join(re.sub(r"(?m)^(> ?|- |https://\S+$)", "", told.text).split())
    for word in set(text.split()):
        assert word.rstrip(":") in visible(told.html), word
    for word in set(visible(told.html).split()):
        assert word.rstrip(":") in text.replace(":", ""), word


@every_letter
def test_an_html_letter_is_whole_and_fetches_nothing(letter: str, language: str) -> None:
    html = RENDERER.render(letter, language, {**FACTS[language], "training": True}).html
    page = Structure(html)
    assert page.addresses == [GERMAN["link"]]
    assert not {"img", "script", "link", "iframe", "form"} & set(page.tags)
    assert not re.search(r"url\(|@import", html)
    assert html.startswith(f'<!DOCTYPE html>\n<html lang="{language}">')
    assert "prefers-color-scheme: dark" in html
    assert "max-width:600px" in html


@every_letter
def test_a_protected_case_tells_reference_and_date_and_nothing_else(
    letter: str, language: str
) -> None:
    secret = "Geheim"
    facts = {
        **FACTS[language],
        **dict.fromkeys(("lead", "about", "session", "next", "result", "reason", "statement"), secret),
        "norms": [secret],
        "missing": [secret],
        "ladder": [{"rung": 1, "who": secret, "day": secret}],
        "points": [{"number": 1, "text": secret, "response": secret, "reason": secret}],
    }  # fmt: skip
    open_case = RENDERER.render(letter, language, facts)
    protected = RENDERER.render(letter, language, {**facts, "title": None})
    assert secret in open_case.text
    for words in (protected.subject, protected.text, protected.html, protected.sentence):
        assert secret not in words
    assert "V-2026-0001" in protected.text
    assert str(facts["day"]) in protected.text
    assert ("vertraulich" in protected.text.lower()) or ("confidential" in protected.text)


@every_letter
def test_an_exercise_is_seen_as_one_at_first_sight(letter: str, language: str) -> None:
    told = RENDERER.render(letter, language, {**FACTS[language], "training": True})
    mark = {"de": "ÜBUNG", "en": "EXERCISE"}[language]
    first = {"de": "ÜBUNG – keine echte Mitteilung", "en": "EXERCISE – not a real notice"}[language]
    assert told.subject.startswith(f"[{mark}] ")
    assert told.text.splitlines()[0] == first
    assert visible(told.html).startswith(first)
    assert mark not in RENDERER.render(letter, language, FACTS[language]).text


@every_letter
def test_every_letter_says_that_an_answer_by_mail_files_nothing(letter: str, language: str) -> None:
    words = {"de": "wird keine Stellungnahme abgegeben", "en": "does not file a statement"}[
        language
    ]
    assert words in " ".join(RENDERER.render(letter, language, NOTHING).text.split())


@pytest.mark.parametrize(
    ("left", "german", "english"),
    [
        (12, "noch 12 Arbeitstage", "12 working days left"),
        (1, "noch 1 Arbeitstag", "1 working day left"),
        (0, "heute letzter Tag", "today is the last day"),
        (-1, "seit 1 Arbeitstag abgelaufen", "ended 1 working day ago"),
        (-5, "seit 5 Arbeitstagen abgelaufen", "ended 5 working days ago"),
    ],
)
def test_the_days_left_are_said_in_words(left: int, german: str, english: str) -> None:
    for language, words in (("de", german), ("en", english)):
        told = RENDERER.render("erinnerung", language, {**FACTS[language], "days_left": left})
        assert f"({words})" in told.text


def test_a_deputy_and_a_late_message_are_named_as_such() -> None:
    late = "verspätet versandt wegen Ausfall: fällig war Mo., 06.04.2026"
    told = RENDERER.render("information", "de", {**GERMAN, "deputy": True, "late": late})
    words = " ".join(told.text.split())
    assert "in Vertretung (i. V.) für: Fachbereich Soziales." in words
    assert f"Hinweis: {late}" in words


def test_a_number_nobody_has_checked_is_called_unchecked() -> None:
    assert "ungeprüft" in RENDERER.render("information", "de", GERMAN).text
    assert (
        "ungeprüft" not in RENDERER.render("information", "de", {**GERMAN, "unchecked": False}).text
    )


@given(st.text(min_size=1, max_size=400).filter(str.strip))
@settings(max_examples=60)
def test_the_statement_reaches_the_body_in_its_own_wording(wording: str) -> None:
    told = RENDERER.render("zuleitung", "de", {**GERMAN, "statement": wording})
    kept = re.sub(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]", "", wording)
    quoted = re.findall(r"(?m)^>(.*)$", told.text.partition("eigenen Wortlaut:")[2])
    assert "".join(" ".join(quoted).split()) == "".join(kept.split())


VALUES = [key for key, value in GERMAN.items() if isinstance(value, str) and key != "link"]


@given(st.text(max_size=60), st.sampled_from(VALUES), st.sampled_from(sorted(letters())))
@settings(max_examples=150)
def test_no_fact_becomes_markup_or_structure(text: str, key: str, letter: str) -> None:
    hostile = (
        f"{text}</td><b onclick='x'>&amp;\"{text}\r\n\r\n- {text}\n> {{{{ 7*7 }}}}\nBetreff: x"
    )
    told = RENDERER.render(letter, "de", {**GERMAN, key: hostile})
    usual = RENDERER.render(letter, "de", {**GERMAN, key: "a\n\nb\nc\nd"})
    tags = [tag for tag in Structure(told.html).tags if tag != "br"]
    assert tags == [tag for tag in Structure(usual.html).tags if tag != "br"]
    assert len(told.subject.splitlines()) == 1
    assert "49" not in told.text.replace(text, "")


def test_a_missing_fact_is_noticed_and_not_left_out() -> None:
    with pytest.raises(UndefinedError, match="'day' is undefined"):
        RENDERER.render("information", "de", {k: v for k, v in GERMAN.items() if k != "day"})


@pytest.mark.parametrize(
    ("letter", "language"),
    [("mahnung", "de"), ("information", "fr"), ("../de/information", "en"), ("_words", "de"), ("", "de")],
)  # fmt: skip
def test_a_letter_without_words_is_none(letter: str, language: str) -> None:
    with pytest.raises(UnknownLetter):
        RENDERER.render(letter, language, GERMAN)


def test_a_house_may_word_a_letter_itself_and_the_digest_tells_so(tmp_path: Path) -> None:
    own = tmp_path / "de" / "verzicht" / "letter.txt"
    own.parent.mkdir(parents=True)
    own.write_text("Betreff: Hauswortlaut\n\nKurz und gut.\n", "utf-8")
    house = Renderer(tmp_path)
    told = house.render("verzicht", "de", GERMAN)
    shipped = RENDERER.render("verzicht", "de", GERMAN)
    assert (told.subject, told.sentence) == ("Hauswortlaut", "Kurz und gut.")
    assert told.template_digest != shipped.template_digest
    assert house.render("information", "de", GERMAN) == RENDERER.render("information", "de", GERMAN)
    own.write_text("Ohne Betreff\n\nText.\n", "utf-8")
    with pytest.raises(BadTemplate, match="must begin with 'Betreff: '"):
        Renderer(tmp_path).render("verzicht", "de", GERMAN)


def test_the_digest_depends_on_the_words_and_not_on_the_facts() -> None:
    digests = {RENDERER.render(le, la, FACTS[la]).template_digest for le in letters() for la in LANGUAGES}  # fmt: skip
    assert len(digests) == len(letters()) * len(LANGUAGES)
    bare = RENDERER.render("verzicht", "de", NOTHING).template_digest
    assert bare == RENDERER.render("verzicht", "de", GERMAN).template_digest


def test_a_notice_without_a_page_stands_in_the_digest_all_the_same() -> None:
    item = {**NOTHING, "subject": "Testnachricht", "sentence": "Der Versand wird geprüft."}
    told = RENDERER.render("tagesueberblick", "de", {**NOTHING, "items": [item]})
    assert told.subject == "Tagesüberblick: 1 Mitteilung"
    assert "Testnachricht\nDer Versand wird geprüft.\n\nMit freundlichen Grüßen" in told.text
    assert Structure(told.html).addresses == []


@every_letter
@pytest.mark.parametrize("title", ["Neubau", None], ids=["open", "protected"])
def test_a_personal_link_stands_before_the_way_by_log_in(
    letter: str, language: str, title: str | None
) -> None:
    told = RENDERER.render(letter, language, {**with_link(language), "title": title})
    assert Structure(told.html).addresses == [PERSONAL, GERMAN["link"]]
    assert told.text.index(PERSONAL) < told.text.index(str(GERMAN["link"]))
    assert UNTIL[language] in told.text
    words = {"de": "und Unterlagen öffnen", "en": "and open the documents"}[language]
    assert (words in told.text) is (title is not None)
    assert (words in told.html) is (title is not None)


def test_without_a_personal_link_a_letter_says_nothing_of_one() -> None:
    told = RENDERER.render("information", "de", GERMAN)
    assert "/brief/" not in told.text + told.html
    assert "Dieser Link" not in told.text + told.html


LINKED = {"information", "neuer_link"}


def golden(letter: str, language: str) -> Rendered:
    facts = with_link(language) if letter in LINKED else FACTS[language]
    told = digest_facts(language) if letter == "tagesueberblick" else facts
    return RENDERER.render(letter, language, told)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "letter", ["information", "neuer_link", "rueckfrage", "wuerdigung", "zuleitung", "eskalation", "tagesueberblick"]
)  # fmt: skip
def test_a_letter_reads_as_it_was_agreed(letter: str, language: str) -> None:
    told = golden(letter, language)
    for suffix, words in (
        ("txt", f"{told.subject}\n{'=' * min(len(told.subject), WIDTH)}\n\n{told.text}"),
        ("html", told.html),
    ):
        file = GOLDEN / language / f"{letter}.{suffix}"
        if os.environ.get("RENEW_GOLDEN"):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(words, "utf-8")
        assert file.read_text("utf-8") == words

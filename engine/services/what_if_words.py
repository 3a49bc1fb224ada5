"""What would have been, in words: the answer's sum, and the lines of each file."""

from __future__ import annotations

from collections.abc import Iterator

from engine.core.otherwise import Changed, Counted, Otherwise
from engine.core.what_if import Impossible
from engine.core.wording import day_text
from engine.core.world import World
from engine.errors import Text
from engine.services.what_if import Answer, Question

_LAPSE = Text("Frist abgelaufen", "deadline over")
_FINDING = Text("Feststellung", "finding")


def summary(answer: Answer) -> Text:
    """Return how many files were told again and would have gone otherwise."""
    count, other = answer.told - len(answer.unclear), len(answer.different)
    return Text(
        f"{_many(count, 'Vorgang', 'Vorgänge')} nachgespielt, {other or 'keiner'} "
        f"{'wären' if other > 1 else 'wäre'} anders verlaufen.",
        f"{count} {'case' if count == 1 else 'cases'} told again, {other or 'none'} would have "
        "gone otherwise.",
    )


def sittings(question: Question, answer: Answer) -> Text:
    """Return how many files would have missed their sitting, and how many did."""
    was, would_be = answer.missed
    years = {d.year for d in (question.since, question.until) if d is not None}
    year = f" {years.pop()}" if len(years) == 1 and question.since and question.until else ""
    return Text(
        f"Von {answer.planned} Verfahren{year} {'hätte' if would_be == 1 else 'hätten'} "
        f"{would_be} die geplante Sitzung verfehlt (tatsächlich: {was}).",
        f"Of {answer.planned} cases{f' of{year}' if year else ''}, {would_be} would have missed "
        f"the planned sitting (in fact: {was}).",
    )


def unclear(answer: Answer) -> Text | None:
    """Return which files are left aside because they are not told as recorded, or None."""
    if not answer.unclear:
        return None
    numbers = ", ".join(answer.unclear)
    return Text(
        f"Schon mit unveränderten Regeln nicht wie aufgezeichnet nachzuspielen und deshalb "
        f"außer Betracht: {numbers}.",
        f"Not told as recorded even under unchanged rules, and therefore left aside: {numbers}.",
    )


def lines(what: Otherwise, world: World) -> Iterator[Text]:
    """Yield what would have been different in one file."""
    if what.missed:
        yield Text("verfehlt die geplante Sitzung", "misses the planned sitting")
    elif what.reached == (False, True):
        yield Text("erreicht die geplante Sitzung", "reaches the planned sitting")
    for act in what.impossible:
        yield _impossible(act, world)
    for moved in what.deadlines:
        yield _moved(moved, world)
    for kind, rows in ((_LAPSE, what.lapses), (_FINDING, what.findings)):
        for row in rows:
            yield _counted(kind, row, world)
    for row in what.letters:
        yield _letter(row, world)
    for end in what.ended:
        about = _about(end.participation, world)
        yield Text(
            f"Stand{about}: {end.before.de} → {end.after.de}",
            f"state{about}: {end.before.en} → {end.after.en}",
        )


def _many(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _impossible(act: Impossible, world: World) -> Text:
    who, day = _office(act.office, world), day_text(act.on)
    return Text(
        f"so nicht möglich: {day.de}, {act.title.de} ({who}). {act.why.de}",
        f"not possible like that: {day.en}, {act.title.en} ({who}). {act.why.en}",
    )


def _moved(moved: Changed, world: World) -> Text:
    nothing = Text("–", "–")
    before, after = (
        nothing if day is None else day_text(day) for day in (moved.before, moved.after)
    )
    about = _about(moved.participation, world)
    return Text(
        f"{moved.title.de}{about}: {before.de} → {after.de}",
        f"{moved.title.en}{about}: {before.en} → {after.en}",
    )


def _counted(kind: Text, row: Counted, world: World) -> Text:
    more, about = _more(row), _about(row.about, world)
    return Text(
        f"{more} {kind.de}: {row.what.de}{about}", f"{more} {kind.en}: {row.what.en}{about}"
    )


def _letter(row: Counted, world: World) -> Text:
    more, office = _more(row), _office(row.about, world)
    return Text(
        f"{more} Mitteilung: {row.what.de} an {office}",
        f"{more} letter: {row.what.en} to {office}",
    )


def _more(row: Counted) -> str:
    return f"{row.difference:+d}".replace("-", "\N{MINUS SIGN}")


def _about(participation: str, world: World) -> str:
    return f" ({_office(participation.partition('/')[0], world)})" if participation else ""


def _office(office: str, world: World) -> str:
    found = world.roster.offices.get(office)
    return office if found is None else found.name

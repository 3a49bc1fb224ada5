"""What a line of a rehearsal expected and what came of it, told where they differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from engine.core.case import Case, Notice, Outcome, Participation
from engine.core.examples import Expected
from engine.core.next_steps import running
from engine.errors import Text

_STATE = Text("Stand", "state")
_CASE = Text("Stand des Vorgangs", "state of the case")
_LETTERS = Text("Mitteilungen", "letters")
_FINDINGS = Text("Feststellungen", "findings")
_REFUSAL = Text("Ablehnung", "refusal")


def differences(
    expected: Expected, outcome: Outcome, subject: Participation | None, findings: Iterable[str]
) -> Iterator[Text]:
    """Yield in words each way in which an outcome is not as expected.

    `subject` is what it was about, None for the case; `findings` are the words under which
    its findings are compared.
    """
    case = outcome.case
    state = case.state if subject is None else subject.state
    yield from _unlike(_STATE, expected.state, state)
    yield from _unlike(_CASE, expected.case, case.state)
    for key, wanted in expected.participations.items():
        other = case.participation(key)
        yield from _unlike(Text(key, key), wanted, "–" if other is None else other.state)
    yield from _days(expected.deadlines, case, "" if subject is None else subject.key)
    if expected.tells is not None:
        yield from _unlike(_LETTERS, _wanted(expected.tells), _told(outcome.notices))
    if expected.findings is not None:
        yield from _unlike(_FINDINGS, _row(expected.findings), _row(findings))


def unlike_refusal(wanted: str, refusal: Text) -> Iterator[Text]:
    """Yield in words that a refusal does not say what it should, in either language."""
    if wanted not in refusal.de and wanted not in refusal.en:
        yield from _unlike(_REFUSAL, wanted, refusal.de)


def _days(wanted: Mapping[str, date | None], case: Case, key: str) -> Iterator[Text]:
    mine = reversed(running(d for d in case.deadlines if d.participation == key))
    days = {d.name: d.last_day for d in mine}
    for name, day in wanted.items():
        what = Text(f"Frist {name}", f"deadline {name}")
        yield from _unlike(what, _day(day), _day(days.get(name)))


def _unlike(what: Text, wanted: str | None, found: str) -> Iterator[Text]:
    if wanted is not None and wanted != found:
        yield Text(
            f"{what.de}: erwartet „{wanted}“, gefunden „{found}“.",
            f"{what.en}: expected '{wanted}', found '{found}'.",
        )


def _wanted(tells: Mapping[str, tuple[str, ...]]) -> str:
    return _row(f"{target}: {letter}" for target in tells for letter in tells[target])


def _told(notices: Iterable[Notice]) -> str:
    """Return the letters by target, each once, however many offices a target names."""
    return _row({f"{n.facts['to']}: {n.letter}" for n in notices})


def _row(words: Iterable[str]) -> str:
    counted = Counter(words)
    named = (f"{n}× {word}" if n > 1 else word for word, n in sorted(counted.items()))
    return ", ".join(named) or "–"


def _day(day: date | None) -> str:
    return "–" if day is None else day.isoformat()

"""A way through the product, told in German and English with the titles of the definition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.core.offices import OfficeKind
from engine.core.proof.following import Taken
from engine.core.proof.product import Explored, Product
from engine.core.proof.reading import BARE
from engine.core.proof.result import Story
from engine.core.proof.values import CASE, Move
from engine.core.workflow import CLOCK, ENGINE
from engine.errors import Text

_ROLES = {
    "lead": Text("federführende Stelle", "lead department"),
    "office": Text("beteiligte Stelle", "office that takes part"),
    "demanding": Text("Stelle, die beteiligt werden will", "office that demands to take part"),
}
_CLOCK = Text("Fristablauf", "the clock")
_AGAIN = Text("aus einer früheren Runde", "from a former round")


def story(
    product: Product,
    found: Explored,
    at: int,
    last: Taken | None,
    why: Text,
    kinds: Mapping[str, OfficeKind],
) -> Story:
    """Return the way to a spot, then `last` if a step is taken there, and what is wrong with it."""
    taken: list[Taken] = [] if last is None else [last]
    while (way := found.ways[at]) is not None:
        at, step = way
        taken.append(step)
    taken.reverse()
    lines = tuple(_numbered(product, taken, kinds))
    return Story(lines, why)


def _numbered(
    product: Product, taken: list[Taken], kinds: Mapping[str, OfficeKind]
) -> Iterator[Text]:
    """Yield a line for each step; who is who stays the same though the product may swap them."""
    swapped = False
    for number, step in enumerate(taken, start=1):
        who = step.subject
        if swapped and who != CASE:
            who = 3 - who
        line = _line(product, step, who, kinds)
        yield Text(f"{number}. {line.de}", f"{number}. {line.en}")
        swapped ^= step.swapped


def _line(product: Product, taken: Taken, who: int, kinds: Mapping[str, OfficeKind]) -> Text:
    move = taken.move
    subject = product.places[taken.subject].subject
    title, role = _what(product, taken, kinds)
    before = _whose(product, taken.subject, who)
    after = subject.workflow.states.get(move.to.state)
    to = Text("", "")
    if after is not None and move.step is not None:
        to = Text(f" → {after.title.de}", f" → {after.title.en}")
    more = _more(move)
    return Text(
        f"{before.de}{title.de} ({role.de}{more.de}){to.de}.",
        f"{before.en}{title.en} ({role.en}{more.en}){to.en}.",
    )


def _what(product: Product, taken: Taken, kinds: Mapping[str, OfficeKind]) -> tuple[Text, Text]:
    move = taken.move
    subject = product.places[taken.subject].subject
    if taken.echo:
        return Text("Es wird noch gehandelt", "somebody still acts"), _AGAIN
    if move.step is None:
        rule = subject.workflow.deadlines[move.deadline or ""]
        words = rule.title
        return Text(f"Frist „{words.de}“ läuft ab", f"deadline '{words.en}' ends"), _CLOCK
    if move.deadline is not None:
        return move.step.title, _CLOCK
    return move.step.title, _role(move.step.by, kinds)


def _role(by: frozenset[str], kinds: Mapping[str, OfficeKind]) -> Text:
    people = sorted(by - {CLOCK, ENGINE}, key=lambda r: (r not in _ROLES, r))
    role = people[0] if people else CLOCK
    if role in _ROLES:
        return _ROLES[role]
    return kinds[role].title if role in kinds else _CLOCK


def _whose(product: Product, subject: int, who: int) -> Text:
    if subject == CASE:
        return Text("", "")
    places = product.places
    title = places[subject].subject.workflow.title
    twice = places[1].subject.workflow is places[2].subject.workflow
    number = f" {who}" if twice and product.callable == 2 else ""
    return Text(f"{title.de}{number}: ", f"{title.en}{number}: ")


def _more(move: Move) -> Text:
    """Return what matters of how the step was taken."""
    de, en = [], []
    given, step = move.choice.given, move.step
    if move.choice.timely:
        de.append("rechtzeitig geschehen, später eingetragen")
        en.append("done in time, entered later")
    if given.get(BARE):
        de.append("abgewichen ohne Begründung")
        en.append("departing without reasons")
    for wanted in () if step is None else step.takes:
        label = wanted.labels.get(str(given.get(wanted.name)))
        if label is not None and move.deadline is None:
            de.append(label.de)
            en.append(label.en)
    return Text("".join(f"; {w}" for w in de), "".join(f"; {w}" for w in en))

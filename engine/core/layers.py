"""What the layers of rules say about each other: what a lawyer must see before relying on them.

Nothing here decides a case. A finding names a provision, the days on which something is
wrong with it, and what would be right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from engine.core.calendar import ONE_DAY
from engine.core.phrases import RANKS
from engine.core.rules import Provision, RulePack
from engine.core.wording import day_text
from engine.errors import Text


class Doubt(StrEnum):
    """What can be wrong between layers."""

    NOT_PERMITTED = "override_not_permitted"
    REPEALED = "cites_repealed_law"
    RENUMBERED = "cites_a_number_that_means_something_else"
    OUTRANKED = "without_effect"


@dataclass(frozen=True, slots=True)
class LayerFinding:
    """Something wrong with a provision from `since` until before `until`, None is open."""

    provision: Provision
    doubt: Doubt
    since: date
    until: date | None
    text: Text

    def on(self, day: date) -> bool:
        """Return whether it is so on a day."""
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class Citation:
    """A norm by its law, section, and the paragraph and edition (year) where they are named."""

    law: str
    section: str
    paragraph: str | None = None
    edition: str | None = None

    def names(self, other: Citation) -> bool:
        """Return whether this citation means the other, which may be the more exact.

        One that names an edition never means the law of another.
        """
        same = (self.law, self.section) == (other.law, other.section)
        paragraph = None in (self.paragraph, other.paragraph) or self.paragraph == other.paragraph
        return same and paragraph and self.edition in (None, other.edition)


_CITED = re.compile(
    r"^(?:§|Art\.)\s*(?P<section>\d+\s?[a-z]?)\b(?:\s*Abs\.\s*(?P<paragraph>\d+[a-z]?))?"
)
_LAW = re.compile(r"(?P<law>[^\s()]+)(?:\s+\((?P<edition>\d{4})\))?$")


def citation(norm: str) -> Citation | None:
    """Return what a norm cites, None where it is no citation of a section.

    >>> citation("§ 19 Abs. 3 Satz 2 mit § 18 Abs. 3 BbgKVerf (2007)")
    Citation(law='BbgKVerf', section='19', paragraph='3', edition='2007')
    """
    cited, law = _CITED.match(norm), _LAW.search(norm)
    if cited is None or law is None:
        return None
    section = cited["section"].replace(" ", "")
    return Citation(law["law"], section, cited["paragraph"], law["edition"])


def findings(packs: Iterable[RulePack]) -> Iterator[LayerFinding]:
    """Yield what is wrong between the layers, in the order of the packs."""
    every = [p for pack in packs for p in pack.provisions]
    known = {p.id: p for p in every}
    for provision in every:
        for name in sorted(provision.overrides):
            if name in known and not provision.may_override(known[name]):
                yield from _not_permitted(provision, known[name])
        for cited in provision.cites:
            yield from _cited(provision, cited, every)
        yield from _outranked(provision, every)


def _not_permitted(provision: Provision, above: Provision) -> Iterator[LayerFinding]:
    span = _both(provision, above)
    if span is None or not _same_place(provision, above):
        return
    words = Text(
        f"„{provision.norm}“ ({RANKS[provision.source].de}) will an die Stelle von "
        f"„{above.norm}“ ({RANKS[above.source].de}) treten, das dies nicht erlaubt. Es gilt "
        "weiter die höhere Vorschrift.",
        f"'{provision.norm}' ({RANKS[provision.source].en}) means to take the place of "
        f"'{above.norm}' ({RANKS[above.source].en}), which does not permit it. The higher "
        "provision still applies.",
    )
    yield LayerFinding(provision, Doubt.NOT_PERMITTED, *span, words)


def _outranked(provision: Provision, every: list[Provision]) -> Iterator[LayerFinding]:
    if provision.value is None:
        return
    for above in every:
        same = above.value is not None and above.value.name == provision.value.name
        if not same or above.rank >= provision.rank or not _same_place(provision, above):
            continue
        span = _both(provision, above)
        if span is not None and provision.id not in above.overrides:
            words = Text(
                f"Der Wert „{provision.value.name}“ aus „{provision.norm}“ bleibt ohne Wirkung: "
                f"„{above.norm}“ steht höher.",
                f"The value '{provision.value.name}' of '{provision.norm}' has no effect: "
                f"'{above.norm}' ranks higher.",
            )
            yield LayerFinding(provision, Doubt.OUTRANKED, *span, words)


def _cited(provision: Provision, norm: str, every: list[Provision]) -> Iterator[LayerFinding]:
    """Judge a citation on every day of the provision's force that the packs know about.

    What stood under a number before the first pack that holds it, nobody here has read.
    """
    wanted = citation(norm)
    if wanted is None:
        return
    meant = [p for p in every if (c := citation(p.norm)) is not None and wanted.names(c)]
    if not meant:
        return
    edges = sorted({d for p in meant for d in (p.since, p.until) if d is not None})
    for since, until in _parts(provision, edges):
        if since < edges[0]:
            continue
        there = [p for p in meant if p.in_force(since)]
        if not there:
            yield _repealed(provision, norm, meant, every, since, until)
        elif not any(_alike(provision, p) for p in there):
            yield _renumbered(provision, norm, there, meant, every, since, until)


def _parts(provision: Provision, edges: list[date]) -> Iterator[tuple[date, date | None]]:
    """Yield the time of force of a provision, cut at the edges."""
    inside = [
        e for e in edges if provision.since < e and (provision.until is None or e < provision.until)
    ]
    starts = [provision.since, *inside]
    yield from zip(starts, [*inside, provision.until], strict=True)


def _alike(provision: Provision, other: Provision) -> bool:
    """Return whether two provisions can be about the same offices."""
    if provision.duty is None or other.duty is None:
        return True
    return bool(provision.duty.kinds & other.duty.kinds)


def _repealed(
    provision: Provision,
    norm: str,
    meant: list[Provision],
    every: list[Provision],
    since: date,
    until: date | None,
) -> LayerFinding:
    span, now = _span_text(since, until), _successors(meant, every, since, provision)
    words = Text(
        f"„{provision.norm}“ stützt sich auf {norm}, das {span.de} nicht gilt{now.de}.",
        f"'{provision.norm}' rests on {norm}, which is not in force {span.en}{now.en}.",
    )
    return LayerFinding(provision, Doubt.REPEALED, since, until, words)


def _renumbered(
    provision: Provision,
    norm: str,
    there: list[Provision],
    meant: list[Provision],
    every: list[Provision],
    since: date,
    until: date | None,
) -> LayerFinding:
    span, now = _span_text(since, until), _successors(meant, every, since, provision)
    words = Text(
        f"„{provision.norm}“ nennt {norm}; unter dieser Nummer steht {span.de} etwas anderes: "
        f"„{there[0].title.de}“{now.de}.",
        f"'{provision.norm}' names {norm}; under that number stands something else "
        f"{span.en}: '{there[0].title.en}'{now.en}.",
    )
    return LayerFinding(provision, Doubt.RENUMBERED, since, until, words)


def _successors(
    meant: list[Provision], every: list[Provision], on: date, provision: Provision
) -> Text:
    """Return where what was meant stands on a day, by the lineage of the packs."""
    ids = {p.id for p in meant}
    heirs = [p for p in every if ids & set(p.lineage) and p.in_force(on) and _alike(provision, p)]
    norms = ", ".join(dict.fromkeys(p.norm for p in heirs))
    return Text(f"; dort gilt {norms}", f"; {norms} applies instead") if norms else Text("", "")


def _span_text(since: date, until: date | None) -> Text:
    first = day_text(since)
    if until is None:
        return Text(f"ab {first.de}", f"from {first.en}")
    last = day_text(until - ONE_DAY)
    return Text(f"vom {first.de} bis {last.de}", f"from {first.en} to {last.en}")


def _both(one: Provision, other: Provision) -> tuple[date, date | None] | None:
    """Return the time in which both provisions are in force, or None."""
    since = max(one.since, other.since)
    ends = [u for u in (one.until, other.until) if u is not None]
    until = min(ends, default=None)
    return None if until is not None and until <= since else (since, until)


def _same_place(one: Provision, other: Provision) -> bool:
    lands = None in (one.land, other.land) or one.land == other.land
    towns = None in (one.municipality, other.municipality)
    return lands and (towns or one.municipality == other.municipality)

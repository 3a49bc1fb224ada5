"""The radar: agenda items of coming sittings against the measures that are registered.

An item whose paper bears the number of a case belongs to it. A number that only goes on
behind that of a case (a supplement to the paper), or a title nearly like that of one case,
proposes the case and takes nothing. What is left over is read for words that tell whose
field it might touch: a hint, never a finding. All words come from a definition.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from math import log

from engine.core.case import Case, DeadlineStatus
from engine.core.draft import Draft
from engine.core.meanings import OfficeMeans, StateMeans
from engine.core.offices import Office, Roster
from engine.core.situation import settled
from engine.core.world import World

_WORD = re.compile(r"\w+")
_PART = re.compile(r"[^\W\d_]+|\d+")

_TOLD = frozenset({OfficeMeans.COMMISSIONER, OfficeMeans.BOARD})


@dataclass(frozen=True, slots=True)
class Stems:
    """What tells that a fact may hold: beginnings of words, parts of words, and not these.

    A stem of several words is looked for as these words in a row.
    """

    begins: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words that the radar knows; `threshold` is in per cent of likeness of titles.

    `noise` are words that only say that a number follows, `common` those that tell no two
    titles apart, `endings` those that inflection adds, `stems` what hints at each fact.
    """

    threshold: int
    noise: frozenset[str]
    common: frozenset[str]
    endings: tuple[str, ...]
    stems: Mapping[str, Stems]


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """One item on the agenda of a body's sitting; `number` is that of the item (TOP).

    Of an item that is not public nothing but its numbers and the day may be shown.
    """

    body: str
    day: date
    number: str
    reference: str | None
    title: str
    public: bool = True


@dataclass(frozen=True, slots=True)
class Known:
    """A case as the radar knows it: its number, its paper's number, and its title."""

    number: str
    reference: str | None
    title: str


class Because(StrEnum):
    """Why an item belongs, or seems to belong, to a case."""

    NUMBER = "number"
    SUPPLEMENT = "supplement"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class Match:
    """The case of an item; anything but the same number is only proposed.

    `likeness` is that of the titles, in per cent.
    """

    case: str
    because: Because
    likeness: int

    @property
    def sure(self) -> bool:
        """Whether the item belongs to the case without anybody looking."""
        return self.because is Because.NUMBER


@dataclass(frozen=True, slots=True)
class Standing:
    """How the participation in a case stands for a sitting."""

    state: str
    settled: bool
    late: bool


@dataclass(frozen=True, slots=True)
class Sighting:
    """What the radar makes of an item.

    `touches` gives, by fact, the words that hint at it; of an item that is not public the
    words are left out.
    """

    item: AgendaItem
    match: Match | None = None
    standing: Standing | None = None
    touches: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def folded(text: str) -> str:
    """Return a text as it is compared: one way to write each letter, all small."""
    return unicodedata.normalize("NFC", text).casefold()


def reference_parts(reference: str | None, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the number of a paper as its parts, however it is written; () for none.

    Signs, leading zeros and words that only announce a number do not count; letters that
    name a series do, because `BV 12/2026` and `IV 12/2026` are two papers.

    >>> bare = Vocabulary(60, frozenset({"vorlage", "nr"}), frozenset(), (), {})
    >>> reference_parts("Vorlage Nr. BV-2026/0012", bare)
    ('bv', '2026', '12')
    """
    parts = [p.group() for p in _PART.finditer(folded(reference or ""))]
    told = [str(int(p)) if p.isdecimal() else p for p in parts if p not in vocabulary.noise]
    return tuple(told) if any(p.isdecimal() for p in told) else ()


def title_words(title: str, vocabulary: Vocabulary) -> frozenset[str]:
    """Return the words by which a title is told from others, without their endings."""
    words = (w.group() for w in _WORD.finditer(folded(title)))
    return frozenset(_bare(w, vocabulary.endings) for w in words if w not in vocabulary.common)


def touched(title: str, vocabulary: Vocabulary) -> dict[str, tuple[str, ...]]:
    """Return the facts that a title hints at, each with the words that do, as written."""
    words = {folded(w.group()): w.group() for w in _WORD.finditer(title)}
    line = f" {' '.join(w.group() for w in _WORD.finditer(folded(title)))}"
    found = {fact: tuple(_hints(words, line, s)) for fact, s in vocabulary.stems.items()}
    return {fact: hints for fact, hints in found.items() if hints}


def identity(item: AgendaItem, vocabulary: Vocabulary) -> str:
    """Return what an item is remembered by: sitting and paper, else title, whatever the TOP.

    An item that is not public is remembered by its TOP, so its title enters nothing.
    """
    named = reference_parts(item.reference, vocabulary) or sorted(
        title_words(item.title, vocabulary)
    )
    said = [*named] if item.public else [item.number]
    whole = "\n".join([folded(item.body), item.day.isoformat(), *said])
    return hashlib.sha256(whole.encode()).hexdigest()[:32]


class Register:
    """The known cases, ready to be asked which of them an item belongs to.

    Titles are compared by the words they share (Dice), each word weighed by its rarity
    among the known titles: two papers on one matter share its rare words, while common
    phrases of councils are shared by everybody. Numbers in titles must agree, because
    plan 12 is not plan 13.
    """

    def __init__(self, cases: Iterable[Known], vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._by_parts: dict[tuple[str, ...], str] = {}
        self._titles: dict[str, frozenset[str]] = {}
        self._having: dict[str, list[str]] = defaultdict(list)
        for case in cases:
            if parts := reference_parts(case.reference, vocabulary):
                self._by_parts.setdefault(parts, case.number)
            self._titles[case.number] = title_words(case.title, vocabulary)
            for word in self._titles[case.number]:
                self._having[word].append(case.number)

    def match(self, reference: str | None, title: str) -> Match | None:
        """Return the case that a paper of this number and title belongs to, or seems to.

        Of equally like titles none is proposed: nobody could say which is meant.
        """
        parts = reference_parts(reference, self._vocabulary)
        words = title_words(title, self._vocabulary)
        for numbered, because in ((parts, Because.NUMBER), (parts[:-1], Because.SUPPLEMENT)):
            if case := self._by_parts.get(numbered):
                return Match(case, because, self._likeness(words, case))
        return self._by_title(words)

    def _by_title(self, words: frozenset[str]) -> Match | None:
        shared = Counter(case for word in words for case in self._having.get(word, ()))
        rows = [(self._likeness(words, case), case) for case in shared]
        best = max((likeness for likeness, _ in rows), default=0)
        named = [case for likeness, case in rows if likeness == best]
        if best < self._vocabulary.threshold or len(named) != 1:
            return None
        return Match(named[0], Because.TITLE, best)

    def _likeness(self, words: frozenset[str], case: str) -> int:
        there = self._titles[case]
        whole = self._weight(words) + self._weight(there)
        if not whole or _numbers_disagree(words, there):
            return 0
        return int(100 * 2 * self._weight(words & there) / whole)

    def _weight(self, words: Iterable[str]) -> float:
        count = len(self._titles)
        return sum(log(1 + count / max(len(self._having.get(w, ())), 1)) for w in words)


def sightings(
    items: Iterable[AgendaItem], register: Register, vocabulary: Vocabulary
) -> Iterator[Sighting]:
    """Yield what the radar makes of each item, in the order of sittings."""
    for item in sorted(items, key=lambda i: (i.day, i.body)):
        match = register.match(item.reference, item.title)
        hints = {} if match else touched(item.title, vocabulary)
        shown = hints if item.public else dict.fromkeys(hints, ())
        yield Sighting(item, match, touches=shown)


def standing(case: Case, world: World, sitting: date) -> Standing:
    """Return how the participation in a case stands for a sitting.

    It is late where something is still owed and will not be done in time: a period of the
    case has run out, ends only on the day of the sitting or later, or the sitting is today.
    """
    draft = Draft(case, world)
    done = all(settled(draft, p) for p in draft.current()) and not _asked(draft)
    owed = [d for d in case.deadlines if d.open]
    short = any(d.status is DeadlineStatus.LAPSED or d.last_day >= sitting for d in owed)
    return Standing(case.state, done, late=not done and (short or sitting <= world.today))


def concerned(sighting: Sighting, roster: Roster, on: date) -> list[Office]:
    """Return the offices that are heard and whose field an item seems to touch."""
    return [
        office
        for kind, row in roster.kinds.items()
        if row.means in _TOLD
        for office in roster.of_kind(kind, on)
        if office.concern in sighting.touches
    ]


def _asked(draft: Draft) -> bool:
    """Return whether a demand to take part still waits for its answer."""
    means = draft.workflow.meaning(draft.state)
    return not draft.current() and means is StateMeans.WAITING


def _bare(word: str, endings: Iterable[str]) -> str:
    """Return a word without the first of the endings that leaves four letters or more."""
    for ending in endings:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word.removesuffix(ending)
    return word


def _hints(words: Mapping[str, str], line: str, stems: Stems) -> Iterator[str]:
    for stem in stems.begins:
        if " " in stem and f" {stem}" in line:
            yield stem
    for plain, written in words.items():
        if any(plain.startswith(s) for s in stems.unless):
            continue
        if plain.startswith(stems.begins) or any(s in plain for s in stems.within):
            yield written


def _numbers_disagree(one: frozenset[str], other: frozenset[str]) -> bool:
    """Return whether both titles hold numbers and each has one that the other lacks."""
    mine = {w for w in one if w.isdecimal()}
    theirs = {w for w in other if w.isdecimal()}
    return bool(mine - theirs) and bool(theirs - mine)

"""How two tellings of one file differ: what would have been otherwise, by what it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from engine.core.case import Case, Deadline, Entry
from engine.core.what_if import Impossible, Told, workflow_of
from engine.core.workflow import CLOCK
from engine.core.world import Library
from engine.errors import Text


@dataclass(frozen=True, slots=True)
class Changed:
    """A deadline with another last day; None where it would not have been, or only then."""

    participation: str
    title: Text
    before: date | None
    after: date | None


@dataclass(frozen=True, slots=True)
class Counted:
    """Something of which there would have been more (above 0) or fewer (below 0).

    `about` is a participation, empty for the case; for letters it is the office.
    """

    what: Text
    about: str
    difference: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The case, or a participation, that would stand elsewhere by now."""

    participation: str
    before: Text
    after: Text


@dataclass(frozen=True, slots=True)
class Otherwise:
    """What would have been different in one file.

    `reached` says of the day of the first sitting whether all was settled by then: as it
    was, and as it would have been; None where there was no such day.
    """

    deadlines: tuple[Changed, ...] = ()
    lapses: tuple[Counted, ...] = ()
    findings: tuple[Counted, ...] = ()
    letters: tuple[Counted, ...] = ()
    impossible: tuple[Impossible, ...] = ()
    ended: tuple[Ended, ...] = ()
    reached: tuple[bool | None, bool | None] = (None, None)

    @property
    def nothing(self) -> bool:
        """Whether everything would have been the same."""
        rows = (self.deadlines, self.lapses, self.findings, self.letters, self.impossible)
        return not any(rows) and not self.ended and self.reached[0] == self.reached[1]

    @property
    def missed(self) -> bool:
        """Whether a sitting that was reached in time would not have been."""
        return self.reached == (True, False)


def otherwise(was: Told, would_be: Told, before: Library, after: Library) -> Otherwise:
    """Return how a file would have gone otherwise than it went; both in words of their time."""
    if was.case is None or would_be.case is None:
        return Otherwise(impossible=would_be.impossible)
    old, new = _File(was, was.case, before), _File(would_be, would_be.case, after)
    return Otherwise(
        deadlines=tuple(_deadlines(old, new)),
        lapses=tuple(_counted(old, new, old.lapses(), new.lapses())),
        findings=tuple(_counted(old, new, old.findings(), new.findings())),
        letters=tuple(_counted(old, new, old.letters(), new.letters())),
        impossible=would_be.impossible,
        ended=tuple(_ended(old, new)),
        reached=(was.reached, would_be.reached),
    )


_Key = tuple[str, str]
"""(name, participation or office)"""


class _File:
    """A file that was told, and the library that has the words for it."""

    def __init__(self, told: Told, case: Case, library: Library) -> None:
        self.told = told
        self.case = case
        self.library = library

    def deadlines(self) -> dict[tuple[str, str, int, str], Deadline]:
        """Return the newest generation of each deadline; a finding may owe several."""
        found: dict[tuple[str, str, int, str], Deadline] = {}
        for d in sorted(self.case.deadlines, key=lambda d: d.generation):
            found[d.participation, d.name, d.finding, d.owner if d.finding else ""] = d
        return found

    def lapses(self) -> Counter[_Key]:
        """Return how often each deadline was over before it was met."""
        ended = (e.plain["deadline"] for e in self.told.entries if _is_lapse(e))
        return Counter((name, key) for key, name, _ in ended)

    def findings(self) -> Counter[_Key]:
        """Return how many findings of each kind there are about each participation."""
        return Counter((f.kind, f.participation) for f in self.case.findings)

    def letters(self) -> Counter[_Key]:
        """Return how many of each letter each office was owed."""
        return Counter((n.letter, n.office) for n in self.told.notices)

    def title(self, name: str, about: str) -> Text:
        """Return a deadline or a finding by its title, anything else by its own name."""
        for key in (about, ""):
            workflow = workflow_of(self.case, key, self.library)
            if name in workflow.deadlines:
                return workflow.deadlines[name].title
            if name in workflow.findings:
                return workflow.findings[name]
        return Text(name, name)

    def state(self, participation: str) -> Text:
        """Return where the case or a participation stands, by its title."""
        found = self.case.participation(participation)
        if participation and found is None:
            return Text("–", "–")
        state = self.case.state if found is None else found.state
        states = workflow_of(self.case, participation, self.library).states
        return states[state].title if state in states else Text(state, state)


def _is_lapse(entry: Entry) -> bool:
    return entry.actor == CLOCK and "deadline" in entry.plain and "rung" not in entry.plain


def _deadlines(old: _File, new: _File) -> Iterator[Changed]:
    before, after = old.deadlines(), new.deadlines()
    for key in dict.fromkeys((*before, *after)):
        was, would_be = before.get(key), after.get(key)
        days = (None if d is None else d.last_day for d in (was, would_be))
        first, second = days
        if first != second:
            title = (new if was is None else old).title(key[1], key[0])
            yield Changed(key[0], title, first, second)


def _counted(
    old: _File, new: _File, before: Counter[_Key], after: Counter[_Key]
) -> Iterator[Counted]:
    for name, about in sorted(before.keys() | after.keys()):
        difference = after[name, about] - before[name, about]
        if difference:
            yield Counted((new if difference > 0 else old).title(name, about), about, difference)


def _ended(old: _File, new: _File) -> Iterator[Ended]:
    keys = [p.key for file in (old, new) for p in file.case.participations]
    for key in dict.fromkeys(("", *keys)):
        before, after = old.state(key), new.state(key)
        if before != after:
            yield Ended(key, before, after)

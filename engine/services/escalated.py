"""What was brought to an office: rungs that told it, referrals, vacancies, skipped participation.

Every letter that it was owed about a case is one; what it says is read from the file, not from
the mail, so it stands here before the mail has gone out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from engine.app import App
from engine.core.calendar import local_day
from engine.core.case import Case, Entry, FindingState
from engine.core.meanings import StateMeans, StepMeans
from engine.core.world import World
from engine.errors import Text
from engine.services.reading import File, file_of
from engine.services.record_words import deadline_title, line_title
from engine.store.outbox import Owed


@dataclass(frozen=True, slots=True)
class Brought:
    """One thing an office was told about a case.

    `still` says that it is open, `news` that nothing was asked of anybody; `line` is the entry
    that it came with, if it was an act.
    """

    on: date
    what: Text
    still: bool
    news: bool = False
    line: Entry | None = None


@dataclass(frozen=True, slots=True)
class Escalated:
    """A case with what was brought to the offices about it, the newest first."""

    file: File
    brought: tuple[Brought, ...]

    @property
    def still(self) -> bool:
        """Whether any of it is still open."""
        return any(b.still for b in self.brought)


_ASK = frozenset({StepMeans.REFERRAL, StepMeans.VACANCY, StepMeans.OBJECTION, StepMeans.DEMAND})
"""What asks somebody above to do something, and is no mere news."""

MOST = 500
"""How many letters are looked through."""


def escalated(app: App, offices: Iterable[str]) -> list[Escalated]:
    """Return the cases of which offices were told, what is still open first, then the newest."""
    with app.database.read() as store:
        owed = store.outbox.told(offices, limit=MOST)
    numbers = dict.fromkeys(o.number for o in owed)
    found = [_of_case(app, n, [o for o in owed if o.number == n]) for n in numbers]
    return sorted(found, key=lambda e: not e.still)


def escalated_case(app: App, offices: Iterable[str], number: str) -> Escalated | None:
    """Return what offices were told of one case, None if nothing."""
    with app.database.read() as store:
        owed = [o for o in store.outbox.told(offices, limit=MOST) if o.number == number]
    return _of_case(app, number, owed) if owed else None


def _of_case(app: App, number: str, owed: Sequence[Owed]) -> Escalated:
    file = file_of(app, number)
    # Two of her offices may have been told the same; it is one thing all the same.
    found = {(b.on, b.what): b for b in (_brought(o, file) for o in owed)}
    return Escalated(file, tuple(found.values()))


def _brought(owed: Owed, file: File) -> Brought:
    case, world = file.case, file.world
    over = world.library.workflow(case.workflow).meaning(case.state) is StateMeans.FINAL
    if "rung" in owed.facts:
        held = next((d for d in case.deadlines if list(d.key) == owed.facts["deadline"]), None)
        day = local_day(datetime.fromisoformat(owed.facts["due"]))
        still = held is not None and held.open and not over
        return Brought(day, _rung(owed, case, world), still)
    line = next((e for e in file.lines if [e.key, e.part] == owed.facts.get("act")), None)
    if line is None:
        return Brought(local_day(owed.not_before), Text("Mitteilung", "notice"), False, True)
    asked, still = _asks(line, case, over)
    return Brought(line.happened_on, line_title(case, world, line), still, not asked, line)


def _asks(line: Entry, case: Case, over: bool) -> tuple[bool, bool]:
    """Return whether an act asks something of somebody, and whether that is still open.

    It does where it opened a finding, or turned to somebody above; all else is news.
    """
    opened = [case.findings[n - 1] for n in line.plain.get("findings", ())]
    if opened:
        return True, any(f.state is FindingState.OPEN for f in opened)
    asked = line.plain.get("means") in _ASK
    return asked, asked and not over


def _rung(owed: Owed, case: Case, world: World) -> Text:
    said = deadline_title(case, world, owed.facts["deadline"])
    ladder = world.library.ladders.get(str(owed.facts.get("ladder")))
    if ladder is None:
        return said
    title = ladder.rung(owed.facts["rung"]).title
    return Text(f"{title.de}: {said.de}", f"{title.en}: {said.en}")

"""What is said right after an office was informed: sent when, received or not, until when."""

from __future__ import annotations

from collections.abc import Iterable

from engine.core.calendar import BERLIN
from engine.core.case import Case, Deadline, Participation
from engine.core.meanings import StepMeans
from engine.core.wording import day_text
from engine.core.world import World
from engine.errors import Text


def told_words(case: Case, informed: Iterable[str], world: World) -> Text:
    """Return in a few sentences what informing these participations has set going.

    A period that begins with the receipt has no end yet, and that is said.
    """
    rows = [p for key in informed if (p := case.participation(key)) is not None]
    at = f"{world.now.astimezone(BERLIN):%H:%M}"
    said = [Text(f"Gesendet {at} Uhr.", f"Sent at {at}.")]
    waiting = [p for p in rows if _waits_for_receipt(case, p, world)]
    if waiting:
        names = ", ".join(world.roster.office(p.office).name for p in waiting)
        said.append(
            Text(
                f"Der Eingang ({names}) ist noch nicht bestätigt. Die Frist beginnt mit dem "
                "Eingang; wir sagen Ihnen Bescheid.",
                f"Receipt ({names}) is not confirmed yet. The period begins with the receipt; we "
                "will let you know.",
            )
        )
    said += [_until(p, case, world) for p in rows if p not in waiting]
    return Text(" ".join(s.de for s in said if s.de), " ".join(s.en for s in said if s.en))


def _waits_for_receipt(case: Case, p: Participation, world: World) -> bool:
    workflow = world.library.workflow(p.workflow)
    for held in _open(case, p):
        lapse = workflow.deadlines[held.name].lapse
        if lapse is not None and workflow.steps[lapse].means is StepMeans.RECEIPT:
            return True
    return False


def _until(p: Participation, case: Case, world: World) -> Text:
    days = [d.last_day for d in _open(case, p) if d.owner == p.office]
    if not days:
        return Text("", "")
    name, day = world.roster.office(p.office).name, day_text(min(days))
    return Text(f"{name}: Frist bis {day.de}.", f"{name}: period until {day.en}.")


def _open(case: Case, p: Participation) -> list[Deadline]:
    return [d for d in case.deadlines if d.participation == p.key and d.open]

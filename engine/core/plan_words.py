"""A backward plan as people read it: the bodies, then each day with its number and its norm."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from engine.core.calendar import Calendar
from engine.core.counting import Backward, Counting
from engine.core.phrases import norm
from engine.core.planning import Plan, Point, Stage
from engine.core.wording import day_text
from engine.core.world import Library
from engine.errors import Text

FIRST = Text("erste Beratung, maßgeblich", "first to deal with it, decisive")


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One line of a plan: what is on that day, and the number behind it with its source.

    `name` is that of the point, empty for a body that meets later. `source` is the provision
    that lays the number down, empty where there is none.
    """

    name: str
    day: date
    title: Text
    source: str = ""
    number: Text | None = None
    decisive: bool = False
    last: bool = False

    def text(self) -> Text:
        """Return the line in words, without its number."""
        day = day_text(self.day)
        mark = Text(f" ({FIRST.de})", f" ({FIRST.en})") if self.decisive else Text("", "")
        return Text(f"{self.title.de} {day.de}{mark.de}", f"{self.title.en} {day.en}{mark.en}")


def plan_lines(made: Plan, library: Library, calendar: Calendar) -> tuple[PlanLine, ...]:
    """Return the lines of a plan from the last body back to the day of informing."""
    return (*_bodies(made, library), *_legs(made, library, calendar))


def length_text(counting: Counting) -> Text:
    """Return a period in words, with how it is counted back."""
    said = counting.period.text
    if counting.at_least is not None:
        least = counting.at_least.text
        said = Text(f"{said.de}, mindestens {least.de}", f"{said.en}, at least {least.en}")
    if counting.backward is Backward.CLEAR:
        return Text(f"{said.de} vorher, volle Tage", f"{said.en} before, clear days")
    if counting.backward is Backward.NTH:
        return Text(f"{said.de} vorher", f"{said.en} before")
    return said


def _bodies(made: Plan, library: Library) -> Iterator[PlanLine]:
    later = [m for m in made.meetings if not m.first]
    for meeting in later:
        yield PlanLine("", meeting.day, Text(meeting.body, meeting.body))
    body = next((m.body for m in made.meetings if m.first), None)
    title = Text("Umsetzung", "carried out") if body is None else Text(body, body)
    point = made.points[0]
    yield _line(point.name, point.day, title, _ends_here(made, 0), library, decisive=bool(later))


def _legs(made: Plan, library: Library, calendar: Calendar) -> Iterator[PlanLine]:
    for place, point in enumerate(made.points[1:], start=1):
        stage, last = _of(point), place == len(made.points) - 1
        number = stage if stage.backward else _ends_here(made, place)
        if stage.span is not None:
            begins = calendar.nth_working_day(point.day, 1)
            title = Text(f"{stage.span.de} ab", f"{stage.span.en} from")
            yield _line("", begins, title, stage, library)
        yield _line(point.name, point.day, stage.title, number, library, last=last)


def _ends_here(made: Plan, place: int) -> Stage | None:
    """Return the stage whose time ends on a point: the one before it, told there.

    A stage with a span of its own is told on its own line, one counted back on its own day;
    one around a sitting of the office's own body on the day for which that is wanted.
    """
    here, before = made.points[place], made.points[place + 1 :]
    if here.sits and place and before and _of(before[0]).around:
        return None
    if len(before) > 1 and before[0].sits and _of(before[1]).around:
        before = before[1:]
    stage = _of(before[0]) if before else None
    if stage is None or stage.backward or stage.span is not None or stage.counting is None:
        return None
    return stage


def _of(point: Point) -> Stage:
    assert point.stage is not None, "only the meeting has no stage"
    return point.stage


def _line(
    name: str,
    day: date,
    title: Text,
    stage: Stage | None,
    library: Library,
    *,
    decisive: bool = False,
    last: bool = False,
) -> PlanLine:
    if stage is None or stage.counting is None:
        return PlanLine(name, day, title, decisive=decisive, last=last)
    length, cited = length_text(stage.counting), norm(library.provision(stage.source))
    number = Text(f"{length.de}, {cited.de}", f"{length.en}, {cited.en}")
    return PlanLine(name, day, title, stage.source, number, decisive, last)

"""A change of a sitting and what it means for each case, in words for people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from engine.core.wording import day_text
from engine.errors import Text
from engine.services.session_cases import Part, Running, Touched
from engine.services.session_changes import Change, ChangeKind


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence about a case; `depth` says under which it stands, `grave` that it matters."""

    text: Text
    depth: int = 0
    grave: bool = False


def headline(change: Change) -> Text:
    """Return what becomes of a sitting."""
    s, day = change.after, day_text(change.after.day)
    before = Text("", "") if change.before is None else day_text(change.before.day)
    match change.kind:
        case ChangeKind.MOVED:
            return Text(f"{s.body}: {before.de} → {day.de}", f"{s.body}: {before.en} → {day.en}")
        case ChangeKind.ADDED:
            return Text(f"{s.body}: zusätzlich am {day.de}", f"{s.body}: additionally on {day.en}")
        case ChangeKind.HELD:
            return Text(
                f"{s.body}: findet doch statt, {day.de}",
                f"{s.body}: takes place after all, {day.en}",
            )
    off = Text(f"{s.body}: {before.de} fällt aus", f"{s.body}: {before.en} is cancelled")
    if change.to is None:
        return off
    instead = day_text(change.to)
    return Text(
        f"{off.de}; die Vorgänge gehen in die Sitzung am {instead.de}",
        f"{off.en}; its cases go to {instead.en}",
    )


def sentences(case: Touched) -> Iterator[Said]:
    """Yield what a change means for a case, the gravest as such."""
    if case.trouble is not None:
        yield Said(case.trouble, grave=True)
        return
    if case.only_shown:
        had = _day(case.was)
        yield Said(
            Text(
                f"bleibt am {had.de}; könnte hier behandelt werden, wenn die federführende Stelle "
                "es einträgt",
                f"stays on {had.en}; could be dealt with here if its lead department says so",
            )
        )
    elif case.to is None:
        yield Said(_dayless(case))
    for part in case.parts:
        yield from _of_part(part)


def _dayless(case: Touched) -> Text:
    if case.first is None:
        return Text("hat dann keinen Tag mehr", "has no day any more then")
    first = day_text(case.first)
    return Text(
        f"hat dort keinen Tag mehr; die erste Sitzung ist dann am {first.de}",
        f"has no day there any more; its first sitting is then on {first.en}",
    )


def _of_part(part: Part) -> Iterator[Said]:
    yield Said(Text(f"{part.name}: {part.state.de}", f"{part.name}: {part.state.en}"))
    for moved in part.moved:
        yield Said(_from_to(moved.title, moved.before, moved.after), 1)
    before, after = part.begin
    if part.open and not part.moved and before != after:
        title = Text("Zeitplan, bereitstellen bis", "plan, provide by")
        yield Said(_from_to(title, before, after), 1)
    if part.late_since is not None:
        since = day_text(part.late_since)
        yield Said(
            Text(
                f"So nicht mehr rechtzeitig: bereitzustellen war bis {since.de}.",
                f"Not in time any more: it was to be provided by {since.en}.",
            ),
            1,
            grave=True,
        )
    for running in part.running:
        yield from _of_running(running)


def _of_running(running: Running) -> Iterator[Said]:
    title, day = running.title, day_text(running.last_day)
    yield Said(
        Text(
            f"{title.de} läuft bis {day.de} und bleibt", f"{title.en} runs until {day.en} and stays"
        ),
        1,
    )
    if running.beyond:
        yield Said(
            Text(
                "Sie endet erst am Tag der Sitzung oder danach; vorher wird die Vorlage nicht frei.",
                "It ends only on the day of the sitting or later; the paper is not released before.",
            ),
            1,
            grave=True,
        )
    elif running.late:
        yield Said(
            Text(
                "Sie endet später, als der Zeitplan braucht; sie wird nicht verkürzt.",
                "It ends later than the plan needs; it is not shortened.",
            ),
            1,
            grave=True,
        )


def _from_to(title: Text, before: date | None, after: date | None) -> Text:
    was, now = _day(before), _day(after)
    return Text(f"{title.de}: {was.de} → {now.de}", f"{title.en}: {was.en} → {now.en}")


def _day(day: date | None) -> Text:
    return Text("–", "–") if day is None else day_text(day)

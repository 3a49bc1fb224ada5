"""How sittings and their cases are shown: to people line by line, to programs as plain values."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from engine.cli.console import console, errors, say, t
from engine.core.wording import day_text
from engine.core.world import Session
from engine.services import sessions
from engine.services.sessions import Change, ChangeKind, Done, Part, Touched

SHOWN = 10
"""How many sittings a list names before it only counts."""


def print_import(new: int, compared: sessions.Compared, problems: Iterable[Any]) -> None:
    console.print(
        t(
            f"{new} neue Sitzungen, {compared.known} unverändert, {len(compared.changes)} geändert.",
            f"{new} new sittings, {compared.known} unchanged, {len(compared.changes)} changed.",
        )
    )
    for problem in problems:
        errors.print(say(problem), style="yellow")
    if compared.missing:
        console.print(
            t(
                "Eingetragen, aber hier nicht (mehr) genannt; sie bleiben. Fällt eine aus: "
                "session cancel.",
                "Known, but not named here (any more); they stay. If one is off: session cancel.",
            )
        )
    for s in compared.missing[:SHOWN]:
        console.print(f"  {say(day_text(s.day))}  {s.body}")
    if len(compared.missing) > SHOWN:
        more = len(compared.missing) - SHOWN
        console.print(t(f"  … und {more} weitere", f"  … and {more} more"))


def print_change(change: Change, cases: list[Touched]) -> None:
    console.print(_headline(change), style="bold")
    if not cases:
        console.print(t("  Kein Vorgang ist betroffen.", "  No case is concerned."))
    for case in cases:
        _print_case(case)


def _headline(change: Change) -> str:
    s, day = change.after, say(day_text(change.after.day))
    before = "" if change.before is None else say(day_text(change.before.day))
    if change.kind is ChangeKind.MOVED:
        return t(f"{s.body}: {before} → {day}", f"{s.body}: {before} → {day}")
    if change.kind is ChangeKind.ADDED:
        return t(f"{s.body}: zusätzlich am {day}", f"{s.body}: additionally on {day}")
    if change.kind is ChangeKind.HELD:
        return t(f"{s.body}: findet doch statt, {day}", f"{s.body}: takes place after all, {day}")
    instead = "" if change.to is None else say(day_text(change.to))
    moved = t(f"; die Vorgänge gehen in die Sitzung am {instead}", f"; its cases go to {instead}")
    return t(f"{s.body}: {before} fällt aus", f"{s.body}: {before} is cancelled") + (
        moved if instead else ""
    )


def _print_case(case: Touched) -> None:
    console.print(f"{case.number}  {case.title} ({say(case.state)})")
    if case.trouble is not None:
        errors.print(f"    {say(case.trouble)}", style="red")
        return
    if case.only_shown:
        _print_choice(case)
    elif case.to is None:
        _print_dayless(case)
    for part in case.parts:
        _print_part(part)


def _print_dayless(case: Touched) -> None:
    if case.first is None:
        words = t("    hat dann keinen Tag mehr", "    has no day any more then")
    else:
        first = _day(case.first)
        words = t(
            f"    hat dort keinen Tag mehr; die erste Sitzung ist dann am {first}",
            f"    has no day there any more; its first sitting is then on {first}",
        )
    console.print(words)


def _print_choice(case: Touched) -> None:
    had = _day(case.was)
    console.print(
        t(
            f"    bleibt am {had}; könnte hier behandelt werden, wenn die federführende Stelle "
            "es einträgt",
            f"    stays on {had}; could be dealt with here if its lead department says so",
        )
    )


def _print_part(part: Part) -> None:
    console.print(f"    {part.name}: {say(part.state)}")
    for moved in part.moved:
        console.print(f"        {say(moved.title)}: {_day(moved.before)} → {_day(moved.after)}")
    before, after = part.begin
    if part.open and not part.moved and before != after:
        plan = t("Zeitplan, bereitstellen bis", "plan, provide by")
        console.print(f"        {plan}: {_day(before)} → {_day(after)}")
    if part.late_since is not None:
        console.print(
            t(
                f"        So nicht mehr rechtzeitig: bereitzustellen war bis {_day(part.late_since)}.",
                f"        Not in time any more: it was to be provided by {_day(part.late_since)}.",
            ),
            style="red",
        )
    for running in part.running:
        console.print(
            t(
                f"        {say(running.title)} läuft bis {_day(running.last_day)} und bleibt",
                f"        {say(running.title)} runs until {_day(running.last_day)} and stays",
            )
        )
        if running.beyond:
            console.print(
                t(
                    "        Sie endet erst am Tag der Sitzung oder danach; vorher wird die "
                    "Vorlage nicht frei.",
                    "        It ends only on the day of the sitting or later; the paper is not "
                    "released before.",
                ),
                style="red",
            )
        elif running.late:
            console.print(
                t(
                    "        Sie endet später, als der Zeitplan braucht; sie wird nicht verkürzt.",
                    "        It ends later than the plan needs; it is not shortened.",
                ),
                style="red",
            )


def _day(day: date | None) -> str:
    return "–" if day is None else say(day_text(day))


def print_end(done: list[Done], apply: bool, anything: bool) -> None:
    if not anything:
        return
    if not apply:
        console.print(
            t(
                "Noch ist nichts geändert. Übernehmen: --apply --by PERSON.",
                "Nothing is changed yet. To do it: --apply --by PERSON.",
            )
        )
        return
    count = sum(len(d.replanned) for d in done)
    one = t("1 Vorgang neu geplant.", "1 case re-planned.")
    many = t(f"{count} Vorgänge neu geplant.", f"{count} cases re-planned.")
    console.print(one if count == 1 else many)
    for number, why in (row for d in done for row in d.failed.items()):
        errors.print(f"{number}: {say(why)}", style="red")
    if any(d.failed for d in done):
        errors.print(
            t(
                "Die Sitzung bleibt deshalb eingetragen wie bisher. Wiederholen Sie den Befehl, "
                "wenn der Grund behoben ist.",
                "The sitting therefore stays as it was. Give the command again once the reason "
                "is mended.",
            ),
            style="red",
        )


def plain_session(s: Session) -> dict[str, Any]:
    return {
        "uid": s.uid,
        "body": s.body,
        "day": s.day,
        "municipality": s.municipality,
        "cancelled": s.cancelled,
    }


def plain_change(change: Change, cases: list[Touched]) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "before": None if change.before is None else plain_session(change.before),
        "after": plain_session(change.after),
        "cases": [_plain_case(case) for case in cases],
    }


def _plain_case(case: Touched) -> dict[str, Any]:
    return {
        "number": case.number,
        "title": case.title,
        "was": case.was,
        "to": case.was if case.only_shown else case.to,
        "only_shown": case.only_shown,
        "trouble": None if case.trouble is None else say(case.trouble),
        "participations": [
            {
                "office": p.office,
                "begin": {"before": p.begin[0], "after": p.begin[1]},
                "late": p.late_since is not None,
                "moved": [
                    {"title": say(m.title), "before": m.before, "after": m.after} for m in p.moved
                ],
                "running": [
                    {
                        "title": say(r.title),
                        "last_day": r.last_day,
                        "late": r.late,
                        "beyond": r.beyond,
                    }
                    for r in p.running
                ],
            }
            for p in case.parts
        ],
    }

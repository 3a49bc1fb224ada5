"""How sittings and their cases are shown: to people line by line, to programs as plain values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.cli.console import console, errors, say, t
from engine.core.wording import day_text
from engine.core.world import Session
from engine.services import sessions
from engine.services.session_words import headline, sentences
from engine.services.sessions import Change, Done, Touched

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
    console.print(say(headline(change)), style="bold")
    if not cases:
        console.print(t("  Kein Vorgang ist betroffen.", "  No case is concerned."))
    for case in cases:
        _print_case(case)


def _print_case(case: Touched) -> None:
    console.print(f"{case.number}  {case.title} ({say(case.state)})")
    for said in sentences(case):
        # What stops a case is told apart from what becomes of it.
        out = errors if case.trouble is not None else console
        words = " " * 4 * (1 + said.depth) + say(said.text)
        out.print(words, style="red" if said.grave else None)


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

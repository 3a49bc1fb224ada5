"""`workflow versions`, `workflow migrate`, `activate`: new versions, and what becomes of cases."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from engine.app import open_app
from engine.cli.console import HOME, AsJson, Data, console, emit_json, say, stopped, t
from engine.core.calendar import local_day
from engine.core.wording import day_text
from engine.errors import Text
from engine.services.definitions import activate_files, foresee
from engine.services.migrations import Carried, Move, Moves, apply, try_out
from engine.services.versions import Effects, NewLaw, NewVersion, Standing, Version
from engine.services.versions import versions as all_versions

PROBLEMS_FOUND = 1

_KINDS = {
    "workflow": Text("Ablauf", "workflow"),
    "pack": Text("Regelpaket", "rule pack"),
    "ladder": Text("Leiter", "ladder"),
    "calendar": Text("Kalender", "calendar"),
    "facts": Text("Tatsachen", "facts"),
    "offices": Text("Stellenarten", "kinds of office"),
}


def versions(
    workflow: Annotated[
        str | None, typer.Argument(help=t("Kennung eines Ablaufs", "id of a workflow"))
    ] = None,
    data: Data = HOME,
    as_json: AsJson = False,
) -> None:
    """Show versions and what runs by them / Fassungen und was danach läuft."""
    rows = all_versions(open_app(data), workflow)
    if as_json:
        emit_json([_plain_version(v) for v in rows])
        return
    table = Table(title=t("Fassungen der Abläufe", "Versions of workflows"), title_justify="left")
    for head in (
        t("Ablauf", "workflow"),
        t("Fassung", "version"),
        t("in Kraft gesetzt", "activated"),
        t("laufende Vorgänge", "running cases"),
        "",
    ):
        table.add_column(head)
    for v in rows:
        since = say(day_text(local_day(v.activated_at)))
        now = t("für neue Vorgänge", "for new cases") if v.current else ""
        table.add_row(f"{say(v.title)} ({v.workflow})", v.version, since, str(v.running), now)
    console.print(table)


def _plain_version(v: Version) -> dict[str, Any]:
    return {
        "workflow": v.workflow,
        "version": v.version,
        "pin": v.pin,
        "current": v.current,
        "activated_at": v.activated_at,
        "running": v.running,
    }


def activate(
    files: Annotated[list[Path], typer.Argument(help="YAML")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=t("nur zeigen, was es ändert", "only show"))
    ] = False,
    data: Data = HOME,
    as_json: AsJson = False,
) -> None:
    """Put definitions in force / Definitionen in Kraft setzen; zeigt die Folgen für Laufendes."""
    app = open_app(data)
    found = foresee(app, files)
    new = found.new if dry_run else tuple(activate_files(app, files))
    if as_json:
        rows = [{"kind": d.kind, "id": d.id, "version": d.version} for d in new]
        emit_json({"applied": not dry_run, "new": rows, "effects": _plain_effects(found.effects)})
        return
    _show_effects(found.effects)
    for d in new:
        what = f"{say(_KINDS[d.kind])} {d.id}"
        if dry_run:
            console.print(t(f"Käme in Kraft: {what}", f"Would be in force: {what}"))
        else:
            console.print(t(f"In Kraft: {what}", f"In force: {what}"))
    if not new:
        console.print(t("Nichts Neues.", "Nothing new."))


def _plain_effects(effects: Effects) -> dict[str, Any]:
    return {
        "workflows": [
            {
                "workflow": w.workflow,
                "version": w.version,
                "can_move": [_plain_standing(s) for s in w.movable],
                "stay": [_plain_standing(s) for s in w.staying],
            }
            for w in effects.workflows
        ],
        "packs": [
            {"pack": p.pack, "running": p.running, "keeping": p.keeping, "changing": p.changing}
            for p in effects.packs
        ],
    }


def _plain_standing(s: Standing) -> dict[str, Any]:
    return {
        "number": s.number,
        "participation": s.participation,
        "version": s.version,
        "state": s.state,
        "why": [{"de": w.de, "en": w.en} for w in s.why],
    }


def _show_effects(effects: Effects) -> None:
    for w in effects.workflows:
        _show_new_version(w)
    for p in effects.packs:
        _show_new_law(p)


def _show_new_version(w: NewVersion) -> None:
    console.print(
        t(
            f"{w.title.de}, Fassung {w.version}: {_runs(len(w.running)).de} auf der alten Fassung.",
            f"{w.title.en}, version {w.version}: {_runs(len(w.running)).en} on the old version.",
        )
    )
    if w.movable:
        some = _numbers(s.number for s in w.movable)
        console.print(
            t(
                f"  Umziehen könnten {len(w.movable)} davon, wie sie stehen (workflow migrate): "
                f"{some}",
                f"  {len(w.movable)} of them can move as they stand (workflow migrate): {some}",
            )
        )
    for s in w.staying:
        why = "; ".join(say(x) for x in s.why)
        console.print(f"  {_subject(s.number, s.participation)}: {why}", style="yellow")


def _runs(count: int) -> Text:
    if count == 1:
        return Text("1 laufendes Verfahren bleibt", "1 running procedure stays")
    return Text(f"{count} laufende Verfahren bleiben", f"{count} running procedures stay")


def _show_new_law(p: NewLaw) -> None:
    running = (
        Text("1 laufende Beteiligung beruht", "1 running participation rests")
        if p.running == 1
        else Text(
            f"{p.running} laufende Beteiligungen beruhen",
            f"{p.running} running participations rest",
        )
    )
    console.print(t(f"{p.title}: {running.de} darauf.", f"{p.title}: {running.en} on it."))
    if p.keeping:
        console.print(
            t(
                f"  {len(p.keeping)} bleiben beim Recht des Tages, der für sie maßgeblich ist: "
                f"{_numbers(p.keeping)}",
                f"  {len(p.keeping)} keep the law of the day that governs them: "
                f"{_numbers(p.keeping)}",
            )
        )
    if p.changing:
        console.print(
            t(
                f"  {len(p.changing)} zählen neue Fristen ab jetzt nach der neuen Fassung; Fristen, "
                f"die schon laufen, bleiben, wie sie gerechnet wurden: {_numbers(p.changing)}",
                f"  {len(p.changing)} count new deadlines by the new version; deadlines that run "
                f"stay as they were counted: {_numbers(p.changing)}",
            )
        )


def _numbers(numbers: Iterable[str], most: int = 8) -> str:
    unique = list(dict.fromkeys(numbers))
    return ", ".join(unique[:most]) + (" …" if len(unique) > most else "")


def _subject(number: str, participation: str) -> str:
    return f"{number} {participation or t('(Vorgang)', '(case)')}"


def migrate(
    plan: Annotated[Path, typer.Argument(help=t("Umzugsplan, YAML", "migration plan, YAML"))],
    apply_: Annotated[
        bool, typer.Option("--apply", help=t("umziehen, nicht nur zeigen", "move, not only show"))
    ] = False,
    by: Annotated[str, typer.Option("--by", help=t("wer umzieht", "who moves them"))] = "",
    office: Annotated[
        str | None, typer.Option(help=t("für welche Stelle", "for which office"))
    ] = None,
    data: Data = HOME,
    as_json: AsJson = False,
) -> None:
    """Move running cases to another version / Laufende Vorgänge auf eine andere Fassung ziehen."""
    app = open_app(data)
    if apply_ and not by:
        raise typer.BadParameter(t("--apply braucht --by PERSON", "--apply needs --by PERSON"))
    done = apply(app, plan, by, office) if apply_ else try_out(app, plan)
    if as_json:
        emit_json(_plain_moves(done))
    else:
        _show_moves(done)
    return stopped(PROBLEMS_FOUND) if done.problems else None


def _plain_moves(done: Moves) -> dict[str, Any]:
    return {
        "from": done.plan.origin,
        "to": done.plan.target,
        "applied": done.applied,
        "moves": [
            {
                "number": m.number,
                "participation": m.participation,
                "state": m.state,
                "new_state": m.new_state,
                "deadlines": [
                    {"old": d.old, "new": d.new, "last_day": d.last_day} for d in m.deadlines
                ],
                "problem": None if m.problem is None else {"de": m.problem.de, "en": m.problem.en},
            }
            for m in done.moves
        ],
    }


def _show_moves(done: Moves) -> None:
    console.print(f"{done.plan.origin} → {done.plan.target}", style="bold")
    for move in done.moves:
        _show_move(move)
    count = len(done.moves) - len(done.problems)
    if not done.moves:
        words = t(
            "Nach dieser Fassung läuft nichts mehr.", "Nothing runs by this version any more."
        )
    elif done.applied:
        words = t(f"{count} umgezogen, {len(done.problems)} geblieben.",
                  f"{count} moved, {len(done.problems)} stayed.")  # fmt: skip
    else:
        words = t(
            f"{count} zögen um, {len(done.problems)} blieben. Geändert wurde nichts; es tut: "
            "--apply --by PERSON",
            f"{count} would move, {len(done.problems)} would stay. Nothing was changed; what does "
            "it: --apply --by PERSON",
        )
    console.print(words)


def _show_move(m: Move) -> None:
    name = _subject(m.number, m.participation)
    if m.problem is not None:
        console.print(f"{name}: {m.state} ✗ {say(m.problem)}", style="red")
        return
    console.print(f"{name}: {m.state} → {m.new_state}")
    for d in m.deadlines:
        console.print(f"    {_carried(d)}", style="dim")


def _carried(d: Carried) -> str:
    day = say(day_text(d.last_day))
    if d.new is None:
        return t(f"Frist {d.old} ({day}) entfällt", f"deadline {d.old} ({day}) falls away")
    if d.old is None:
        return t(f"Frist {d.new} beginnt: {day}", f"deadline {d.new} begins: {day}")
    if d.old == d.new:
        return t(f"Frist {d.old} bleibt: {day}", f"deadline {d.old} stays: {day}")
    return t(f"Frist {d.old} → {d.new}: {day}", f"deadline {d.old} → {d.new}: {day}")

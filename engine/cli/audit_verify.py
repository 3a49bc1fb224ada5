"""`audit verify`: the whole log recomputed from stored bytes, every case told again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from engine.app import App, open_app
from engine.cli.console import HOME, AsJson, Data, console, emit_json, errors, say, stopped, t
from engine.errors import Text
from engine.services.cases import person_of
from engine.services.evidence.examining import (
    Examined,
    examine_case,
    processes_for,
    remembered_in,
)
from engine.services.evidence.retelling import described
from engine.services.evidence.seals import Remembered
from engine.services.evidence.units import CaseVerdict, Verdict
from engine.services.legal.verification import Verified, enter, examine
from engine.services.reading import house_of

PROBLEMS = 1
_MOST = 50

VERDICTS = {
    Verdict.INTACT: Text("unversehrt", "unchanged"),
    Verdict.RECOUNTED: Text(
        "unversehrt, heute anders gezählt", "unchanged, counted otherwise today"
    ),
    Verdict.NEWER: Text(
        "von einer neueren Fassung des Programms geschrieben; diese kann es nicht nachrechnen",
        "written by a newer version of the program, which this one cannot count again",
    ),
    Verdict.BROKEN: Text("verändert", "changed"),
}

Witness = Annotated[
    Path | None,
    typer.Option(
        "--witness",
        help=t(
            "Datei mit gemerkten Prüfpunkten (vom Zeugen, oder eine Prüfpunkt-Mail)",
            "file with remembered checkpoints (of the witness, or a checkpoint mail)",
        ),
    ),
]
OneCase = Annotated[
    str | None, typer.Option("--case", help=t("nur dieser Vorgang", "only this case"))
]
NoReplay = Annotated[
    bool,
    typer.Option("--no-replay", help=t("Vorgänge nicht nachspielen", "do not tell cases again")),
]
Person = Annotated[
    str | None,
    typer.Option(
        "--as",
        help=t(
            "wer prüft (Rechtsamt); dann steht das Ergebnis im Protokoll",
            "who examines (legal office); the result is then entered",
        ),
    ),
]


def verify(
    data: Data = HOME,
    witness: Witness = None,
    case: OneCase = None,
    no_replay: NoReplay = False,
    as_: Person = None,
    as_json: AsJson = False,
) -> None:
    app = open_app(data)
    if case is not None:
        _one(examine_case(app, case), as_json)
        return
    remembered = None if witness is None else remembered_in(witness)
    person = "" if as_ is None else person_of(house_of(app), as_)
    found = _examined(app, person, remembered, not no_replay)
    if person:
        enter(app, found)
    assert found.examined is not None, "an examination says what it has looked at"
    if as_json:
        emit_json(_plain(found.examined))
    else:
        _print(found.examined)
    if not found.intact:
        stopped(PROBLEMS)


def _examined(app: App, person: str, remembered: Remembered | None, replaying: bool) -> Verified:
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=errors,
        transient=True,
    )
    with bar:
        task = bar.add_task(t("Einträge", "entries"), total=None)
        return examine(
            app,
            person,
            replaying=replaying,
            remembered=remembered,
            processes=processes_for(app),
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )


def _one(found: CaseVerdict, as_json: bool) -> None:
    if as_json:
        emit_json(_plain_case(found))
    else:
        _print_case(found)
        _line(
            f"Geprüft sind Kette, Texte und Stand ({found.entries} Einträge). Ob die Einträge die "
            "unterschriebenen sind, sagt erst die Prüfung des ganzen Protokolls (ohne --case).",
            f"Examined are chain, texts and state ({found.entries} entries). Whether the entries "
            "are those that were signed only the examination of the whole log says (without --case).",
        )
    if found.verdict in (Verdict.BROKEN, Verdict.NEWER):
        stopped(PROBLEMS)


def _print(found: Examined) -> None:
    _counted(found)
    for verdict in found.verdicts[:_MOST]:
        _print_case(verdict)
    rest = [f for f in found.faults if not f.of_case]
    for fault in rest[:_MOST]:
        console.print(say(fault.text), style="red")
    _more(max(len(found.verdicts) - _MOST, 0) + max(len(rest) - _MOST, 0))
    if found.intact:
        _line("Ergebnis: unversehrt.", "Result: unchanged.", "green")
    else:
        _line("Ergebnis: Abweichungen.", "Result: differences.", "red")
    _limits(found)


def _counted(found: Examined) -> None:
    _line(
        f"{found.entries} Einträge in {found.strands} Strängen gelesen und nachgerechnet; "
        f"{found.erased} Texte sind gelöscht.",
        f"{found.entries} entries of {found.strands} strands read and recomputed; {found.erased} "
        "texts have been erased.",
    )
    _line(
        f"{found.replayed} von {found.cases} Vorgängen nachgespielt.",
        f"{found.replayed} of {found.cases} cases told again.",
    )
    _line(
        f"{found.checkpoints} Prüfpunkte; der letzte stimmige umfasst {found.sealed} Einträge.",
        f"{found.checkpoints} checkpoints; the last that holds covers {found.sealed} entries.",
    )


def _limits(found: Examined) -> None:
    """Say what no examination can show."""
    if found.entries > found.sealed:
        _line(
            f"Noch nicht versiegelt: {found.entries - found.sealed} Einträge. Erst der nächste "
            "Prüfpunkt macht sie zum Nachweis.",
            f"Not sealed yet: {found.entries - found.sealed} entries. Only the next checkpoint "
            "makes them evidence.",
        )
    if found.unstamped:
        _line(
            f"{found.unstamped} Zeitstempel nicht geprüft: In config.yaml steht nicht, welcher "
            "Stelle vertraut wird (evidence: stamp).",
            f"{found.unstamped} time stamps not checked: config.yaml does not say which authority "
            "is trusted (evidence: stamp).",
        )
    if not found.remembered:
        _line(
            "Verglichen wurde nur mit dem, was hier liegt. Wer Datenbank und Schlüssel hat, kann "
            "beides ändern: Prüfen Sie auch gegen einen Prüfpunkt von außen (--witness).",
            "Compared only with what lies here. Whoever holds database and key can change both: "
            "examine against a checkpoint from outside as well (--witness).",
        )


def _print_case(found: CaseVerdict) -> None:
    style = "red" if found.verdict is Verdict.BROKEN else None
    console.print(f"{found.number}: {say(VERDICTS[found.verdict])}", style=style)
    for fault in found.faults:
        console.print(f"    {say(fault.text)}")
    for recounted in found.recounted:
        console.print(f"    {say(described(recounted))}")


def _more(count: int) -> None:
    if count:
        _line(f"… und {count} weitere (alle mit --json)", f"… and {count} more (all by --json)")


def _line(de: str, en: str, style: str | None = None) -> None:
    console.print(t(de, en), style=style)


def _plain(found: Examined) -> dict[str, Any]:
    names = (
        *("entries", "strands", "cases", "replayed", "erased", "sealed", "size", "waiting"),
        *("checkpoints", "remembered", "unstamped", "intact"),
    )
    return {
        **{name: getattr(found, name) for name in names},
        "faults": [
            {
                "layer": f.layer.value,
                "stream": f.stream,
                "seq": f.seq,
                "de": f.what.de,
                "en": f.what.en,
            }
            for f in found.faults
        ],
        "verdicts": [_plain_case(v) for v in found.verdicts],
    }


def _plain_case(found: CaseVerdict) -> dict[str, Any]:
    words = VERDICTS[found.verdict]
    return {
        "number": found.number,
        "verdict": found.verdict.value,
        "de": words.de,
        "en": words.en,
        "entries": found.entries,
        "erased": found.erased,
        "faults": [{"layer": f.layer.value, "seq": f.seq, "de": f.what.de} for f in found.faults],
        "recounted": [
            {"deadline": r.deadline, "recorded": r.recorded, "today": r.today}
            for r in found.recounted
        ],
    }

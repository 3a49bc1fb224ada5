"""`witness`: a witness of the log, run where those who administer the log cannot reach it.

Exit codes: 0 all is well; 1 somebody has to look into it: the log contradicts the witness, a
proof is missing, something is not signed by the log, or the newest checkpoint is too old;
4 the log could not be asked.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from engine.cli.console import AsJson, console, emit_json, errors, say, stopped, t
from engine.clock import SystemClock
from engine.core.witness import Course
from engine.core.wording import moment_text
from engine.errors import InputError, Text
from engine.services.evidence import asking, witness
from engine.services.evidence.state import PUBLIC, write
from engine.services.evidence.witness import Looked, Witness

PROBLEMS = 1

State = Annotated[
    Path,
    typer.Option(
        "--state",
        envvar="RECHTZEITIG_WITNESS",
        help=t("die Datei des Zeugen", "the file of the witness"),
    ),
]
HERE = Path("zeuge.json")


def init(
    name: Annotated[
        str, typer.Option("--name", help=t("Name, etwa rechtsamt.musterheide", "its name"))
    ],
    log: Annotated[
        str,
        typer.Option(
            "--log", help=t("öffentlicher Schlüssel des Protokolls", "public key of the log")
        ),
    ],
    url: Annotated[
        str | None,
        typer.Option("--url", help=t("Adresse von Rechtzeitig", "address of Rechtzeitig")),
    ] = None,
    state: State = HERE,
    as_json: AsJson = False,
) -> None:
    if state.exists():
        raise InputError(
            f"{state} gibt es schon. Ein zweiter Zeuge braucht eine eigene Datei: --state.",
            f"{state} is there already. A second witness needs a file of its own: --state.",
        )
    made = witness.made(name, log, url)
    witness.save(state, made)
    if as_json:
        emit_json(_plain(made))
        return
    console.print(
        t(
            "Der Zeuge ist eingerichtet. Geben Sie der Systemverwaltung diesen öffentlichen Schlüssel:",
            "The witness is set up. Give the system administrators this public key:",
        )
    )
    console.print(f"\n  {made.key.vkey}\n")
    console.print(
        t(
            f"Sichern Sie {state}; die Datei bleibt bei Ihnen und geht niemanden sonst etwas an.",
            f"Back up {state}; the file stays with you and is nobody else's business.",
        )
    )


def look(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help=t("gespeicherte Mails oder ein Ordner", "saved mails, or a folder of them")
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help=t("wohin die Unterschrift", "where the cosignature goes")),
    ] = None,
    state: State = HERE,
    as_json: AsJson = False,
) -> None:
    with witness.alone(state):
        before = witness.load(state)
        looked = _looked(before, files or [])
        if looked.witness != before:
            # What was seen is remembered before anybody gets a signature for it.
            witness.save(state, looked.witness)
    kept = None if looked.conflict is None else witness.keep_conflict(state, looked)
    written = _hand_out(looked, out, state)
    if as_json:
        emit_json(
            {
                **_plain(looked.witness),
                **_verdict(looked),
                "cosignature": _name(written),
                "evidence": _name(kept),
            }
        )
    else:
        _tell(looked, written, kept)
    if not looked.well:
        stopped(PROBLEMS)


def show(state: State = HERE, as_json: AsJson = False) -> None:
    found = witness.load(state)
    if as_json:
        emit_json(_plain(found))
        return
    console.print(t("Zeuge: ", "Witness: ") + found.key.vkey)
    for key in found.log:
        console.print(t("bezeugt: ", "watches: ") + key.vkey)
        console.print(t("Fingerabdruck: ", "Fingerprint: ") + key.fingerprint)
    if found.url:
        console.print(t("Adresse: ", "address: ") + found.url)
    console.print(_remembered(found))


def trust(
    log: Annotated[
        str, typer.Argument(help=t("neuer Schlüssel des Protokolls", "new key of the log"))
    ],
    state: State = HERE,
    as_json: AsJson = False,
) -> None:
    with witness.alone(state):
        found = witness.trusting(witness.load(state), log)
        witness.save(state, found)
    if as_json:
        emit_json(_plain(found))
        return
    console.print(t("Der Schlüssel ist übernommen.", "The key is taken over."))


def _looked(before: Witness, files: list[Path]) -> Looked:
    now = SystemClock().now()
    if files:
        return witness.look(before, asking.carried(files, before.origin), now, live=False)
    if before.url is None:
        raise InputError(
            "Woher kommt der Prüfpunkt? Nennen Sie gespeicherte Mails oder ihren Ordner, oder "
            "richten Sie den Zeugen mit --url ein.",
            "Where does the checkpoint come from? Name saved mails or their folder, or set the "
            "witness up with --url.",
        )
    size = 0 if before.checkpoint is None else before.checkpoint.size
    return witness.look(before, asking.asked(before.url, size), now, live=True)


def _hand_out(looked: Looked, out: Path | None, state: Path) -> Path | None:
    if looked.cosigned is None or looked.witness.checkpoint is None:
        return None
    usual = state.with_name(f"{state.stem}-{looked.witness.checkpoint.size}.txt")
    path = out or usual
    if looked.course is Course.SAME and path.exists():
        return None
    write(path, looked.cosigned.written, PUBLIC)
    return path


def _tell(looked: Looked, written: Path | None, kept: Path | None) -> None:
    for alarm in _alarms(looked):
        errors.print(say(alarm), style="bold red")
    if kept is not None:
        errors.print(
            t(
                f"Der Beweis liegt in {kept}. Ändern Sie nichts, rufen Sie die Leitung des "
                "Rechtsamts und die Systemverwaltung zusammen.",
                f"The proof lies in {kept}. Change nothing; call the head of the legal office and "
                "the system administrators together.",
            ),
            style="bold red",
        )
    if looked.course is Course.GROWN:
        console.print(
            t(
                "Das Protokoll setzt unverändert fort, was dieser Zeuge gesehen hat.",
                "The log goes on, unchanged, from what this witness has seen.",
            )
        )
    elif looked.course is Course.FIRST:
        console.print(
            t(
                "Das ist der erste Prüfpunkt, der bezeugt wird.",
                "This is the first checkpoint that is witnessed.",
            )
        )
    elif looked.course is Course.SAME:
        console.print(t("Es ist kein neuer Prüfpunkt da.", "There is no new checkpoint."))
    console.print(_remembered(looked.witness))
    if written is not None:
        console.print(
            t(
                f"Die Unterschrift liegt in {written}; geben Sie sie der Systemverwaltung zurück.",
                f"The cosignature lies in {written}; hand it back to the system administrators.",
            )
        )


def _alarms(looked: Looked) -> list[Text]:
    found = []
    if looked.conflict is not None:
        found.append(witness.CONFLICTS[looked.conflict])
    if looked.false:
        found.append(
            Text(
                "Ein Prüfpunkt ist nicht mit einem bekannten Schlüssel des Protokolls unterschrieben. "
                "Wurde der Schlüssel ersetzt, übernehmen Sie den neuen: rechtzeitig witness trust.",
                "A checkpoint is not signed with a known key of the log. If the key was replaced, "
                "take the new one over: rechtzeitig witness trust.",
            )
        )
    if looked.unproven is not None and looked.witness.checkpoint is not None:
        size = looked.witness.checkpoint.size
        found.append(
            Text(
                f"Es gibt einen Prüfpunkt über {looked.unproven} Einträge, aber keinen Nachweis ab {size}. "
                f"Die Systemverwaltung macht ihn mit: rechtzeitig log offer {size}.",
                f"There is a checkpoint over {looked.unproven} entries, but no proof from {size}. The "
                f"system administrators make it by: rechtzeitig log offer {size}.",
            )
        )
    if looked.old:
        found.append(
            Text(
                "Der neueste Prüfpunkt ist älter als 26 Stunden. Fragen Sie nach, warum keiner mehr kommt.",
                "The newest checkpoint is older than 26 hours. Ask why there is no newer one.",
            )
        )
    return found


def _remembered(found: Witness) -> str:
    if found.checkpoint is None or found.seen_at is None:
        return t("Er hat noch keinen Prüfpunkt gesehen.", "It has not seen a checkpoint yet.")
    seen, size = say(moment_text(found.seen_at)), found.checkpoint.size
    return t(
        f"Bezeugt sind {size} Einträge, gesehen am {seen}.",
        f"{size} entries are witnessed, seen on {seen}.",
    )


def _plain(found: Witness) -> dict[str, Any]:
    checkpoint = found.checkpoint
    return {
        "witness": found.key.vkey,
        "log": [key.vkey for key in found.log],
        "url": found.url,
        "size": None if checkpoint is None else checkpoint.size,
        "root": None if checkpoint is None else checkpoint.root.hex(),
        "seen_at": found.seen_at,
    }


def _verdict(looked: Looked) -> dict[str, Any]:
    return {
        "well": looked.well,
        "course": looked.course,
        "conflict": looked.conflict,
        "unproven": looked.unproven,
        "not_signed": looked.false,
        "old": looked.old,
        "says": [{"de": a.de, "en": a.en} for a in _alarms(looked)],
    }


def _name(path: Path | None) -> str | None:
    return None if path is None else str(path)

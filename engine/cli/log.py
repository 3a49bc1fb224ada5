"""`log`: how far the global log is signed, its key, and what to do when it does not sign."""

from __future__ import annotations

from typing import Annotated

import typer

from engine.app import App, open_app
from engine.cli.console import HOME, AsJson, Data, console, emit_json, errors, say, stopped, t
from engine.errors import EngineError
from engine.services.cases import person_of
from engine.services.evidence import forks, keys, sealing
from engine.services.evidence.standing import LogStanding, standing_of
from engine.services.evidence.state import State
from engine.services.reading import house_of

Person = Annotated[str, typer.Option("--as", help=t("wer das tut", "who does so"))]
Reason = Annotated[
    str, typer.Option(help=t("was geschah, und warum es hingenommen wird", "what happened"))
]


def status(data: Data = HOME, as_json: AsJson = False) -> None:
    app = open_app(data)
    found = standing_of(app)
    if as_json:
        emit_json(_plain(found))
    else:
        _print(found)
    if found.refused is not None:
        stopped(1)


def _plain(found: LogStanding) -> dict[str, object]:
    refused = found.refused
    return {
        "origin": found.origin,
        "size": found.size,
        "waiting": found.waiting,
        "signed": found.signed,
        "signed_at": None if found.signed_at is None else found.signed_at.isoformat(),
        "signs_here": found.signs_here,
        "stamp": None if found.stamp is None else {"size": found.stamp.size, "at": found.stamp.at},
        "witnesses": [{"name": w.name, "size": w.size, "at": w.at} for w in found.witnesses],
        "refused": None
        if refused is None
        else {"kind": refused.kind, "de": refused.text.de, "en": refused.text.en},
    }


def _print(found: LogStanding) -> None:
    console.print(t(f"Protokoll {found.origin}", f"log {found.origin}"))
    for line in found.lines:
        console.print(say(line))
    for witness in found.witnesses:
        said = say(witness.text)
        console.print(t(f"Zeuge {witness.name}: {said}", f"witness {witness.name}: {said}"))
    if found.refused is not None:
        errors.print(say(found.refused.text), style="red")


def seal(data: Data = HOME, as_json: AsJson = False) -> None:
    app = open_app(data)
    found = sealing.seal_due(app, at_once=True)
    refused = standing_of(app).refused if found is None else None
    if refused is not None:
        # Nothing is new, yet nothing would be signed either.
        raise refused
    if as_json:
        emit_json(
            None
            if found is None
            else {"origin": found.origin, "size": found.size, "note": found.note}
        )
    elif found is None:
        console.print(t("Es gibt nichts zu unterschreiben.", "There is nothing to sign."))
    else:
        console.print(found.note, end="")


def key(data: Data = HOME, as_json: AsJson = False) -> None:
    app = open_app(data)
    show_key(app, as_json=as_json)


def show_key(app: App, *, as_json: bool = False) -> None:
    """Print the public key of the log, for the paper that goes to the legal office."""
    with app.database.read() as store:
        origin = store.log.origin()
    state = State(app.config)
    public = keys.read_key(state.key).public(origin)
    if as_json:
        said = {"origin": origin, "vkey": public.vkey, "fingerprint": public.fingerprint}
        emit_json({**said, "known": state.vkeys()})
        return
    console.print(
        t(
            "Öffentlicher Schlüssel des Protokolls. Geben Sie ihn dem Rechtsamt auf Papier:",
            "Public key of the log. Hand it to the legal office on paper:",
        )
    )
    console.print(public.vkey)
    console.print(t("Fingerabdruck: ", "Fingerprint: ") + public.fingerprint)


def rotate(as_: Person, data: Data = HOME, as_json: AsJson = False) -> None:
    app = open_app(data)
    new = keys.rotate(app, person_of(house_of(app), as_))
    found = sealing.seal_due(app, at_once=True)
    if as_json:
        emit_json({"vkey": new.vkey, "in_force": found is not None})
        return
    console.print(
        t(
            "Der Schlüssel ist ersetzt; den Wechsel haben beide unterschrieben. Geben Sie dem "
            "Rechtsamt den neuen auf Papier:"
            if found is not None
            else "Der Schlüssel wird mit dem nächsten Prüfpunkt ersetzt. Der neue:",
            "The key is replaced; both have signed the change. Hand the new one to the legal "
            "office on paper:"
            if found is not None
            else "The key will be replaced with the next checkpoint. The new one:",
        )
    )
    console.print(new.vkey)


def fork_acknowledge(
    as_: Person, reason: Reason, data: Data = HOME, as_json: AsJson = False
) -> None:
    app = open_app(data)
    done = forks.acknowledge(app, as_, reason)
    if as_json:
        emit_json({"origin": done.origin or None, "first": done.first})
        return
    if not done.origin:
        console.print(
            t(
                "Eingetragen. Nun muss eine zweite Person dasselbe erklären.",
                "Recorded. Now a second person must acknowledge the same.",
            )
        )
        return
    console.print(
        t(
            f"Das Protokoll wird als {done.origin} weitergeführt. Sagen Sie es den Zeugen, und geben "
            "Sie dem Rechtsamt den Schlüssel auf Papier:",
            f"The log goes on as {done.origin}. Tell the witnesses, and hand the key to the legal "
            "office on paper:",
        )
    )
    try:
        show_key(app)
    except EngineError as error:
        errors.print(say(error.text), style="red")

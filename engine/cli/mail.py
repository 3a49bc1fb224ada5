"""`mail test|outbox|decide`: whether mail leaves the house, and what became of each letter."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from engine.app import open_app
from engine.cli.console import HOME, AsJson, Data, console, emit_json, say, stopped, t
from engine.delivery.bounces import KINDS, take_in
from engine.delivery.trial import send_test
from engine.errors import InputError
from engine.services.admin.post import PRESUMED, STATES, settle_as
from engine.store.outbox import Ending, MessageLine

UNAVAILABLE = 4


def test(
    to: Annotated[str, typer.Argument(help=t("Empfängeradresse", "recipient"))],
    second: Annotated[
        bool,
        typer.Option("--second", help=t("über den zweiten Mailserver", "by the second server")),
    ] = False,
    data: Data = HOME,
    as_json: AsJson = False,
) -> None:
    result = send_test(open_app(data), to, second=second)
    if as_json:
        emit_json({"sent": result.sent, "channel": result.channel, "answer": result.answer})
    else:
        console.print(f"{result.channel}: {result.answer}")
    if not result.sent:
        stopped(UNAVAILABLE)


def outbox(
    state: Annotated[str | None, typer.Option(help=" ".join(STATES))] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    data: Data = HOME,
    as_json: AsJson = False,
) -> None:
    _refuse_unknown(state)
    with open_app(data).database.read() as store:
        rows = store.outbox.messages(state, limit=limit)
        held = [*store.outbox.notices("held"), *store.outbox.notices("dropped")]
        counts = store.outbox.counts()
    if as_json:
        names = rows[0].__dataclass_fields__ if rows else ()
        emit_json(
            {
                "counts": counts,
                "messages": [{n: getattr(row, n) for n in names} for row in rows],
                "aside": [
                    {"case": n.number, "office": n.office, "letter": n.letter, "reason": n.reason}
                    for n in held
                ],
            }
        )
        return
    table = Table(
        "", t("an", "to"), t("Betreff", "subject"), t("Stand", "state"), t("Antwort", "answer")
    )
    for row in rows:
        answer = f"{row.last_code or ''} {row.last_text or ''}".strip()
        table.add_row(str(row.id), row.address, row.subject, _standing(row), answer)
    console.print(table)
    for n in held:
        console.print(f"{n.number} {n.office} {n.letter}: {n.reason}", style="yellow")


def _refuse_unknown(state: str | None) -> None:
    if state is not None and state not in STATES:
        known = ", ".join(STATES)
        raise InputError(
            f"--state: Den Stand „{state}“ gibt es nicht. Bekannt sind: {known}.",
            f"--state: there is no state '{state}'. Known are: {known}.",
        )


def _standing(row: MessageLine) -> str:
    """Return the state of a mail; of one that a person took as sent, just that."""
    if row.state == "accepted" and row.accepted_at is None:
        return say(PRESUMED)
    return row.state


def bounce(
    file: Annotated[
        typer.FileBinaryRead,
        typer.Argument(help=t("die zurückgekommene Mail, - für stdin", "the mail, - for stdin")),
    ] = "-",  # type: ignore[assignment]
    data: Data = HOME,
    as_json: AsJson = False,
) -> None:
    found = take_in(open_app(data), file.read())
    if as_json:
        emit_json(None if found is None else asdict(found))
    elif found is None:
        console.print(t("Kein Bericht über eine unserer Nachrichten; es ändert sich nichts.",
                        "No report on a message of ours; nothing changes."))  # fmt: skip
    else:
        console.print(f"{found.uid}: {say(KINDS[found.kind])} {found.status} {found.text}".strip())


def resend(message: Annotated[int, typer.Argument()], data: Data = HOME) -> None:
    app = open_app(data)
    with app.database.write() as store:
        store.outbox.require(message)
        done = store.outbox.resend(message, app.clock.now())
    _answer(done, t("Die Nachricht geht noch einmal hinaus.", "The message goes out again."))


def cancel(message: Annotated[int, typer.Argument()], data: Data = HOME) -> None:
    with open_app(data).database.write() as store:
        store.outbox.require(message)
        done = store.outbox.cancel(message)
    _answer(done, t("Die Nachricht bleibt liegen.", "The message stays here."))


def decide(
    message: Annotated[int, typer.Argument(help=t("Nummer der Nachricht", "number of the mail"))],
    decision: Annotated[
        str,
        typer.Argument(
            help=t("erneut (senden) oder gesendet", "erneut (send again) or gesendet (as sent)")
        ),
    ],
    reason: Annotated[str, typer.Option("--reason", help=t("der Grund", "the reason"))],
    as_: Annotated[str, typer.Option("--as", help=t("wer das entscheidet", "who decides so"))],
    data: Data = HOME,
    as_json: AsJson = False,
) -> None:
    ending = settle_as(open_app(data), message, decision, reason, as_)
    if as_json:
        emit_json({"message": message, "state": ending.value})
    elif ending is Ending.RETRY:
        console.print(t("Die Nachricht geht noch einmal hinaus.", "The message goes out again."))
    else:
        console.print(
            t(
                "Die Nachricht gilt als gesendet. Dass sie einging, folgt daraus nicht.",
                "The message is taken as sent. That it was received does not follow.",
            )
        )


def _answer(done: bool, words: str) -> None:
    if not done:
        console.print(t("Das geht in ihrem Stand nicht.", "Its state does not allow it."))
        stopped(1)
    console.print(words)

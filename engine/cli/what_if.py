"""`rechtzeitig what-if`: what would have been different under other rules."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from engine.app import open_app
from engine.cli.console import HOME, AsJson, Data, console, emit_json, say, t
from engine.cli.fields import day_from
from engine.core.otherwise import Otherwise
from engine.core.periods import Period
from engine.errors import InputError
from engine.services import what_if as service
from engine.services import what_if_words as words
from engine.services.what_if import Answer, Question


def what_if(
    since: Annotated[
        str | None, typer.Option("--from", help=t("angemeldet ab (Tag)", "registered from (day)"))
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", help=t("angemeldet bis (Tag)", "registered until (day)"))
    ] = None,
    rules: Annotated[
        list[Path] | None,
        typer.Option(
            "--rules",
            help=t(
                "Regelpaket, als hätte es schon immer gegolten; anstelle dessen mit gleicher id",
                "rule pack, as if it had always applied; in place of that of the same id",
            ),
        ),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(
            "--without", help=t("id eines Regelpakets, das nicht gilt", "id of a pack left out")
        ),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help=t(
                "andere Dauer: 'eingang=2 Arbeitstage' (benannter Wert), 'anhoerung=3 Wochen' "
                "(jede Frist dieser Form), 'musterheide-da-4=15 AT' (Vorschrift), "
                "'musterheide-da-4.urgent=5 AT' (deren Frist im Eilfall)",
                "another length: 'eingang=2 working days' (named value), 'anhoerung=3 weeks' "
                "(each period of that form), 'musterheide-da-4=15 working days' (provision), "
                "'musterheide-da-4.urgent=5 working days' (its urgent period)",
            ),
        ),
    ] = None,
    calendar: Annotated[
        list[Path] | None,
        typer.Option("--calendar", help=t("Kalender (Datei)", "calendar (file)")),
    ] = None,
    workflow: Annotated[
        list[Path] | None,
        typer.Option("--workflow", help=t("Fassung eines Ablaufs (Datei)", "workflow (file)")),
    ] = None,
    data: Data = HOME,
    as_json: AsJson = False,
) -> None:
    """Tell recorded cases again under other rules / Vorgänge unter anderen Regeln nachspielen."""
    question = Question(
        since=None if since is None else day_from(since),
        until=None if until is None else day_from(until),
        files=(*(rules or ()), *(calendar or ()), *(workflow or ())),
        without=frozenset(without or ()),
        periods=dict(_period(word) for word in set_ or ()),
    )
    answer = service.what_if(open_app(data), question)
    if as_json:
        emit_json(plain_answer(question, answer))
    else:
        show_answer(question, answer)


def _period(word: str) -> tuple[str, Period]:
    name, eq, length = word.partition("=")
    if not eq or not name.strip():
        raise InputError(
            f"--set {word}: gemeint ist name=Dauer, etwa 'eingang=2 Arbeitstage'.",
            f"--set {word}: write name=length, such as 'eingang=2 working days'.",
        )
    return name.strip(), Period.parse(length)


def plain_answer(question: Question, answer: Answer) -> dict[str, Any]:
    """Return the answer in values for JSON."""
    return {
        "from": question.since,
        "to": question.until,
        "supposed": supposed(question),
        "told": answer.told,
        "different": [
            {"number": d.number, "title": d.title, **_plain(d.what)} for d in answer.different
        ],
        "sittings": {
            "planned": answer.planned,
            "missed": answer.missed[0],
            "would_be_missed": answer.missed[1],
            "newly_missed": answer.newly,
        },
        "unclear": answer.unclear,
    }


def _plain(what: Otherwise) -> dict[str, Any]:
    names = ("deadlines", "lapses", "findings", "letters", "impossible", "ended")
    rows = {name: getattr(what, name) for name in names}
    was, would_be = what.reached
    return {**rows, "sitting_reached": {"before": was, "after": would_be}}


def supposed(question: Question) -> list[str]:
    """Return in a few words each thing that is supposed to be otherwise."""
    return [
        *(f"{name} = {say(length.text)}" for name, length in question.periods.items()),
        *(path.name for path in question.files),
        *(t(f"ohne {pack}", f"without {pack}") for pack in sorted(question.without)),
    ]


def show_answer(question: Question, answer: Answer) -> None:
    """Print how many files would have gone otherwise, then each of them."""
    what = ", ".join(supposed(question)) or t("nichts geändert", "nothing changed")
    console.print(t(f"Angenommen: {what}", f"Supposed: {what}"), style="bold")
    console.print(say(words.summary(answer)))
    if answer.planned:
        console.print(say(words.sittings(question, answer)))
    left_aside = words.unclear(answer)
    if left_aside is not None:
        console.print(say(left_aside), style="yellow")
    if answer.different:
        _show_files(answer)


def _show_files(answer: Answer) -> None:
    table = Table(show_lines=True)
    table.add_column(t("Vorgang", "case"), no_wrap=True)
    table.add_column(t("was anders gewesen wäre", "what would have been different"))
    for row in answer.different:
        lines = "\n".join(say(line) for line in words.lines(row.what, answer.world))
        table.add_row(row.number, f"{row.title}\n{lines}".strip())
    console.print(table)

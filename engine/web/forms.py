"""The form of a step: a control for each field it takes, and what a sent form says.

No page knows a step by its name. The definition says what a step takes; from that comes the
form, and back from the form comes the deed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from starlette.datastructures import FormData, UploadFile

from engine.core.case import Case, Entry, Participation
from engine.core.meanings import Kind
from engine.core.workflow import Field, Step, Workflow
from engine.core.world import World
from engine.errors import InputError, Text

FIRST_POINTS = 3
MOST_POINTS = 40
RESPONSES = (
    ("followed", Text("folgen", "follow")),
    ("partly", Text("teilweise folgen", "follow in part")),
    ("not_followed", Text("nicht folgen", "do not follow")),
)


READY = "bereit"
"""What the field is called, after that of the files, which names those that came before."""


@dataclass(frozen=True, slots=True)
class Control:
    """One field of a form: its kind of control, its label, and what may be chosen."""

    name: str
    type: str
    label: Text
    required: bool
    options: tuple[tuple[str, Text], ...] = ()
    value: Any = ""
    points: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class About:
    """What a step is taken on: the case or one of its participations, and its workflow."""

    case: Case
    world: World
    workflow: Workflow
    participation: Participation | None
    lines: tuple[Entry, ...] = ()


def controls(step: Step, about: About, sent: FormData | None = None) -> list[Control]:
    """Return the controls of a step's form, holding again what was sent before, if anything."""
    return [_control(wanted, about, sent) for wanted in step.takes]


def back_datable(step: Step) -> bool:
    """Return whether the day of a step may be an earlier one: of a fact, never of a permission."""
    return step.kind is Kind.FACT


def _control(wanted: Field, about: About, sent: FormData | None) -> Control:
    label = about.workflow.fields.get(wanted.name) or Text(wanted.name, wanted.name)
    return Control(
        name=wanted.name,
        type=wanted.type,
        label=Text(_big(label.de), _big(label.en)),
        required=not wanted.optional,
        options=tuple(_options(wanted, about)),
        value=_held(wanted, about, sent),
        points=_points(about) if wanted.type == "weighing" else (),
    )


def _big(words: str) -> str:
    return words[:1].upper() + words[1:]


def _options(wanted: Field, about: About) -> Iterable[tuple[str, Text]]:
    held, world = about.case, about.world
    match wanted.type:
        case "choice":
            return [(w, wanted.labels.get(w, Text(w, w))) for w in wanted.options]
        case "bool":
            return (("ja", Text("ja", "yes")), ("nein", Text("nein", "no")))
        case "office":
            return [(o.id, Text(o.name, o.name)) for o in world.roster.offices.values()]
        case "body":
            return [(b, Text(b, b)) for b in dict.fromkeys(s.body for s in held.measure.stages)]
        case "finding":
            return [(str(f.number), _finding(f.number)) for f in held.findings]
        case "documents":
            return document_kinds(world, held.measure.municipality)
        case "facts":
            return [(name, fact.question) for name, fact in world.library.facts.items()]
    return RESPONSES if wanted.type == "weighing" else ()


def _finding(number: int) -> Text:
    return Text(f"Feststellung {number}", f"finding {number}")


def document_kinds(world: World, municipality: str) -> Iterator[tuple[str, Text]]:
    """Yield the kinds of document that provisions in force demand, then any other."""
    demanded = {
        kind: Text(_big(kind.replace("_", " ")), _big(kind.replace("_", " ")))
        for p in world.library.in_force(world.today, world.place(municipality))
        if p.duty is not None
        for kind in p.duty.documents
    }
    demanded.setdefault("vorlage", Text("Vorlage", "paper"))
    yield from demanded.items()
    yield "anlage", Text("Anlage", "annex")


def _held(wanted: Field, about: About, sent: FormData | None) -> Any:
    if wanted.type == "points":
        texts = [] if sent is None else [str(x) for x in sent.getlist(wanted.name)]
        more = FIRST_POINTS if sent is not None and "mehr" in sent else 0
        blank = [""] * max(more, FIRST_POINTS - len(texts))
        return [*texts, *blank][:MOST_POINTS]
    if wanted.type == "weighing":
        held = {} if sent is None else sent
        return {
            number: (
                str(held.get(f"{wanted.name}.{number}", "")),
                str(held.get(f"{wanted.name}.{number}.grund", "")),
            )
            for number, _ in _points(about)
        }
    if wanted.type == "facts":
        stated = dict(about.case.measure.facts)
        return {k: stated.get(k) for k in about.world.library.facts}
    if sent is not None and wanted.name in sent and wanted.type != "documents":
        return str(sent[wanted.name])
    return ""


def _points(about: About) -> tuple[tuple[int, str], ...]:
    """Return the numbered points of the newest statement of a participation."""
    if about.participation is None:
        return ()
    names = {f.name for s in about.workflow.steps.values() for f in s.takes if f.type == "points"}
    for line in reversed(about.lines):
        if line.plain.get("participation") != about.participation.key:
            continue
        for name in names & set(line.private):
            return tuple((int(p["number"]), str(p["text"])) for p in line.private[name])
    count = sum(n for f, n in about.participation.given.items() if f in names and type(n) is int)
    return tuple((n, "") for n in range(1, count + 1))


def given(step: Step, sent: FormData, about: About) -> dict[str, Any]:
    """Return the fields of a step as a form has sent them; what was left empty is left out.

    Raises InputError for what cannot be what the field takes.
    """
    found: dict[str, Any] = {}
    for wanted in step.takes:
        value = _given(wanted, sent, about)
        if value is not None:
            found[wanted.name] = value
    return found


def _given(wanted: Field, sent: FormData, about: About) -> Any:
    if wanted.type == "documents":
        return None
    if wanted.type == "points":
        texts = [str(x).strip() for x in sent.getlist(wanted.name)]
        rows = [{"number": n, "text": x} for n, x in enumerate(filter(None, texts), start=1)]
        return rows or (None if wanted.optional else [])
    if wanted.type == "weighing":
        return [_weighed(wanted, number, sent) for number, _ in _points(about)]
    if wanted.type == "facts":
        return facts_given(sent, about.world, wanted.name)
    raw = str(sent.get(wanted.name, "")).strip()
    return _typed(wanted, raw, about) if raw else None


def _weighed(wanted: Field, number: int, sent: FormData) -> dict[str, Any]:
    response = str(sent.get(f"{wanted.name}.{number}", ""))
    if response not in {word for word, _ in RESPONSES}:
        raise InputError(
            f"Punkt {number}: Wählen Sie, ob die Verwaltung folgt.",
            f"Point {number}: choose whether the administration follows.",
        )
    reason = str(sent.get(f"{wanted.name}.{number}.grund", "")).strip()
    return {"number": number, "response": response, "reason": reason}


def unreasoned(step: Step, sent: FormData) -> Text | None:
    """Return which points are not followed, or only in part, without a reason, if any."""
    for wanted in step.takes:
        if wanted.type != "weighing":
            continue
        bare = [
            name.split(".")[1]
            for name, value in sent.multi_items()
            if name.startswith(f"{wanted.name}.")
            and value in ("partly", "not_followed")
            and not str(sent.get(f"{name}.grund", "")).strip()
        ]
        if bare:
            said = ", ".join(bare)
            return Text(
                f"Punkt {said}: Begründen Sie, warum nicht oder nur teilweise gefolgt wird.",
                f"Point {said}: say why it is not followed, or only in part.",
            )
    return None


def left_empty(rows: Iterable[Control], sent: FormData) -> dict[str, Text]:
    """Return for each field that is needed and was sent empty what to do about it."""
    plain = ("text", "wording", "choice", "office", "body", "day", "number", "finding")
    return {
        c.name: Text(
            f"{_big(c.label.de)}: Hier fehlt Ihre Angabe.", f"{_big(c.label.en)}: missing."
        )
        for c in rows
        if c.required
        and (
            (c.type in plain and not str(sent.get(c.name, "")).strip())
            or (c.type == "documents" and not _with_files(sent, c.name))
        )
    }


def _with_files(sent: FormData, name: str) -> bool:
    """Return whether a field has sent a file, or chosen one that came before."""
    return bool(uploads_of(sent, name) or sent.getlist(f"{name}.{READY}"))


def facts_given(sent: FormData, world: World, name: str) -> dict[str, bool]:
    """Return the facts that a form answers with yes or no; what has no answer is left out."""
    answers = {"ja": True, "nein": False}
    return {
        fact: answers[str(sent[f"{name}.{fact}"])]
        for fact in world.library.facts
        if str(sent.get(f"{name}.{fact}", "")) in answers
    }


def _typed(wanted: Field, raw: str, about: About) -> Any:
    label = about.workflow.fields.get(wanted.name) or Text(wanted.name, wanted.name)
    match wanted.type:
        case "bool":
            return raw == "ja"
        case "number" | "finding":
            if not raw.isdecimal():
                raise InputError(
                    f"{_big(label.de)}: „{raw}“ ist keine Zahl.",
                    f"{_big(label.en)}: '{raw}' is no number.",
                )
            return int(raw)
        case "day":
            return day_given(raw, label).isoformat()
    return raw.replace("\r\n", "\n")


def day_given(raw: str, label: Text) -> date:
    """Return a day as a date field sends it, or as people write it (12.03.2026)."""
    try:
        if "." in raw:
            day, month, year = (int(part) for part in raw.split("."))
            return date(year, month, day)
        return date.fromisoformat(raw)
    except ValueError:
        raise InputError(
            f"{_big(label.de)}: „{raw}“ ist kein Tag. Schreiben Sie ihn so: 12.03.2026.",
            f"{_big(label.en)}: '{raw}' is no day. Write it like 12.03.2026.",
        ) from None


def uploads_of(sent: FormData, name: str) -> list[tuple[str, UploadFile]]:
    """Return the files that a field has sent, each with the kind of document chosen for it."""
    kind = str(sent.get(f"{name}.art", "")) or "vorlage"
    rows = sent.getlist(name)
    return [(kind, f) for f in rows if isinstance(f, UploadFile) and f.filename]


def errors_by_field(names: Iterable[str], error: Text) -> Mapping[str, Text]:
    """Return the field that an error names, if it names one."""
    return {n: error for n in names if f"„{n}“" in error.de}


def said_of(
    line: Entry, takes: Iterable[Field], labels: Mapping[str, Text]
) -> Iterator[tuple[Text, str]]:
    """Yield what a line of the file says in words: each field with its label and its text."""
    responses = dict(RESPONSES)
    for wanted in takes:
        label = labels.get(wanted.name) or Text(wanted.name, wanted.name)
        label = Text(_big(label.de), _big(label.en))
        if wanted.type == "choice":
            word = line.plain.get("given", {}).get(wanted.name)
            if word is not None:
                yield label, wanted.labels.get(str(word), Text(str(word), str(word))).de
            continue
        if wanted.type == "bool":
            told = line.plain.get("given", {}).get(wanted.name)
            if told is not None:
                yield label, "ja" if told else "nein"
            continue
        value = line.private.get(wanted.name)
        if value is None:
            continue
        if wanted.type == "points":
            for point in value:
                number = point["number"]
                yield Text(f"Punkt {number}", f"point {number}"), str(point["text"])
        elif wanted.type == "weighing":
            for point in value:
                number, reason = point["number"], str(point.get("reason") or "")
                said = responses[point["response"]].de + (f": {reason}" if reason else "")
                yield Text(f"Punkt {number}", f"point {number}"), said
        else:
            yield label, str(value)

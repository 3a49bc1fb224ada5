"""What an act must be before it is decided, and how a refusal is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Any

from engine.core.affected import facts_missing
from engine.core.calendar import local_day
from engine.core.case import Act, Document, Participation
from engine.core.conditions import Condition, Value, names
from engine.core.draft import DEMANDED_BY, Draft
from engine.core.machine import Verdict
from engine.core.meanings import Kind, StepMeans
from engine.core.offices import Tenure
from engine.core.phrases import norms, requirement
from engine.core.situation import documents_missing, settled
from engine.core.wording import day_text as day
from engine.core.workflow import CLOCK, ENGINE, WORDS, Field, Step, Workflow
from engine.errors import InputError, NotFound, Refused, Stale, Text

_ROLES = {
    "lead": Text("federführende Stelle", "lead department"),
    "office": Text("beteiligte Stelle", "office that takes part"),
    "demanding": Text("Stelle, die beteiligt werden will", "office that demands to take part"),
    CLOCK: Text("Fristenlauf", "the clock"),
    ENGINE: Text("Folge eines anderen Schritts", "what follows another step"),
}

_TYPES = {
    "text": Text("Text", "text"),
    "wording": Text("Text", "text"),
    "deviation": Text("Text", "text"),
    "body": Text("Name eines Gremiums", "name of a body"),
    "office": Text("Kennung einer Stelle", "id of an office"),
    "day": Text("Tag (JJJJ-MM-TT)", "day (YYYY-MM-DD)"),
    "number": Text("ganze Zahl", "whole number"),
    "finding": Text("Nummer einer Feststellung", "number of a finding"),
    "bool": Text("ja oder nein", "yes or no"),
    "choice": Text("eine der Möglichkeiten", "one of the options"),
    "facts": Text("Tatsachen", "facts"),
    "points": Text("nummerierte Punkte", "numbered points"),
    "weighing": Text("Antworten zu den Punkten", "answers to the points"),
}


def step_of(workflow: Workflow, name: str) -> Step:
    """Return the step of that id; NotFound names the nearest one."""
    if name in workflow.steps:
        return workflow.steps[name]
    near = get_close_matches(name, workflow.steps, n=1)
    de = f" Meinten Sie „{near[0]}“?" if near else ""
    en = f" Did you mean '{near[0]}'?" if near else ""
    raise NotFound(
        f"Der Ablauf „{workflow.title.de}“ kennt keinen Schritt „{name}“.{de}",
        f"The workflow '{workflow.title.en}' knows no step '{name}'.{en}",
    )


def check_day(act: Act, step: Step, today: date) -> None:
    """Refuse a day in the future, and an earlier one without reason or for a permission."""
    if act.happened_on > today:
        raise InputError(
            f"{day(act.happened_on).de} liegt in der Zukunft; heute ist {day(today).de}.",
            f"{day(act.happened_on).en} lies in the future; today is {day(today).en}.",
        )
    if act.happened_on == today:
        return
    if step.kind is Kind.PERMISSION:
        raise Refused(
            f"„{step.title.de}“ gilt ab heute und kann nicht zurückdatiert werden.",
            f"'{step.title.en}' takes effect today and cannot be back-dated.",
        )
    if not act.reason:
        raise InputError(
            f"„{step.title.de}“ soll am {day(act.happened_on).de} geschehen sein: Nennen Sie "
            "den Grund, warum es erst jetzt eingetragen wird.",
            f"'{step.title.en}' is said to have happened on {day(act.happened_on).en}: give "
            "the reason why it is only entered now.",
        )


def check_seen(draft: Draft, subject: Participation | None, act: Act) -> None:
    """Refuse an act on something that its actor had not seen in its present form."""
    seen = act.seen
    if seen is None:
        return
    changed = subject is not None and seen.revision not in (None, subject.revision)
    newer = seen.paper not in (None, draft.paper)
    if changed or newer:
        raise Stale(
            f"Der Vorgang {draft.before.number} hat sich geändert, seit Sie ihn geöffnet haben. "
            "Sehen Sie ihn neu an und entscheiden Sie dann; Ihre Eingabe ist nicht übernommen.",
            f"Case {draft.before.number} has changed since you opened it. Look at it again "
            "and decide then; nothing of your input was taken over.",
        )


def check_given(step: Step, given: Mapping[str, Any], documents: Sequence[Document]) -> None:
    """Refuse fields that the step does not take, misses, or takes in another type.

    A document that a step takes along is as much a field as any other.
    """
    fields = {f.name: f for f in step.takes}
    for name in given:
        if name not in fields:
            raise _unknown_field(step, name, fields)
    for wanted in step.takes:
        if wanted.type == "documents":
            if not documents and not wanted.optional:
                raise _missing_field(step, wanted)
            continue
        value = given.get(wanted.name)
        if value is None:
            if not wanted.optional:
                raise _missing_field(step, wanted)
        else:
            _check_value(step, wanted, value)


def check_order(draft: Draft, subject: Participation | None, step: Step, act: Act) -> None:
    """Refuse an answer that is said to have come before what it answers."""
    key = "" if subject is None else subject.key
    held = [draft.deadline(key, name) for name in step.ends]
    begun = [
        local_day(d.derivation.trigger)
        for d in held
        if d is not None and d.derivation.counting is not None
    ]
    if begun and act.happened_on < min(begun):
        first = day(min(begun))
        raise InputError(
            f"„{step.title.de}“ kann nicht vor dem {first.de} geschehen sein: erst an diesem "
            "Tag begann, worauf es antwortet.",
            f"'{step.title.en}' cannot have happened before {first.en}: what it answers began "
            "only on that day.",
        )


def check_points(
    workflow: Workflow, subject: Participation | None, step: Step, given: Mapping[str, Any]
) -> None:
    """Refuse a weighing that leaves a point of the statement without an answer."""
    weighing = [f for f in step.takes if f.type == "weighing" and f.name in given]
    if subject is None or not weighing:
        return
    asked = {f.name for s in workflow.steps.values() for f in s.takes if f.type == "points"}
    count = sum(n for f, n in subject.given.items() if f in asked and isinstance(n, int))
    for wanted in weighing:
        answered = [p.get("number") for p in given[wanted.name]]
        if sorted(answered) != list(range(1, count + 1)):
            raise InputError(
                f"„{step.title.de}“: Die Stellungnahme hat {count} Punkte; jeder braucht genau "
                f"eine Antwort. Beantwortet sind: {', '.join(map(str, answered)) or 'keine'}.",
                f"'{step.title.en}': the statement has {count} points; each needs exactly one "
                f"answer. Answered are: {', '.join(map(str, answered)) or 'none'}.",
            )


def _check_value(step: Step, wanted: Field, value: Any) -> None:
    fits = {
        "text": isinstance(value, str) and bool(value.strip()),
        "wording": isinstance(value, str) and bool(value.strip()),
        "deviation": isinstance(value, str) and bool(value.strip()),
        "body": isinstance(value, str) and bool(value.strip()),
        "office": isinstance(value, str) and bool(value.strip()),
        "day": isinstance(value, str) and _is_day(value),
        "number": isinstance(value, int) and not isinstance(value, bool),
        "finding": isinstance(value, int) and not isinstance(value, bool),
        "bool": isinstance(value, bool),
        "choice": value in wanted.options,
        "facts": isinstance(value, Mapping),
        "points": isinstance(value, list | tuple),
        "weighing": isinstance(value, list | tuple),
    }[wanted.type]
    if fits:
        return
    kind = _TYPES[wanted.type]
    options = f" ({', '.join(wanted.options)})" if wanted.options else ""
    raise InputError(
        f"„{step.title.de}“: Für „{wanted.name}“ wird erwartet: {kind.de}{options}.",
        f"'{step.title.en}': expected for '{wanted.name}': {kind.en}{options}.",
    )


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return len(value) == 10


def _unknown_field(step: Step, name: str, fields: Iterable[str]) -> InputError:
    known = ", ".join(fields) or "–"
    return InputError(
        f"„{step.title.de}“ nimmt keine Angabe „{name}“ (bekannt: {known}).",
        f"'{step.title.en}' takes no field '{name}' (known: {known}).",
    )


def _missing_field(step: Step, wanted: Field) -> InputError:
    options = f" ({', '.join(wanted.options)})" if wanted.options else ""
    return InputError(
        f"„{step.title.de}“ braucht die Angabe „{wanted.name}“{options}.",
        f"'{step.title.en}' needs the field '{wanted.name}'{options}.",
    )


def tenure(draft: Draft, act: Act) -> Tenure:
    """Return under which tenure the actor acts for the act's office.

    She must hold the office, or deputise a holder who is prevented; otherwise the act is
    refused, whoever may have typed it.
    """
    roster = draft.world.roster
    office = roster.office(act.office)
    found = roster.tenure(act.actor, act.office, act.happened_on, draft.case_uid)
    if found is None:
        raise Refused(
            f"Am {day(act.happened_on).de} handelt für „{office.name}“ eine andere Person. Eine "
            "Vertretung braucht eine Bestellung und die Abwesenheit der Inhaberin.",
            f"On {day(act.happened_on).en} somebody else acts for '{office.name}'. A deputy "
            "needs an appointment and the holder's absence.",
        )
    return found


def roles(draft: Draft, subject: Participation | None, office: str) -> frozenset[str]:
    """Return in which roles an office stands to the case: its kind, and its relations."""
    found = {draft.world.roster.office(office).kind}
    if office == draft.measure.lead:
        found.add("lead")
    if subject is not None and office == subject.office:
        found.add("office")
    if office == draft.given.get(DEMANDED_BY):
        found.add("demanding")
    return frozenset(found)


def demanding(draft: Draft, step: Step, act: Act) -> str:
    """Return the office that demands to take part: the acting one, or the one it records.

    What others record is a demand only of an office that may demand by itself.
    """
    named = next((f.name for f in step.takes if f.type == "office"), None)
    if named is None:
        return act.office
    office = draft.world.roster.office(act.given[named])
    own = [s for s in draft.workflow.steps_meaning(StepMeans.DEMAND) if not _records(s)]
    if all(office.kind not in s.by for s in own):
        raise Refused(
            f"„{office.name}“ kann keine Beteiligung verlangen; das können nur Stellen, die "
            "beteiligt werden.",
            f"'{office.name}' cannot demand to take part; only offices that are heard can.",
        )
    return office.id


def _records(step: Step) -> bool:
    return any(f.type == "office" for f in step.takes)


def refusal(
    draft: Draft,
    workflow: Workflow,
    step: Step,
    verdict: Verdict,
    subject: Participation | None,
    on: date,
) -> Refused:
    """Return the refusal with the norm, its rank and what is missing."""
    if verdict.wrong_state:
        return _wrong_state(draft, workflow, step, subject)
    if verdict.wrong_role:
        return _wrong_role(draft, step)
    missing = [_missing(draft, subject, c, on) for c in verdict.unmet]
    return Refused(
        f"„{step.title.de}“ ist noch nicht möglich: " + "; ".join(m.de for m in missing) + ".",
        f"'{step.title.en}' is not possible yet: " + "; ".join(m.en for m in missing) + ".",
    )


def _wrong_role(draft: Draft, step: Step) -> Refused:
    kinds = draft.world.roster.kinds
    by = [_ROLES.get(r) or (kinds[r].title if r in kinds else Text(r, r)) for r in sorted(step.by)]
    de, en = ", ".join(r.de for r in by), ", ".join(r.en for r in by)
    return Refused(
        f"„{step.title.de}“ steht Ihnen in diesem Vorgang nicht zu (sondern: {de}).",
        f"'{step.title.en}' is not yours to take in this case (but: {en}).",
    )


def _wrong_state(
    draft: Draft, workflow: Workflow, step: Step, subject: Participation | None
) -> Refused:
    state = draft.state if subject is None else subject.state
    title = workflow.states[state].title if state in workflow.states else Text("neu", "new")
    return Refused(
        f"„{step.title.de}“ ist im Stand „{title.de}“ nicht möglich.",
        f"'{step.title.en}' is not possible in the state '{title.en}'.",
    )


def _missing(draft: Draft, subject: Participation | None, condition: Condition, on: date) -> Text:
    read = set(names(condition))
    if any(n.startswith("participations.") for n in read):
        return open_participations(draft, on)
    if "documents" in read:
        kinds = ", ".join(documents_missing(draft, subject, on))
        return Text(f"es fehlen Unterlagen: {kinds}", f"documents are missing: {kinds}")
    if "facts" in read:
        names_ = ", ".join(facts_missing(draft))
        return Text(
            f"die Betroffenheitsprüfung ist offen: {names_}",
            f"these facts are not stated: {names_}",
        )
    return requirement(condition)


def open_participations(draft: Draft, on: date) -> Text:
    """Return which participations are open, in which state, and the norms behind them."""
    rows = [_open(draft, p, on) for p in draft.current() if not settled(draft, p)]
    return Text("; ".join(r.de for r in rows), "; ".join(r.en for r in rows))


def _open(draft: Draft, p: Participation, on: date) -> Text:
    workflow = draft.world.library.workflow(p.workflow)
    office = draft.world.roster.office(p.office).name
    title = workflow.states[p.state].title
    cited = norms(provisions_of(draft, p, on))
    return Text(
        f"{office}, {workflow.title.de}: {title.de} – {cited.de}",
        f"{office}, {workflow.title.en}: {title.en} – {cited.en}",
    )


def provisions_of(draft: Draft, p: Participation, on: date) -> tuple[Any, ...]:
    """Return the provisions behind a participation by the law of `on`.

    Where that law no longer calls for it, those that once did are named.
    """
    now = draft.calling(p.office, p.form, on)
    return now or tuple(draft.world.library.provision(i) for i in p.provisions)


def plain_given(step: Step, given: Mapping[str, Any]) -> dict[str, Value]:
    """Return of what was given the part that conditions may read and the log keeps plain.

    A field that was left out is None, so that no earlier answer lives on; of a text only
    that it was there is said.
    """
    plain: dict[str, Value] = {}
    for wanted in step.takes:
        value = given.get(wanted.name)
        if wanted.type == "documents":
            continue
        if value is None:
            plain[wanted.name] = None
        elif wanted.type in WORDS:
            plain[wanted.name] = True
        else:
            plain.update(_counted(wanted, value))
    return plain


def _counted(wanted: Field, value: Any) -> dict[str, Value]:
    if wanted.type == "points":
        return {wanted.name: len(value)}
    if wanted.type == "weighing":
        refused = [p for p in value if p.get("response") != "followed"]
        bare = [p for p in refused if not str(p.get("reason", "")).strip()]
        return {
            wanted.name: len(value),
            "nicht_gefolgt": len(refused),
            "ohne_begruendung": len(bare),
        }
    return {wanted.name: value}

"""Each deadline in sentences: whose it is, when it runs and rests, where its length comes from."""

from __future__ import annotations

from collections.abc import Iterator

from engine.core.conditions import ALWAYS
from engine.core.escalation import Rung
from engine.core.workflow import DeadlineRule, Pause
from engine.definitions.commentary.steps import Row
from engine.definitions.commentary.vocabulary import Speech, joined, quoted, sentence
from engine.definitions.pages import Block, Table
from engine.definitions.provisions import VARIANTS, value_title
from engine.errors import Text

_SOURCES = {
    "provision": Text(
        "Die längste Mindestfrist der Vorschriften, die diese Beteiligung verlangen",
        "The longest minimum period of the provisions that call for this participation",
    ),
    "stage": Text(
        "Die Stufe {} der Vorschriften, die diese Beteiligung verlangen, sonst der örtliche "
        "Wert dieses Namens",
        "The stage {} of the provisions that call for this participation, else the local value "
        "of that name",
    ),
    "plan": Text(
        "Der Tag {} des Zeitplans, der von der ersten Sitzung zurückrechnet",
        "The day {} of the plan that counts back from the first sitting",
    ),
    "remedy": Text(
        "Die Vorschrift, die die Abhilfe anordnet", "The provision that orders the remedy"
    ),
    "value": Text("Der örtliche Wert {}", "The local value {}"),
    "same_day": Text("Der Tag des Schritts selbst", "The day of the step itself"),
    "within": Text(
        "Der letzte Arbeitstag vor dem Ende der Frist {}",
        "The last working day before the end of the deadline {}",
    ),
    "own_sitting": Text(
        "Die nächste Sitzung des beteiligten Gremiums",
        "The next sitting of the body that takes part",
    ),
}


def deadline_rows(rule: DeadlineRule, speech: Speech) -> tuple[Row, ...]:
    """Return what there is to say about a deadline, each row with a label."""
    rows: tuple[Row, ...] = (
        (Text("Wessen Frist", "Whose"), (sentence(speech.role(rule.owner)),)),
        (Text("Läuft", "Runs"), (_runs(rule, speech),)),
        (Text("Länge", "Length"), tuple(_length(rule, speech))),
        (Text("Ruht", "Rests"), tuple(_pause(pause, speech) for pause in rule.pauses)),
        (Text("Nach Ablauf", "Once over"), tuple(_lapse(rule, speech))),
        (Text("Erinnerungen", "Reminders"), tuple(_ladder(rule, speech))),
    )
    return tuple((label, said) for label, said in rows if said)


def _runs(rule: DeadlineRule, speech: Speech) -> Text:
    states = speech.states(rule.states)
    return Text(f"Im Stand {states.de}.", f"In the state {states.en}.")


def _length(rule: DeadlineRule, speech: Speech) -> Iterator[Text]:
    said = _SOURCES.get(rule.period, Text(rule.period, rule.period))
    named = quoted(_value(rule, speech))
    yield sentence(Text(said.de.format(named.de), said.en.format(named.en)))
    for name, condition in rule.variants:
        variant, when = VARIANTS.get(name, Text(name, name)), speech.when(condition)
        yield sentence(
            Text(
                f"{when.de}: die Frist {variant.de.strip()}",
                f"{when.en}: the period {variant.en.strip()}",
            )
        )
    if rule.since_last_act:
        yield Text(
            "Sie beginnt mit jeder Handlung im Vorgang von vorn.",
            "It begins anew with each act in the case.",
        )
    if not rule.required:
        yield Text(
            "Gibt es dazu keine Vorschrift oder Sitzung, läuft diese Frist nicht.",
            "Without such a provision or sitting this deadline does not run.",
        )


def _value(rule: DeadlineRule, speech: Speech) -> Text:
    """Return the title of what a deadline's length is read from."""
    if rule.period == "within" and rule.value in speech.workflow.deadlines:
        return speech.workflow.deadlines[rule.value].title
    if rule.period == "plan":
        stages = speech.definitions.library.case_workflow().plan
        plain = rule.value.replace("_", " ")
        return next((s.title for s in stages if s.name == rule.value), Text(plain, plain))
    return value_title(rule.value, speech.definitions)


def _pause(pause: Pause, speech: Speech) -> Text:
    state = quoted(speech.state(pause.state))
    said = Text(f"im Stand {state.de}", f"in the state {state.en}")
    return sentence(said if pause.when == ALWAYS else joined((said, speech.when(pause.when))))


def _lapse(rule: DeadlineRule, speech: Speech) -> Iterator[Text]:
    if rule.lapse is not None:
        title = quoted(speech.workflow.steps[rule.lapse].title)
        yield Text(f"Es folgt von selbst: {title.de}.", f"There follows by itself: {title.en}.")
    elif rule.ladder is not None:
        yield Text(
            "Nichts verfällt; wer zuständig ist, wird erinnert, bis es getan ist.",
            "Nothing is forfeited; whoever owes it is reminded until it is done.",
        )


def _ladder(rule: DeadlineRule, speech: Speech) -> Iterator[Text]:
    ladder = speech.definitions.library.ladders.get(rule.ladder or "")
    if ladder is not None:
        title = quoted(ladder.title)
        yield Text(f"Nach der Leiter {title.de}.", f"By the ladder {title.en}.")


def ladder_blocks(speech: Speech) -> Iterator[Block]:
    """Yield the ladders that the deadlines of a workflow name, each rung with its day."""
    used = dict.fromkeys(rule.ladder for rule in speech.workflow.deadlines.values())
    for name in used:
        ladder = speech.definitions.library.ladders.get(name or "")
        if ladder is not None:
            title, norm = quoted(ladder.title), ladder.norm
            caption = Text(
                f"Leiter {title.de}: {norm}, jeweils um {ladder.hour} Uhr",
                f"Ladder {title.en}: {norm}, each at {ladder.hour} o'clock",
            )
            heads = (Text("Stufe", "Rung"), Text("Tag", "Day"), Text("An", "To"))
            yield Table(caption, heads, tuple(_rung(rung, speech) for rung in ladder.rungs))


def _rung(rung: Rung, speech: Speech) -> tuple[Text, ...]:
    told = joined((speech.role(tell.target) for tell in rung.tells), " und ", " and ")
    return rung.title, _day(rung), told


def _day(rung: Rung) -> Text:
    if rung.period is None:
        return Text("am letzten Tag", "on the last day")
    words = rung.period.text
    if rung.before:
        return Text(f"{words.de} vor dem letzten Tag", f"{words.en} before the last day")
    return Text(f"{words.de} nach dem letzten Tag", f"{words.en} after the last day")

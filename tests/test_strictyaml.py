"""The strict loader: what it takes, what it refuses, and where it says so."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal, cast

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, field_validator
from pydantic_core import PydanticCustomError

from engine.errors import EngineError, Text
from engine.strictyaml import (
    JSON,
    DefinitionError,
    Mark,
    Problem,
    Strict,
    Wrong,
    collect,
    load,
    nodes,
    read,
    schema,
    suggest,
    unknown,
)
from engine.strictyaml.problems import MOST_PROBLEMS


class Unit(StrEnum):
    DAY = "day"
    WEEK = "week"


class Period(Strict):
    count: int
    unit: Unit = Unit.DAY


class Span(Strict):
    first: date
    last: date


class ByForm(Strict):
    kind: Literal["form"]
    form: str


class ByLadder(Strict):
    kind: Literal["ladder"]
    rungs: tuple[Period, ...]


class Provision(Strict):
    id: str
    from_: Annotated[date | None, Field(alias="from")] = None
    periods: tuple[Period, ...] = ()
    forms: frozenset[str] = frozenset()
    named: dict[str, Period] = {}
    choice: Annotated[ByForm | ByLadder, Field(discriminator="kind")] | None = None
    either: list[str] | dict[str, Period] | Literal["none"] | None = None
    binding: bool = False
    by_unit: dict[Unit, int] = {}
    lapse: Literal["consent"] | Literal["refusal"] | Period | Span | None = None


def problems_of(source: bytes | str, model: type[BaseModel] = Provision) -> list[str]:
    """Return the English problems without the name of the file."""
    with pytest.raises(DefinitionError) as refused:
        read(model, source, "f")
    return [problem.text_in("en").removeprefix("f, ") for problem in refused.value.problems]


def refusal_of(source: bytes | str) -> str:
    with pytest.raises(DefinitionError) as refused:
        load(source, "f")
    return refused.value.problems[0].text.de


# What the words of a file stand for


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("14", 14),
        ("-14", -14),
        ("0", 0),
        ("true", True),
        ("false", False),
        ("null", None),
        ("", None),
        ("2026-03-12", "2026-03-12"),
        ("2026-02-30", "2026-02-30"),
        ("2026-03-12T08:00:00Z", "2026-03-12T08:00:00Z"),
        ("12.3.2026", "12.3.2026"),
        ("§ 19 Abs. 3", "§ 19 Abs. 3"),
        ("1,5", "1,5"),
        ("+49 331 1234", "+49 331 1234"),
        ("nein", "nein"),
        ("no vote", "no vote"),
        ("'no'", "no"),
        ('"12:30"', "12:30"),
        ('"0331"', "0331"),
        ("'~'", "~"),
        ("=", "="),
    ],
)
def test_a_word_stands_for_what_a_reader_sees(word: str, meaning: object) -> None:
    data, _ = load(f"a: {word}", "f")
    assert data == {"a": meaning}
    assert type(cast("dict[str, object]", data)["a"]) is type(meaning)


AMBIGUOUS = (
    "yes no on off y n Yes NO On OFF Y N yEs True TRUE False FALSE ~ Null NULL "
    "12:30 12:75 1:2:3 -1:30 1:30.5 0331 00 -0 +5 0x1F 0b11 0o17 1_000 "
    "1.5 1. .5 -1.5 1e5 1E-5 1.5e+3 .inf -.INF .nan .NaN 1234567890123456789"
).split()


@pytest.mark.parametrize("word", AMBIGUOUS)
def test_an_ambiguous_word_is_refused_unless_it_is_quoted(word: str) -> None:
    assert word in refusal_of(f"a: {word}")
    assert "in Anführungszeichen" in refusal_of(f"[{word}]")
    assert load(f'a: "{word}"', "f")[0] == {"a": word}


def test_the_same_words_are_refused_as_keys() -> None:
    source = "yes: 1\n12: 1\n1.5: 1\nnull: 1\ntrue: 1\n12:30: 1\n"
    with pytest.raises(DefinitionError) as refused:
        load(source, "f")
    assert [(p.line, p.column) for p in refused.value.problems] == [(n, 1) for n in range(1, 7)]


def test_a_byte_order_mark_moves_no_column() -> None:
    data, marks = load(b"\xef\xbb\xbfa: 1", "f")
    assert (data, marks.at("a")) == ({"a": 1}, Mark(1, 1))


def test_text_in_blocks_keeps_its_lines() -> None:
    assert load("a: |\n  zwei\n  Zeilen: ja\n", "f")[0] == {"a": "zwei\nZeilen: ja\n"}


# Where things stand


PLACES = """\
id: mkv-7
periods:
  - {count: 2, unit: week}
  - count: 10
named:
  früh: {count: 1}
"""


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        ((), Mark(1, 1), Mark(1, 1)),
        (("id",), Mark(1, 1), Mark(1, 5)),
        (("periods",), Mark(2, 1), Mark(3, 3)),
        (("periods", 0), Mark(3, 5), Mark(3, 5)),
        (("periods", 0, "unit"), Mark(3, 16), Mark(3, 22)),
        (("periods", 1, "count"), Mark(4, 5), Mark(4, 12)),
        (("named", "früh", "count"), Mark(6, 10), Mark(6, 17)),
    ],
)
def test_every_key_and_value_knows_its_place(
    path: tuple[str | int, ...], key: Mark, value: Mark
) -> None:
    marks = read(Provision, PLACES, "f").marks
    assert (marks.at(*path), marks.key(*path), marks.value(*path)) == (key, key, value)


def test_what_is_not_there_is_placed_with_what_surrounds_it() -> None:
    marks = read(Provision, PLACES, "f").marks
    assert marks.at("periods", 1, "unit", "x") == marks.at("periods", 1)
    assert marks.value("periods", 7) == marks.value("periods")
    assert marks.at("farbe") == Mark(1, 1)


# What a model takes


def test_a_file_becomes_its_model() -> None:
    loaded = read(
        Provision,
        "id: mkv-7\nfrom: 2025-01-01\nperiods: [{count: 2, unit: week}]\nforms: [a, b]\n",
        "mkv.yaml",
    )
    assert loaded.value == Provision(
        id="mkv-7",
        from_=date(2025, 1, 1),
        periods=(Period(count=2, unit=Unit.WEEK),),
        forms=frozenset({"a", "b"}),
    )
    assert loaded.name == "mkv.yaml"


def test_an_empty_value_is_nothing_where_the_model_allows_it() -> None:
    assert read(Provision, "id: a\nfrom:\n", "f").value.from_ is None


def test_a_model_of_ordinary_pydantic_is_read_as_strictly() -> None:
    class Loose(BaseModel):
        count: int = 0
        title: str = ""
        day: date | None = None
        open: bool = True

    assert problems_of('{count: "5"}', Loose)
    assert problems_of("{title: 5}", Loose)
    assert problems_of('{open: "true"}', Loose)
    assert problems_of("{open: 1}", Loose)
    assert problems_of("{count: true}", Loose)
    assert read(Loose, "{day: 2026-03-12}", "f").value.day == date(2026, 3, 12)


def test_a_plain_dataclass_within_a_model_is_told_the_same_way() -> None:
    @dataclass(frozen=True)
    class Rung:
        after: int

    class Ladder(Strict):
        rungs: tuple[Rung, ...]

    Ladder.model_rebuild(_types_namespace={"Rung": Rung})
    assert read(Ladder, "rungs: [{after: 2}]", "f").value.rungs == (Rung(2),)
    assert problems_of("rungs: [{afer: 2}]", Ladder) == [
        "line 1, column 10: The key 'afer' is unknown. Did you mean 'after'?"
    ]


MISTAKES: list[tuple[str, str, list[str]]] = [
    (
        "digits for a day are no seconds since 1970",
        'id: a\nfrom: "86400"',
        ["line 2, column 7: '86400' is no date. Write it as YYYY-MM-DD, such as 2026-03-12."],
    ),
    (
        "enum",
        "id: a\nperiods: [{count: 1, unit: weak}]",
        [
            "line 2, column 28: 'unit' does not know 'weak'. "
            "Did you mean 'week'? Allowed: day, week."
        ],
    ),
    (
        "entry of a list",
        "id: a\nperiods: [{unit: day}, {}]",
        [
            "line 2, column 11: In entry 1 of 'periods' the key 'count' is missing.",
            "line 2, column 24: In entry 2 of 'periods' the key 'count' is missing.",
        ],
    ),
    (
        "kind of a choice is misspelt",
        "id: a\nchoice: {kind: from, form: x}",
        [
            "line 2, column 16: 'kind' does not know 'from'. "
            "Did you mean 'form'? Allowed: form, ladder."
        ],
    ),
    (
        "kind of a choice is missing",
        "id: a\nchoice: {form: x}",
        ["line 2, column 1: In 'choice' the key 'kind' is missing."],
    ),
    (
        "only the chosen branch offers its keys",
        "id: a\nchoice: {kind: form, form: x, rungs: []}",
        ["line 2, column 31: The key 'rungs' is unknown. Known are: 'kind', 'form'."],
    ),
    (
        "the name of a branch is also a key",
        "id: a\nchoice: {kind: form, form: 5}",
        ["line 2, column 28: 'form' takes text; found the number 5. Write \"5\" in quotes."],
    ),
    (
        "the branch of a union that fits the form",
        "id: a\neither: {x: {count: zwei}}",
        ["line 2, column 21: 'count' takes a whole number; found the text 'zwei'."],
    ),
    (
        "a union that fits nowhere",
        "id: a\neither: 5",
        [
            "line 2, column 9: 'either' takes a list or a mapping (key: value) or the word none; "
            "found the number 5."
        ],
    ),
    (
        "the branch of a union with the fewest mistakes",
        "id: a\nlapse: {first: 2026-03-12, lst: 2026-03-13}",
        ["line 2, column 28: The key 'lst' is unknown. Did you mean 'last'?"],
    ),
    (
        "the words of all branches of a union",
        "id: a\nlapse: refusel",
        [
            "line 2, column 8: 'lapse' does not know 'refusel'. "
            "Did you mean 'refusal'? Allowed: consent, refusal."
        ],
    ),
    (
        "a key from a closed list",
        "id: a\nby_unit: {weak: 3}",
        ["line 2, column 11: The key 'weak' is unknown. Did you mean 'week'?"],
    ),
    (
        "a refused value is told once",
        "id: a\nbinding: yes\nperiods: [{count: 1.5}]",
        [
            "line 2, column 10: The word yes is ambiguous. Write true if a truth value is meant, "
            'and "yes" in quotes if the word is meant.',
            "line 3, column 19: 1.5 is a fraction, and there are none here. "
            'Write a whole number, or "1.5" in quotes if text is meant.',
        ],
    ),
]


@pytest.mark.parametrize(
    ("source", "told"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES]
)
def test_a_mistake_is_told_at_its_place(source: str, told: list[str]) -> None:
    assert problems_of(source) == told


class Checked(Strict):
    words: dict[str, str]

    @field_validator("words")
    @classmethod
    def _is_fitting(cls, words: dict[str, str]) -> dict[str, str]:
        match words:
            case {"a": "wrong"}:
                raise Wrong("Falsch.", "Wrong.", at=("a",))
            case {"a": "plain"}:
                raise ValueError("Plain.")
            case {"a": "custom"}:
                raise PydanticCustomError("own", "Own {word}.", {"de": "Eigen.", "word": "x"})
            case {"a": "assert"}:
                raise AssertionError("Asserted.")
            case {"a": "core"}:
                raise EngineError("Kern.", "Core.")
        return words


@pytest.mark.parametrize(
    ("word", "de", "en"),
    [
        ("wrong", "Zeile 1, Spalte 12: Falsch.", "line 1, column 12: Wrong."),
        ("plain", "Zeile 1, Spalte 1: 'words': Plain.", "line 1, column 1: 'words': Plain."),
        ("custom", "Zeile 1, Spalte 1: Eigen.", "line 1, column 1: Own x."),
        (
            "assert",
            "Zeile 1, Spalte 1: 'words': Asserted.",
            "line 1, column 1: 'words': Asserted.",
        ),
        ("core", "Zeile 1, Spalte 1: Kern.", "line 1, column 1: Core."),
    ],
)
def test_a_validator_speaks_both_languages(word: str, de: str, en: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        read(Checked, f"words: {{a: {word}}}", "f")
    assert refused.value.text == Text(f"f, {de}", f"f, {en}")


def test_an_error_nobody_foresaw_is_still_readable() -> None:
    class Odd(Strict):
        fn: Callable[[], None] | None = None

    [told] = problems_of("{fn: 5}", Odd)
    assert told == (
        "line 1, column 6: 'fn' does not take this value; found the number 5 "
        "(pydantic: Input should be callable)."
    )


def test_problems_come_in_the_order_of_the_file_and_once_each() -> None:
    with pytest.raises(DefinitionError) as refused:
        read(Provision, "zz: 1\nbinding: yes\nid: 5\nid: 6\nfrom: 2026-02-30\n", "f")
    assert [p.line for p in refused.value.problems] == [1, 2, 3, 4, 5]
    assert str(refused.value) == "\n".join(p.text_in("en") for p in refused.value.problems)


# What colleagues build on it


def test_cross_checks_are_collected_and_told_together() -> None:
    problems = collect("a.yaml")
    problems.raise_if_any()
    problems.add(Mark(9, 2), Text("Zwei.", "Two."))
    problems.add(Mark(3, 4), Text("Eins.", "One."))
    problems.add(Mark(3, 4), Text("Eins.", "One."))
    with pytest.raises(DefinitionError) as refused:
        problems.raise_if_any()
    assert refused.value.problems == (
        Problem("a.yaml", 3, 4, Text("Eins.", "One.")),
        Problem("a.yaml", 9, 2, Text("Zwei.", "Two.")),
    )


def test_a_list_of_problems_ends_before_it_stops_helping() -> None:
    with pytest.raises(DefinitionError) as refused:
        load("- yes\n" * 1000, "f")
    assert len(refused.value.problems) == MOST_PROBLEMS + 1
    assert "endet nach 100 Fehlern" in refused.value.problems[-1].text.de


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("abgeschlosen", "abgeschlossen"),
        ("Abgeschlossen", "abgeschlossen"),
        ("anhörung", "anhoerung"),
        ("working-day", "working_day"),
        ("unterwegs", None),
        ("", None),
        ("x" * 5000, None),
    ],
)
def test_a_near_miss_is_recognised(word: str, meant: str | None) -> None:
    assert suggest(word, ["offen", "abgeschlossen", "anhoerung", "working_day"]) == meant


def test_an_unknown_name_is_told_with_what_was_meant_or_what_there_is() -> None:
    state = Text("Der Zustand", "The state")
    assert unknown(state, "ofen", ["offen"]) == Text(
        "Der Zustand 'ofen' ist unbekannt. Meinten Sie 'offen'?",
        "The state 'ofen' is unknown. Did you mean 'offen'?",
    )
    assert unknown(state, "x", ["offen", "zu"]) == Text(
        "Der Zustand 'x' ist unbekannt. Bekannt sind: 'offen', 'zu'.",
        "The state 'x' is unknown. Known are: 'offen', 'zu'.",
    )
    assert unknown(state, "x", []).de == "Der Zustand 'x' ist unbekannt."


def test_editors_get_a_schema_that_judges_as_the_loader_does() -> None:
    judge = jsonschema.Draft202012Validator(schema(Provision))
    judge.check_schema(schema(Provision))
    assert schema(Provision)["title"] == "Provision"
    assert judge.is_valid(load(PLACES, "f")[0])
    assert not judge.is_valid(load(PLACES + "farbe: rot\n", "f")[0])
    assert not judge.is_valid({"id": "a", "from_": "2026-01-01"})


# What must never happen


def milliseconds(deed: Callable[[], object]) -> float:
    """Return the shortest of three times that `deed` keeps the processor, whoever else does."""
    times = []
    for _ in range(3):
        start = time.process_time()
        deed()
        times.append(time.process_time() - start)
    return 1000 * min(times)


HOSTILE: dict[str, bytes | str] = {
    "bomb": "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*a, *a, *a]\n" for n in range(200)),
    "duplicate keys": "a: 1\n" * 20_000,
    "depth 5,000": "[" * 5_000,
    "depth 1,000,000": "[" * 1_000_000,
    "depth of braces": "{a: " * 200_000,
    "depth of dashes": "- " * 400_000,
    "tags": "- !!python/object:os.system x\n" * 30_000,
    "aliases": "- *a\n" * 100_000,
    "10 MiB": b"a" * (10 * 1024 * 1024),
    "10 MiB of text": "ä" * (5 * 1024 * 1024),
    "a million digits": "9" * 1_000_000,
    "control characters": "\x01\n" * 400_000,
    "not UTF-8": b"\xff" * 1_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_at_once_and_with_its_line(name: str) -> None:
    def refuse() -> None:
        with pytest.raises(DefinitionError) as refused:
            load(HOSTILE[name], "f")
        assert refused.value.problems[0].line >= 1

    assert milliseconds(refuse) <= 100


def test_thirty_levels_are_read_and_one_more_is_not() -> None:
    assert load("[" * 30 + "]" * 30, "f")
    assert "31. Ebene" in refusal_of("[" * 31 + "]" * 31)


def test_more_values_than_people_write_are_refused() -> None:
    assert "mehr als 20000 Werte" in refusal_of("[" + "1," * 20_000 + "1]")


def test_a_mebibyte_is_the_most_and_is_still_read() -> None:
    size = 1024 * 1024
    assert load("a: " + "x" * (size - 3), "f")
    assert "größer als 1 MiB" in refusal_of("a: " + "x" * (size - 2))
    assert "größer als 1 MiB" in refusal_of("a: " + "ä" * (size // 2 - 1))


def test_a_file_of_three_hundred_lines_is_read_in_thirty_milliseconds() -> None:
    rows = "".join(f"  k{n}: {{count: {n}, unit: week}}\n" for n in range(300))
    assert milliseconds(lambda: read(Provision, f"id: a\nnamed:\n{rows}", "f")) <= 30


BITS = st.sampled_from(
    [*"[]{}:,-?&*!|>'\"%@`#~= \n\t\\ab1.", "\r\n", "\n  ", ": ", "- ", "<<: ", "id: ", "\ufeff"]
)
SOURCES = st.one_of(
    st.text(max_size=60),
    st.binary(max_size=60),
    st.lists(BITS, max_size=40).map("".join),
    st.lists(BITS, max_size=40).map("".join).map("id: a\nperiods: ".__add__),
)


@settings(max_examples=600, deadline=None)
@given(SOURCES)
@example("\ud800")
@example('"\\ud800"')
@example('"\\U99999999"')
@example("a: \x85b")
@example("? ? ? a")
@example("%YAML 1.99999999999999999999")
@example("!<tag:yaml.org,2002:int> x")
def test_nothing_but_problems_ever_comes_out(source: bytes | str) -> None:
    for attempt in (lambda: load(source, "f"), lambda: read(Provision, source, "f")):
        try:
            attempt()
        except DefinitionError as refused:
            assert refused.problems
            for problem in refused.problems:
                assert problem.line >= 1
                assert problem.column >= 1
                assert "\n" not in problem.text_in("de") + problem.text_in("en")


@settings(max_examples=100, deadline=None)
@given(SOURCES)
def test_what_both_parsers_of_pyyaml_can_read_they_read_alike(source: bytes | str) -> None:
    fast = _data_or_none(source)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(nodes, "_LOADER", yaml.SafeLoader)
        slow = _data_or_none(source)
    assert fast == slow or None in (fast, slow)


def _data_or_none(source: bytes | str) -> tuple[JSON, ...] | None:
    try:
        return (load(source, "f")[0],)
    except DefinitionError:
        return None


VISIBLE = st.text(st.characters(exclude_categories=("C", "Z"), include_characters=" \n"))
PLAIN_DATA = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | VISIBLE,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(VISIBLE, inner, max_size=4),
    max_leaves=12,
)


class QuotedDumper(yaml.SafeDumper):
    """Writes every text in quotes, and the rest as YAML 1.1 does."""

    def ignore_aliases(self, data: object) -> bool:
        return True


QuotedDumper.add_representer(
    str, lambda dumper, word: dumper.represent_scalar("tag:yaml.org,2002:str", word, style='"')
)


@settings(max_examples=200, deadline=None)
@given(PLAIN_DATA, st.booleans())
def test_plain_data_survives_a_quoted_dump(data: JSON, flow: bool) -> None:
    dumped = yaml.dump(
        data, Dumper=QuotedDumper, allow_unicode=True, default_flow_style=flow, width=10**6
    )
    assert load(dumped, "f")[0] == data


@settings(max_examples=200, deadline=None)
@given(PLAIN_DATA)
def test_json_without_fractions_is_read_as_it_is(data: JSON) -> None:
    assert load(json.dumps(data, ensure_ascii=False), "f")[0] == data


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(VISIBLE, st.lists(VISIBLE, max_size=3), max_size=4))
def test_every_mark_points_at_the_quote_that_opens_there(data: dict[str, list[str]]) -> None:
    source = yaml.dump(cast(Any, data), Dumper=QuotedDumper, allow_unicode=True, width=10**6)
    _, marks = load(source, "f")
    lines = source.split("\n")
    for key, words in data.items():
        places = [marks.key(key), *(marks.value(key, n) for n in range(len(words)))]
        for place in places:
            assert lines[place.line - 1][place.column - 1] in '"?'

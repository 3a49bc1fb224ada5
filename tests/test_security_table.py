"""docs/security.md is complete, names tests that there are, and counts and tells what is so."""

from __future__ import annotations

import ast
import importlib
import re
from collections import Counter
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from engine.services.accounts import passwords
from engine.web.access import RULES
from engine.web.pages import all_pages
from tests.test_security_code import GOES_OUT, PACKAGES, PRIMITIVES, imports

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")

ITEMS = """
1.1:1-2 1.2:1-9 1.3:1-11 1.4:1-3 1.5:1-2 2.1:1-3 2.2:1-3 2.3:1-4 2.4:1
3.2:1-2 3.3:1-4 3.4:1-6 3.5:1-5 3.7:1-2 4.1:1-3 4.2:1 4.3:1-2 4.4:1-4
5.1:1 5.2:1-3 5.3:1-2 5.4:1-3 6.1:1-3 6.2:1-12 6.3:1-4 6.4:1-4 6.5:1-5 6.6:1-3 6.8:1-4
7.1:1-3 7.2:1-4 7.3:1-2 7.4:1-5 7.5:1-2 7.6:1-2 8.1:1-2 8.2:1-3 8.3:1 8.4:1 9.1:1-3 9.2:1-4
10.1:1-2 10.2:1-2 10.3:1-4 10.4:1-11 10.5:1-5 10.6:1-2 10.7:1-3
11.1:1-2 11.2:1-3 11.3:1-3 11.4:1-4 11.5:1 11.6:1 12.1:1-3 12.2:1-2 12.3:1-4
13.1:1 13.2:1-5 13.3:1-2 13.4:1-5 14.1:1-2 14.2:1-4 14.3:1-3 15.1:1-3 15.2:1-3 15.3:1-7
16.1:1 16.2:1-5 16.3:1-4 16.4:1-3 16.5:1-3 17.1:1 17.2:1-4 17.3:1-2
"""
"""The items of levels 1 and 2 of ASVS 5.0.0, by section: 253 of them."""

GRUNDSCHUTZ = [f"A{n}" for n in (*range(1, 11), 12, 14, 15, 16)]
REASON = re.compile(r"reason: (does not apply|operator|open): \S.+")
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def asvs() -> list[str]:
    found = []
    for words in ITEMS.split():
        section, _, span = words.partition(":")
        first, _, last = span.partition("-")
        found += [f"{section}.{n}" for n in range(int(first), int(last or first) + 1)]
    return found


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


ROWS = [cells(line) for line in PAGE.splitlines() if re.match(r"\| (\d+\.\d+\.\d+|A\d+) \|", line)]


def section(title: str) -> str:
    """Return what stands under a heading of the page."""
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def table(title: str) -> list[list[str]]:
    rows = [cells(line) for line in section(title).splitlines() if line.startswith("| ")]
    return rows[1:]


@cache
def functions_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return frozenset(n.name for n in tree.body if isinstance(n, ast.FunctionDef))


def test_every_item_is_there_once_and_in_words_of_our_own() -> None:
    assert len(asvs()) == 253
    assert [row[0] for row in ROWS] == [*asvs(), *GRUNDSCHUTZ]
    for row in ROWS:
        assert len(row) == 4, row
        assert row[1] and not row[1].startswith("Verify"), row


def test_every_item_has_a_test_that_there_is_or_a_reason() -> None:
    for item, _, shown, remark in ROWS:
        named = TEST.findall(shown)
        assert bool(named) != bool(REASON.fullmatch(shown)), item
        if named:
            assert TEST.sub("", shown).strip(" ,") == "", item
        for file, name in [*named, *TEST.findall(remark)]:
            assert name in functions_in(file), f"{item}: {file}::{name}"


def kind(row: list[str]) -> str:
    reason = REASON.fullmatch(row[2])
    return reason[1] if reason else "test"


def counted(rows: list[list[str]]) -> list[str]:
    """Return the figures of a line of the table of counts."""
    found = Counter(map(kind, rows))
    applicable = found["test"] + found["open"]
    figures = (len(rows), found["does not apply"], found["operator"], applicable)
    share = f"{found['test'] / applicable:.1%}".replace("%", " %")
    return [*map(str, (*figures, found["test"], found["open"])), share]


def test_the_counts_of_the_page_are_right_and_nearly_all_is_tested() -> None:
    grundschutz = [row for row in ROWS if row[0] in GRUNDSCHUTZ]
    others = [row for row in ROWS if row[0] not in GRUNDSCHUTZ]
    stated = {row[0]: row[1:] for row in table("The tables") if len(row) == 8}
    assert stated["ASVS 5.0.0"] == counted(others)
    assert stated["CON.10"] == counted(grundschutz)
    assert stated["both"] == counted(ROWS)
    assert float(stated["both"][-1].removesuffix(" %")) >= 95
    opened = {row[0] for row in ROWS if kind(row) == "open"}
    assert set(re.findall(r"\d+\.\d+\.\d+", section("Open"))) == opened


@pytest.mark.parametrize("row", table("Limits"), ids=lambda row: row[0])
def test_the_limits_in_the_document_are_those_of_the_program(row: list[str]) -> None:
    _, said, place = row
    module, _, name = place.strip("`").rpartition(".")
    value = getattr(importlib.import_module(module), name)
    number, _, unit = said.partition(" ")
    spans = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
    assert value == (int(number) * spans[unit] if unit else int(number))


def test_the_words_that_make_no_password_are_in_the_document() -> None:
    words = section("Limits").partition("house's name:")[2].partition(".")[0]
    assert set(re.findall(r"[\w]+", words)) == set(passwords._EASY)


def test_the_document_names_every_way_in() -> None:
    """Whatever answers without a session: its first part stands in the table, and no other."""
    open_to_all = {action for action, rule in RULES.items() if rule.everybody}
    paths = set()
    for pages in all_pages(demo=True):
        for route in pages.router.routes:
            if route.openapi_extra["action"] in open_to_all:  # type: ignore[attr-defined]
                paths.add("/" + route.path.split("/")[1])  # type: ignore[attr-defined]
    named = {
        "/" + p.split("/")[1] for row in table("Ways in") for p in re.findall(r"`(/\S*?)`", row[0])
    }
    assert named == paths


def test_the_document_names_every_way_out() -> None:
    named = {p for row in table("Ways out") for p in re.findall(r"`(\S+\.py)`", row[0])}
    assert named == set(GOES_OUT)


def test_the_document_names_every_log() -> None:
    used = set()
    for path in [*(ROOT / "engine").rglob("*.py"), *(ROOT / "notifications").rglob("*.py")]:
        used |= set(re.findall(r"getLogger\(([^)]*)\)", path.read_text("utf-8")))
    assert {name.strip("\"'") for name in used} == set(re.findall(r"`([\w.]+)`", section("Logs")))


def test_the_document_names_every_primitive() -> None:
    said = section("Keys and algorithms")
    names = set().union(*imports().values())
    for word in {n.split(".")[0] for n in names} & {*PACKAGES} - {"cryptography"}:
        assert f"`{word}`" in said, word
    for word in PRIMITIVES - {"SHA256", "HKDF"}:
        assert f"`{word}`" in said, word
    assert "HKDF with SHA-256" in said


def test_the_document_says_how_long_each_sort_of_data_is_guarded() -> None:
    rows = table("Data")
    assert [row[0] for row in rows] == ["public", "internal", "personal", "confidential", "secret"]
    assert all(len(row) == 4 and all(row) for row in rows)

"""The Betroffenheitsprüfung on the command line: who takes part, who does not, and why."""

from __future__ import annotations

from tests.test_cli import Run, run, training

__all__ = ["run", "training"]


def register(run: Run, *facts: str, more: tuple[str, ...] = ()) -> tuple[int, dict[str, object]]:
    words = [word for fact in facts for word in ("--fact", fact)]
    return run(
        "measure", "register", "--as", "weber", "--lead", "fb-soziales",
        "--title", "Umbau des Bürgerbüros", "--no-other-facts", *words, *more,
    )  # fmt: skip


def test_the_check_says_who_takes_part_and_why_others_do_not(training: Run) -> None:
    code, found = training("measure", "check", "--fact", "publikumsverkehr")
    assert code == 0
    assert [(row["office"], row["form"]) for row in found["takes_part"]] == [
        ("behinderung", "anhoerung")
    ]
    others = {row["office"]: row for row in found["takes_no_part"]}
    assert others["integration"]["provision"] == "musterheide-da-3-1"
    assert "Sprache" in others["integration"]["because"]["de"]


def test_who_takes_no_part_can_see_the_measure_and_the_reason(training: Run) -> None:
    code, case = register(training, "publikumsverkehr")
    assert code == 0
    assert {p["office"] for p in case["participations"]} == {"behinderung"}  # type: ignore[index]
    _, rows = training("measure", "unheard", "integration")
    assert [row["number"] for row in rows] == [case["number"]]
    assert training("measure", "unheard", "behinderung")[1] == []


def test_a_confidential_measure_is_in_no_list_of_others(training: Run) -> None:
    register(training, "publikumsverkehr", more=("--confidentiality", "personnel"))
    assert training("measure", "unheard", "integration")[1] == []


def test_who_is_left_out_against_the_table_is_told_why(training: Run) -> None:
    base = ("measure", "register", "--as", "weber", "--lead", "fb-soziales", "--title", "Heizung")
    facts = ("--fact", "unterbringung", "--deny", "betrifft_integration", "--no-other-facts")
    code, refused = training(*base, *facts)
    assert code == 3
    assert "begründen Sie es" in refused["error"]["de"]
    code, case = training(*base, *facts, "--deviation", "Es wird nur die Heizung getauscht.")
    assert code == 0
    assert case["participations"] == []
    _, [row] = training("measure", "unheard", "integration")
    assert row["against"] is True


def test_an_unknown_office_is_named_with_those_there_are(training: Run) -> None:
    code, told = training("measure", "unheard", "integrazion")
    assert code == 2
    assert "integration" in told["error"]["de"]

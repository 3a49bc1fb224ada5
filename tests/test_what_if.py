"""What-if on real databases and from the command line: told again, compared, nothing written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from engine import shipped
from engine.app import App
from engine.cli.app import main
from engine.core.case import Stage
from engine.core.periods import Period, Unit
from engine.errors import InputError
from engine.services.definitions import activate_files
from engine.services.reading import file_of
from engine.services.ticks import tick
from engine.services.what_if import Answer, Question, what_if
from engine.strictyaml import DefinitionError
from tests.conftest import MakePlace
from tests.installation import MONDAY, House, house
from tests.musterheide import library

Run = Callable[..., tuple[int, Any]]

IN = "integration"
RULES = shipped.rules()
INSTRUCTION = RULES / "musterheide" / "dienstanweisung.yaml"


def days(count: int) -> Period:
    """Return so many working days."""
    return Period(count, Unit.WORKING_DAY)


def lapsed_and_released(county: House) -> str:
    """Return a file whose hearing ran out on 9 April, released the day after, since decided."""
    county.clock.turn(MONDAY)
    number = county.register().number
    county.take(number, "informieren", "weber", participation=IN)
    county.clock.turn(date(2026, 3, 24))
    county.take(number, "eingang", "yilmaz", participation=IN)
    county.clock.turn(date(2026, 4, 10))
    county.take(number, "freigeben", "weber")
    county.clock.turn(date(2026, 6, 11))
    fields = {"gremium": "vertretung", "ergebnis": "beschlossen"}
    county.take(number, "entscheiden", "sommer", fields=fields)
    return number


def stated(county: House) -> str:
    """Return a file in which she stated her view on the second working day."""
    county.clock.turn(MONDAY)
    number = county.register().number
    county.take(number, "informieren", "weber", participation=IN)
    county.take(number, "eingang", "yilmaz", participation=IN)
    county.clock.turn(date(2026, 3, 25))
    fields = {"ergebnis": "keine_bedenken", "wortlaut": "Keine Bedenken."}
    county.take(number, "stellungnahme", "yilmaz", participation=IN, fields=fields)
    county.take(number, "freigeben", "weber")
    return number


@pytest.fixture
def county(tmp_path: Path) -> Iterator[House]:
    """Two files on one SQLite file, seen at midsummer."""
    made = house(tmp_path / "haus")
    lapsed_and_released(made)
    stated(made)
    made.clock.turn(date(2026, 6, 24))
    tick(made.app)
    yield made
    made.app.close()


def content(app: App) -> dict[str, list[Any]]:
    """Return every row of every table."""
    with app.database.read() as store:
        names = store.connection.execute(
            text("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        )
        tables = [name for (name,) in names if not name.startswith("sqlite_")]
        return {
            name: [tuple(row) for row in store.connection.execute(text(f'SELECT * FROM "{name}"'))]
            for name in tables
        }


def numbers(answer: Answer) -> list[str]:
    return [d.number for d in answer.different]


def test_unchanged_rules_change_nothing(county: House) -> None:
    answer = what_if(county.app, Question())
    assert (answer.told, answer.different, answer.unclear) == (2, (), ())
    assert (answer.planned, answer.missed, answer.newly) == (2, (0, 0), ())


def test_nothing_is_written(county: House) -> None:
    before = content(county.app)
    assert len(before["entry"]) > 10
    files = sorted(p.name for p in county.folder.rglob("*") if p.suffix != ".sqlite3-shm")
    answer = what_if(county.app, Question(periods={"anhoerung": days(40)}))
    assert answer.different
    assert content(county.app) == before
    assert sorted(p.name for p in county.folder.rglob("*") if p.suffix != ".sqlite3-shm") == files


def test_a_longer_period_makes_a_release_impossible_and_leaves_the_decision_with_a_finding(
    county: House,
) -> None:
    answer = what_if(county.app, Question(periods={"anhoerung": days(60)}))
    lapsed, spoken = (file_of(county.app, n).case.number for n in ("V-2026-0001", "V-2026-0002"))
    [first] = [d for d in answer.different if d.number == lapsed]
    assert [i.step for i in first.what.impossible] == ["freigeben"]
    assert "§ 4 Dienstanweisung Beteiligung Musterheide" in first.what.impossible[0].why.de
    assert {(f.what.de, f.difference) for f in first.what.findings} == {
        ("Beteiligung unterblieben", 1),
        ("zu spät informiert", 1),
    }
    assert first.what.missed
    # Whoever states her view early is not touched by how long she might have had.
    [second] = [d for d in answer.different if d.number == spoken]
    assert second.what.impossible == ()
    assert [f.what.de for f in second.what.findings] == ["zu spät informiert"]
    assert (answer.planned, answer.missed, answer.newly) == (2, (0, 1), (lapsed,))


def test_only_the_files_of_the_time_are_told(county: House) -> None:
    county.clock.turn(date(2026, 7, 1))
    later = county.register(stages=(Stage("Kreistag", date(2026, 10, 8)),)).number
    question = Question(since=date(2026, 7, 1), periods={"anhoerung": days(40)})
    answer = what_if(county.app, question)
    assert (answer.told, numbers(answer)) == (1, [later])
    until = Question(until=date(2026, 6, 30), periods={"anhoerung": days(40)})
    assert what_if(county.app, until).told == 2


def test_a_file_is_told_by_the_law_of_its_time_not_by_what_was_activated_since(
    county: House, tmp_path: Path
) -> None:
    longer = tmp_path / "dienstanweisung.yaml"
    text_ = INSTRUCTION.read_text(encoding="utf-8")
    changed = text_.replace("period: {count: 10,", "period: {count: 60,")
    changed = changed.replace("last_day: 2026-04-09", "last_day: 2026-06-23")
    longer.write_text(changed, encoding="utf-8")
    activate_files(county.app, [longer])
    assert what_if(county.app, Question()).different == ()
    # The same file, supposed to have applied from the first, is another matter.
    answer = what_if(county.app, Question(files=(longer,)))
    assert "V-2026-0001" in numbers(answer)


def test_a_pack_can_be_left_out(county: House) -> None:
    answer = what_if(county.app, Question(without=frozenset({"musterheide-dienstanweisung"})))
    [first] = [d for d in answer.different if d.number == "V-2026-0001"]
    # Without a rule for receipt nobody can even be informed.
    assert first.what.impossible[0].step == "informieren"
    assert "eingang" in first.what.impossible[0].why.de


def test_another_version_of_a_workflow_and_a_calendar_can_be_supposed(
    county: House, tmp_path: Path
) -> None:
    hearing = shipped.workflows() / "anhoerung.yaml"
    other = tmp_path / "anhoerung.yaml"
    source = hearing.read_text(encoding="utf-8")
    # In this version nothing but her own word settles a hearing that ran out.
    state = "  abgelaufen:\n    means: settled"
    assert source.count(state) == 1
    other.write_text(source.replace(state, state.replace("settled", "draft")), encoding="utf-8")
    answer = what_if(county.app, Question(files=(other,)))
    [row] = answer.different
    assert (row.number, [i.step for i in row.what.impossible]) == ("V-2026-0001", ["freigeben"])

    days_off = tmp_path / "bb.yaml"
    calendar = (RULES / "calendars" / "bb.yaml").read_text(encoding="utf-8")
    first = '"2026-04-03": '
    assert calendar.count(first) == 1
    more = calendar.replace(first, f'"2026-03-27": "Landestag"\n  {first}')
    days_off.write_text(more, encoding="utf-8")
    answer = what_if(county.app, Question(files=(days_off,)))
    [row] = [d for d in answer.different if d.number == "V-2026-0001"]
    moved = {d.title.de: (d.before, d.after) for d in row.what.deadlines}
    assert moved["Stellungnahmefrist"] == (date(2026, 4, 9), date(2026, 4, 10))


def test_erased_texts_are_no_hindrance(county: House) -> None:
    case = file_of(county.app, "V-2026-0002").case
    with county.app.database.write() as store:
        assert store.chains.erase(case.stream, range(1, case.version + 1)) > 0
    answer = what_if(county.app, Question())
    assert (answer.told, answer.different, answer.unclear) == (2, (), ())


def test_a_file_that_was_tampered_with_is_set_aside_and_named(county: House) -> None:
    """What does not even come out as recorded says nothing about other rules."""
    with county.app.database.write() as store:
        for guard in ("entry_no_update", "entry_keep"):
            store.connection.execute(text(f"DROP TRIGGER IF EXISTS {guard}"))
        triggers = store.connection.execute(
            text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'entry'")
        )
        for (name,) in list(triggers):
            store.connection.execute(text(f'DROP TRIGGER "{name}"'))
        store.connection.execute(
            text(
                "UPDATE entry SET header = CAST(replace(CAST(header AS TEXT), "
                "'keine_bedenken', 'ablehnung') AS BLOB)"
            )
        )
    answer = what_if(county.app, Question(periods={"anhoerung": days(60)}))
    assert answer.unclear == ("V-2026-0002",)
    assert numbers(answer) == ["V-2026-0001"]


@pytest.mark.parametrize(
    ("question", "says"),
    [
        (Question(periods={"eingnag": days(2)}), "Did you mean 'eingang'"),
        (Question(without=frozenset({"nirgends"})), "'nirgends' is not in force here"),
        (Question(files=(Path("nirgends.yaml"),)), "cannot be read"),
        (Question(files=(RULES / "facts.yaml",)), "rule packs, calendars, ladders"),
    ],
    ids=["wert", "paket", "datei", "art"],
)
def test_a_question_that_nobody_can_answer_is_the_askers_to_mend(
    county: House, question: Question, says: str
) -> None:
    with pytest.raises(InputError, match=says):
        what_if(county.app, question)


def test_a_file_that_does_not_fit_is_told_with_its_place(county: House, tmp_path: Path) -> None:
    bad = tmp_path / "dienstanweisung.yaml"
    source = INSTRUCTION.read_text(encoding="utf-8")
    bad.write_text(source.replace("form: anhoerung", "form: anhörung", 1), encoding="utf-8")
    with pytest.raises(DefinitionError) as error:
        what_if(county.app, Question(files=(bad,)))
    assert error.value.problems[0].name == bad.name


@pytest.mark.parametrize("kind", ["postgres"])
def test_it_is_the_same_on_postgresql(kind: str, make_place: MakePlace, tmp_path: Path) -> None:
    made = house(tmp_path / "haus", make_place(kind).url)
    lapsed_and_released(made)
    answer = what_if(made.app, Question(periods={"anhoerung": days(60)}))
    assert [i.step for d in answer.different for i in d.what.impossible] == ["freigeben"]
    made.app.close()


@pytest.fixture
def ask(county: House, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what asks on the command line, in German, and returns code and output."""

    def asked(*words: str, lang: str = "de") -> tuple[int, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["--lang", lang, "what-if", *words, "--data", str(county.folder)])
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out + said.err

    county.app.close()
    return asked


def test_the_answer_is_a_sentence_and_a_table(ask: Run) -> None:
    question = ("--from", "2026-01-01", "--to", "2026-12-31", "--set", "anhoerung=60 AT")
    code, said = ask(*question)
    flat = " ".join(said.replace("│", " ").split())
    assert code == 0
    assert "Angenommen: anhoerung = 60 Arbeitstage" in flat
    assert "2 Vorgänge nachgespielt" in flat
    assert "die geplante Sitzung verfehlt" in flat
    release = library().case_workflow().steps["freigeben"].title.de
    assert f"so nicht möglich: Fr., 10.04.2026, {release} (Fachbereich Soziales)" in flat
    assert "Stellungnahmefrist (Integrationsbeauftragte): Do., 09.04.2026 →" in flat
    code, said = ask(*question, lang="en")
    assert (code, "cases told again" in said) == (0, True)


def test_programs_are_told_the_same(ask: Run) -> None:
    code, said = ask("--set", "anhoerung=60 AT", "--json")
    told = json.loads(said)
    assert code == 0
    assert told["supposed"] == ["anhoerung = 60 Arbeitstage"]
    assert told["sittings"]["newly_missed"] == ["V-2026-0001"]
    first = next(d for d in told["different"] if d["number"] == "V-2026-0001")
    [refused] = first["impossible"]
    assert (refused["on"], refused["step"]) == ("2026-04-10", "freigeben")
    assert set(refused["why"]) == {"de", "en"}


def test_nothing_changed_is_said_plainly(ask: Run) -> None:
    code, said = ask()
    assert (code, "keiner wäre anders verlaufen" in said) == (0, True)


@pytest.mark.parametrize("word", ["eingang", "=2 AT", "eingang=bald"])
def test_a_length_that_cannot_be_read_is_refused(ask: Run, word: str) -> None:
    code, said = ask("--set", word)
    assert code == 2
    assert "Arbeitstage" in said

"""Deeds on real databases: what is accepted is kept whole, what is refused leaves nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from engine.core.case import Seen
from engine.core.ledger import broken
from engine.core.replay import Differs
from engine.errors import InputError, NotFound, Refused, Stale
from engine.services.cases import person_of
from engine.services.reading import file_of, house_of, plans_of
from engine.services.setup import by
from engine.services.tables import TableError, import_offices
from engine.services.ticks import tick
from engine.services.verify import replayed
from engine.store.database import open_database
from tests.conftest import MakePlace
from tests.installation import MONDAY, House, house


@pytest.fixture(params=["sqlite-wal", "postgres"])
def county(
    request: pytest.FixtureRequest, make_place: MakePlace, tmp_path: Path
) -> Iterator[House]:
    """The demo county on each kind of database."""
    place = make_place(request.param)
    made = house(tmp_path / "haus", place.url)
    yield made
    made.app.close()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[House]:
    """The demo county on one SQLite file."""
    made = house(tmp_path / "haus")
    yield made
    made.app.close()


def test_a_measure_goes_from_draft_to_lawful_decision(county: House) -> None:
    case = county.register()
    number = case.number
    county.take(number, "informieren", "weber", participation="integration")
    county.take(number, "eingang", "yilmaz", participation="integration")
    county.clock.turn(date(2026, 3, 30))
    county.take(
        number,
        "stellungnahme",
        "yilmaz",
        participation="integration",
        fields={
            "ergebnis": "bedenken",
            "wortlaut": "Der Zugang fehlt.",
            "punkte": [{"number": 1, "text": "Zugang"}],
        },
    )
    county.take(
        number,
        "wuerdigen",
        "weber",
        participation="integration",
        fields={"wuerdigung": [{"number": 1, "response": "followed"}]},
    )
    county.take(number, "freigeben", "weber")
    county.clock.turn(date(2026, 6, 11))
    county.take(
        number,
        "entscheiden",
        "sommer",
        fields={"gremium": "vertretung", "ergebnis": "beschlossen"},
    )
    county.take(number, "umsetzen", "weber")
    done = county.take(number, "abschliessen", "weber")
    file = file_of(county.app, number)
    assert (done.state, file.case) == ("abgeschlossen", done)
    assert len(file.lines) == done.version
    with county.app.database.read() as store:
        lines = store.chains.lines(done.stream)
    assert broken([e.header for e in lines], [e.leaf for e in lines]) is None


def test_the_stored_file_replays_to_the_stored_case(county: House) -> None:
    number = county.register().number
    county.take(number, "informieren", "weber", participation="integration")
    county.clock.turn(date(2026, 5, 4))
    tick(county.app)
    again = replayed(county.app, number)
    assert not isinstance(again, Differs), again
    assert again == file_of(county.app, number).case


def test_the_same_key_twice_is_one_act(county: House) -> None:
    first = county.register(key="anmeldung-1")
    assert county.register(key="anmeldung-1").number == first.number
    deed = {"participation": "integration", "key": "information-1"}
    once = county.take(first.number, "informieren", "weber", **deed)
    twice = county.take(first.number, "informieren", "weber", **deed)
    assert once == twice
    with county.app.database.read() as store:
        assert len(store.cases.list()) == 1


def test_a_refused_act_leaves_the_file_as_it_was(county: House) -> None:
    before = county.register()
    with pytest.raises(Refused, match="§ 17"):
        county.take(before.number, "freigeben", "weber")
    with pytest.raises(Stale):
        county.take(
            before.number,
            "informieren",
            "weber",
            participation="integration",
            seen=Seen(revision=7),
        )
    with pytest.raises(NotFound, match="freigeben"):
        county.take(before.number, "freigebn", "weber")
    with pytest.raises(NotFound):
        county.take(before.number, "freigeben", "niemand")
    with pytest.raises(NotFound):
        county.take("V-2026-9999", "freigeben", "weber")
    assert file_of(county.app, before.number).case == before


@pytest.mark.parametrize("county", ["postgres"], indirect=True)
def test_a_character_that_a_database_does_not_take_is_refused_in_plain_words(county: House) -> None:
    with pytest.raises(InputError, match="invisible control character"):
        county.register(title="Neubau\0eines Begegnungszentrums")
    with pytest.raises(InputError, match="invisible control character"):
        file_of(county.app, "V-2026-\0")
    assert county.register().number == "V-2026-0001"


def test_the_clock_catches_up_in_order_and_marks_what_is_late(county: House) -> None:
    number = county.register().number
    county.clock.turn(date(2026, 5, 4))
    done = tick(county.app)
    assert done.cases == 1
    lines = file_of(county.app, number).lines[1:]
    dues = [line.plain["due"] for line in lines]
    assert dues == sorted(dues)
    assert {line.recorded_at.date() for line in lines} == {date(2026, 5, 4)}
    assert tick(county.app).cases == 0


def test_a_deputy_acts_only_while_the_holder_is_away(small: House) -> None:
    from engine.core.offices import Absence
    from engine.services.setup import by

    number = small.register().number
    small.take(number, "informieren", "weber", participation="integration")
    with pytest.raises(Refused):
        small.take(number, "eingang", "berg", participation="integration")
    with small.app.database.write() as store:
        store.save_absence(
            Absence(small.person("yilmaz"), MONDAY, MONDAY), by(small.app, "absence")
        )
    small.take(number, "eingang", "berg", participation="integration")
    assert file_of(small.app, number).lines[-1].plain["deputy"] is True


@pytest.mark.parametrize("said", ["", "  ", "@"])
def test_nobody_is_meant_where_nothing_is_said_not_even_who_has_no_address(
    small: House, said: str
) -> None:
    yilmaz = small.person("yilmaz")
    with small.app.database.write() as store:
        person = small.app.world(store).roster.persons[yilmaz]
        store.save_person(replace(person, email=""), by(small.app, "person"))
    world = house_of(small.app)
    with pytest.raises(NotFound):
        person_of(world, said)
    assert person_of(world, person.name) == yilmaz


def test_the_plan_names_each_day_and_where_its_number_comes_from(small: House) -> None:
    [(_, plan)] = plans_of(small.app, small.register().number)
    named = [(p.name, p.day.isoformat(), p.stage.source if p.stage else "") for p in plan.points]
    assert named == [
        ("session", "2026-05-12", ""),
        ("ladung", "2026-05-04", "musterheide-go-2"),
        ("vorlagenschluss", "2026-04-30", "musterheide-hw-vorlagenschluss"),
        ("fristende", "2026-04-23", "musterheide-hw-wuerdigung"),
        ("zugang", "2026-04-09", "musterheide-da-4"),
        ("bereitstellung", "2026-04-08", "musterheide-da-6"),
    ]


def test_documents_lie_on_disk_before_the_case_names_them(small: House) -> None:
    case = small.register()
    [document] = case.documents
    assert (small.app.config.documents / document.uid).exists()
    with pytest.raises(InputError, match=r"fehlt\.pdf"):
        small.take(
            case.number, "unterlagen_ablegen", "weber", files=(("vorlage", Path("fehlt.pdf")),)
        )


def test_a_second_installation_in_the_same_place_is_refused(small: House) -> None:
    from engine.services.setup import init

    with pytest.raises(InputError, match="another folder"):
        init(small.folder, training=False)


def test_training_is_fixed_at_birth(small: House) -> None:
    url = small.app.config.database
    small.app.close()
    again = open_database(url)
    assert again.meta.training
    again.close()


CSV_HEAD = "stelle;art;name;vorgesetzt;belang;person;email;vertretung;von;bis;sprache\n"


def test_every_faulty_cell_of_a_table_is_named_and_nothing_is_taken(small: House) -> None:
    rows = [f"fb-{n};fachbereich;Fachbereich {n};;;;;;;;\n" for n in range(2, 17)]
    rows.append("fb-17;fachbereich;;nirgends;betrifft_nichts;Eva;eva;jein;2026-13-01;;fr\n")
    file = small.folder / "stellen.csv"
    file.write_text(CSV_HEAD + "".join(rows))
    with pytest.raises(TableError) as refused:
        import_offices(small.app, file)
    assert [(f.line, f.column) for f in refused.value.faults] == [
        (17, 3),
        (17, 4),
        (17, 5),
        (17, 7),
        (17, 8),
        (17, 9),
        (17, 11),
    ]
    assert "Zeile 17, Spalte 3: „name“ ist leer." in refused.value.text.de
    assert "line 17, column 3: 'name' is empty." in refused.value.text.en
    with small.app.database.read() as store:
        assert "fb-2" not in small.app.world(store).roster.offices


def test_superiors_in_a_loop_are_refused(small: House) -> None:
    file = small.folder / "kreis.csv"
    file.write_text(CSV_HEAD + "a;fachbereich;A;b;;;;;;;\nb;fachbereich;B;a;;;;;;;\n")
    with pytest.raises(InputError, match="loop"):
        import_offices(small.app, file)


def test_a_new_version_of_a_rule_holds_from_its_activation(small: House) -> None:
    from engine import shipped
    from engine.services.definitions import activate_files
    from engine.strictyaml import DefinitionError

    first = small.register()
    source = (shipped.rules() / "musterheide" / "dienstanweisung.yaml").read_text()
    file = small.folder / "dienstanweisung.yaml"
    file.write_text(source.replace("form: anhoerung", "form: anhoerung\n      fristlos: ja", 1))
    with pytest.raises(DefinitionError, match="fristlos"):
        activate_files(small.app, [file])
    file.write_text(
        source.replace("period: {count: 10,", "period: {count: 15,", 1).replace(
            "last_day: 2026-04-09", "last_day: 2026-04-16"
        )
    )
    assert [d.id for d in activate_files(small.app, [file])] == ["musterheide-dienstanweisung"]
    assert activate_files(small.app, [file]) == []
    second = small.register()
    days = [c.deadlines[0].last_day.isoformat() for c in (first, second)]
    assert days == ["2026-04-08", "2026-03-30"]

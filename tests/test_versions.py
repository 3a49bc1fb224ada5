"""Law and procedure change while cases run: what was decided stays, what is moved moves whole."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from engine import shipped
from engine.cli.app import main
from engine.core.case import Case
from engine.core.offices import Absence, Office, Tenure
from engine.core.replay import Differs, replay
from engine.core.world import Session
from engine.errors import InputError, NotFound
from engine.services import migrations, versions
from engine.services.definitions import activate_files, foresee
from engine.services.legal.rules import pack_file
from engine.services.reading import file_of, house_of
from engine.services.setup import by
from engine.services.ticks import tick
from engine.services.verify import Past, replayed
from engine.strictyaml import DefinitionError
from tests.conftest import MakePlace
from tests.installation import MONDAY, House, house, setup_facts
from tests.store.deeds import broken_strands
from tests.versioned import NEXT_VERSION, next_version, shipped_version

INTEGRATION = "integration/anhoerung/1"
OLD_VERSION = shipped_version()
BOTH = {"betrifft_integration": True, "betrifft_behinderung": True}
PLAN = f"""\
migrates: anhoerung
from: "{OLD_VERSION}"
to: "{NEXT_VERSION}"
states: {{informiert: unterrichtet}}
deadlines: {{vervollstaendigung: nachreichung}}
"""


@pytest.fixture(params=["sqlite-wal", "postgres"])
def county(
    request: pytest.FixtureRequest, make_place: MakePlace, tmp_path: Path
) -> Iterator[House]:
    """The demo county on each kind of database."""
    made = house(tmp_path / "haus", make_place(request.param).url)
    yield made
    made.app.close()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[House]:
    """The demo county on one SQLite file."""
    made = house(tmp_path / "haus")
    yield made
    made.app.close()


def informed(county: House, **changes: object) -> str:
    """Register a measure, inform the commissioner and let her confirm it."""
    number = county.register(**changes).number
    county.take(number, "informieren", "weber", participation="integration")
    county.take(number, "eingang", "yilmaz", participation="integration")
    return number


def activated(county: House, name: str, text: str | bytes) -> Path:
    """Put a file in force."""
    file = written(county, name, text)
    activate_files(county.app, [file])
    return file


def written(county: House, name: str, text: str | bytes) -> Path:
    file = county.folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def instruction(**days: int) -> str:
    """Return the Dienstanweisung of the county with another number of days for a statement."""
    text = (shipped.rules() / "musterheide" / "dienstanweisung.yaml").read_text()
    return (
        text.split("    examples:")[0].replace(
            "period: {count: 10,", f"period: {{count: {days['days']},", 1
        )
        + text[text.index("  - id: musterheide-da-5") :].split("    examples:")[0]
    )


def period(county: House, number: str) -> date:
    """Return the last day for the statement of the commissioner."""
    found = file_of(county.app, number).case.deadline(INTEGRATION, "stellungnahme")
    assert found is not None
    return found.last_day


def assert_replays(county: House, *numbers: str) -> None:
    for number in numbers:
        again = replayed(county.app, number)
        assert not isinstance(again, Differs), again
        assert again == file_of(county.app, number).case


def test_a_case_replays_by_the_rules_it_was_decided_by(county: House) -> None:
    old = informed(county)
    activated(county, "dienstanweisung.yaml", instruction(days=20))
    new = informed(county)
    assert (period(county, old), period(county, new)) == (date(2026, 4, 8), date(2026, 4, 22))
    county.clock.turn(date(2026, 4, 13))
    tick(county.app)
    assert file_of(county.app, old).case.participations[0].state == "abgelaufen"
    assert_replays(county, old, new)


def test_a_version_put_in_force_after_midnight_is_of_the_new_day(county: House) -> None:
    county.clock.turn(date(2026, 7, 1), hour=0)
    activated(county, "dienstanweisung.yaml", instruction(days=20))
    versions = pack_file(county.app, "musterheide-dienstanweisung").versions
    assert [v.activated_on for v in versions] == [MONDAY, date(2026, 7, 1)]


def test_each_entry_names_the_versions_of_the_packs_it_was_decided_by(county: House) -> None:
    old = informed(county)
    activated(county, "dienstanweisung.yaml", instruction(days=20))
    new = informed(county)
    first, second = (file_of(county.app, number).lines[-1].plain for number in (old, new))
    here = [name for name in first["law"] if name.startswith("musterheide-da-4@")]
    there = [name for name in second["law"] if name.startswith("musterheide-da-4@")]
    assert len(here) == len(there) == 1
    assert here != there
    assert (
        [n for n in first["law"] if "-da-" not in n]
        == [n for n in second["law"] if "-da-" not in n]
        != []
    )
    assert second["library"] > first["library"]
    with county.app.database.read() as store:
        digests = {d.digest[:16] for d in store.definitions()}
    assert {name.partition("@")[2] for name in first["law"] + second["law"]} <= digests


def test_what_the_clock_does_names_its_law_too(small: House) -> None:
    number = informed(small)
    small.clock.turn(date(2026, 4, 9))
    tick(small.app)
    rung = next(line for line in file_of(small.app, number).lines if line.type == "rung")
    assert [name.partition("@")[0] for name in rung.plain["law"]] == ["musterheide-da-4"]


def test_a_case_replays_by_the_calendar_it_was_counted_by(county: House) -> None:
    old = informed(county)
    days = (shipped.rules() / "calendars" / "bb.yaml").read_text()
    closed = '  - {day: "2026-04-01", name: "Betriebsausflug", kind: closure, source: "Erlass"}\n'
    closed += '  - {day: "2026-03-31", name: "Sturmtag", kind: holiday, source: "§ 2 FTG"}\n'
    assert "additions: []" in days
    activated(county, "bb.yaml", days.replace("additions: []\n", f"additions:\n{closed}"))
    new = informed(county)
    assert period(county, old) < period(county, new)
    assert_replays(county, old, new)


def test_a_case_replays_with_the_offices_of_its_time(county: House) -> None:
    """Who took part, who was away and who deputised: all of it as it was that day."""
    number = county.register().number
    county.take(number, "informieren", "weber", participation="integration")
    holder, deputy = county.person("yilmaz"), county.person("berg")
    away = Absence(holder, MONDAY, MONDAY)
    with county.app.database.write() as store:
        store.save_absence(away, by(county.app, "absence"))
    county.take(number, "eingang", "berg", participation="integration")
    county.clock.turn(date(2026, 3, 24))
    with county.app.database.write() as store:
        store.rosters.drop_absence(away, by(county.app, "back"))
        gone = Tenure("integration", holder, False, None, date(2026, 3, 23))
        store.save_tenure(gone, by(county.app, "gone"))
        late = Tenure("integration", deputy, False, date(2026, 3, 24))
        store.save_tenure(late, by(county.app, "late"))
        second = Office("zweite", "beauftragte", "Zweite", concern="betrifft_integration")
        store.save_office(second, by(county.app, "second"))
    assert county.register().number != number
    county.clock.turn(date(2026, 5, 4))
    tick(county.app)
    assert_replays(county, number, "V-2026-0002")
    assert len(file_of(county.app, "V-2026-0002").case.participations) == 2


def test_the_world_of_an_entry_has_the_sittings_of_its_time(county: House) -> None:
    sitting = Session("s1", "Kreistag", date(2026, 6, 11), "musterheide")
    with county.app.database.write() as store:
        store.save_session(sitting, by(county.app, "s1"))
    number = county.register().number
    moved = Session("s1", "Kreistag", date(2026, 6, 18), "musterheide")
    with county.app.database.write() as store:
        store.save_session(moved, by(county.app, "s2"))
    county.register()
    with county.app.database.read() as store:
        past = Past(county.app, store)
        worlds = [past.world(file_of(county.app, n).lines[0]) for n in (number, "V-2026-0002")]
    assert [w.sessions["s1"].day for w in worlds] == [sitting.day, moved.day]
    assert worlds[1].sessions == house_of(county.app).sessions
    assert worlds[1].roster == house_of(county.app).roster
    assert worlds[1].municipalities == house_of(county.app).municipalities


def test_an_altered_entry_does_not_replay_whatever_is_in_force(small: House) -> None:
    """The replay is no tautology: under the new rules the old entries come out otherwise."""
    number = informed(small)
    activated(small, "dienstanweisung.yaml", instruction(days=20))
    with small.app.database.read() as store:
        case = store.cases.get(number)
        lines = [stored.entry for stored in store.chains.lines(case.stream)]
        position = small.app.world(store).library.position
    said = [replace(e, plain={**e.plain, "library": position}) for e in lines]
    with small.app.database.read() as store:
        differs = replay(case.uid, number, said, Past(small.app, store).world)
    assert isinstance(differs, Differs)


def test_a_provision_that_a_pack_has_dropped_can_still_be_shown(small: House) -> None:
    number = informed(small)
    text = instruction(days=10).replace("musterheide-da-4", "musterheide-da-4a")
    activated(small, "dienstanweisung.yaml", text)
    library = house_of(small.app).library
    case = file_of(small.app, number).case
    assert "musterheide-da-4" in case.participations[0].provisions
    assert library.provision("musterheide-da-4").norm.startswith("§ 4 Dienstanweisung")
    assert library.cited("musterheide-da-4") in file_of(small.app, number).lines[-1].plain["law"]
    with pytest.raises(NotFound):
        library.provision("musterheide-da-99")
    small.take(number, "rueckfrage", "yilmaz", participation="integration",
               fields={"frage": "Wo ist der Lageplan?"})  # fmt: skip
    assert_replays(small, number)


def by_version(county: House) -> dict[str, int]:
    return {v.version: v.running for v in versions.versions(county.app, "anhoerung")}


def test_versions_are_listed_with_what_runs_by_them(county: House) -> None:
    county.register()
    done = county.register().number
    county.take(done, "zurueckziehen", "weber", fields={"grund": "Entfällt."})
    assert by_version(county) == {OLD_VERSION: 1}
    activated(county, "anhoerung.yaml", next_version())
    assert by_version(county) == {OLD_VERSION: 1, NEXT_VERSION: 0}
    county.register()
    assert by_version(county) == {OLD_VERSION: 1, NEXT_VERSION: 1}
    [old, new] = versions.versions(county.app, "anhoerung")
    assert (old.current, new.current) == (False, True)
    with pytest.raises(InputError, match="anhoerung"):
        versions.versions(county.app, "anhorung")


def test_activation_says_beforehand_what_stays_and_what_can_move(small: House) -> None:
    fresh = small.register().number
    incomplete = informed(small)
    small.take(incomplete, "unvollstaendig_melden", "yilmaz", participation="integration",
               fields={"fehlend": "Lageplan"})  # fmt: skip
    file = written(small, "anhoerung.yaml", next_version())
    found = foresee(small.app, [file])
    assert [d.version for d in found.new] == [NEXT_VERSION]
    [effect] = found.effects.workflows
    assert [s.number for s in effect.movable] == [fresh]
    [stays] = effect.staying
    assert stays.number == incomplete
    assert ["vervollstaendigung" in why.de for why in stays.why] == [True]
    assert by_version(small) == {OLD_VERSION: 2}
    with_plan = foresee(small.app, [file, written(small, "plan.yaml", PLAN)])
    assert len(with_plan.effects.workflows[0].movable) == 2


def test_a_version_without_a_state_in_which_something_runs_needs_a_plan(small: House) -> None:
    numbers = [informed(small), informed(small)]
    file = written(small, "anhoerung.yaml", next_version())
    with pytest.raises(InputError) as refused:
        activate_files(small.app, [file])
    said = refused.value.text.de
    assert f"„informiert“ (2 laufende Verfahren nach Fassung {OLD_VERSION}" in said
    assert all(number in said for number in numbers)
    assert f'from: "{OLD_VERSION}"' in said
    assert f'to: "{NEXT_VERSION}"' in said
    assert by_version(small) == {OLD_VERSION: 2}
    plan = written(small, "plan.yaml", PLAN)
    assert [d.version for d in activate_files(small.app, [file, plan])] == [NEXT_VERSION]
    assert by_version(small) == {OLD_VERSION: 2, NEXT_VERSION: 0}


def test_a_new_pack_says_which_participations_count_otherwise_from_now_on(small: House) -> None:
    running = informed(small)
    open_ = small.register().number
    file = written(small, "dienstanweisung.yaml", instruction(days=20))
    [effect] = foresee(small.app, [file]).effects.packs
    assert (effect.pack, effect.running) == ("musterheide-dienstanweisung", 2)
    assert set(effect.changing) == {running, open_}
    assert effect.keeping == ()


def test_where_the_law_of_the_start_governs_what_has_started_keeps_it(small: House) -> None:
    """The same pack, amended from today on, for participations that began after today only."""
    running = informed(small)
    open_ = small.register().number
    small.clock.turn(date(2026, 3, 30))
    head, rule = instruction(days=10).split("  - id: musterheide-da-4\n")
    rule, rest = rule.split("  - id: musterheide-da-5")
    governed = f"    governs: start_event\n{rule}"
    before = f"    in_force: {{from: 2025-01-01, until: 2026-03-30}}\n{governed}"
    after = f"    in_force: {{from: 2026-03-30}}\n{governed}".replace("count: 10", "count: 20")
    text = (
        f"{head}  - id: musterheide-da-4\n{before}  - id: musterheide-da-4-2026\n{after}"
        f"  - id: musterheide-da-5{rest}"
    )
    file = written(small, "dienstanweisung.yaml", text)
    [effect] = foresee(small.app, [file]).effects.packs
    assert effect.running == 2
    assert effect.keeping == (running,)
    assert open_ in effect.changing


def test_trying_a_plan_out_tells_what_applying_it_does_and_changes_nothing(county: House) -> None:
    number = informed(county)
    plan = written(county, "plan.yaml", PLAN)
    activate_files(county.app, [written(county, "anhoerung.yaml", next_version()), plan])
    before = file_of(county.app, number).case
    tried = migrations.try_out(county.app, plan)
    [move] = tried.moves
    assert (move.number, move.state, move.new_state) == (number, "informiert", "unterrichtet")
    assert [(d.old, d.new, d.last_day) for d in move.deadlines] == [
        ("stellungnahme", "stellungnahme", period(county, number))
    ]
    assert file_of(county.app, number).case == before
    done = migrations.apply(county.app, plan, "sommer")
    assert (done.moves, done.applied) == (tried.moves, True)
    after = file_of(county.app, number)
    [moved] = [line for line in after.lines if line.type == "migration"]
    assert (moved.actor, moved.office) == (county.person("sommer"), "sitzungsdienst")
    assert after.case.participations[0].state == "unterrichtet"
    assert by_version(county) == {OLD_VERSION: 0, NEXT_VERSION: 1}
    assert_replays(county, number)
    assert broken_strands(county.app.database) == {}


def test_a_moved_case_goes_on_by_its_new_version(county: House) -> None:
    number = informed(county)
    county.take(number, "unvollstaendig_melden", "yilmaz", participation="integration",
                fields={"fehlend": "Lageplan"})  # fmt: skip
    plan = written(county, "plan.yaml", PLAN)
    activate_files(county.app, [written(county, "anhoerung.yaml", next_version()), plan])
    migrations.apply(county.app, plan, "weber")
    county.clock.turn(date(2026, 4, 20))
    tick(county.app)
    county.take(number, "vervollstaendigen", "weber", participation="integration",
                files=(("vorlage", county.paper),))  # fmt: skip
    case = file_of(county.app, number).case
    assert case.participations[0].state == "unterrichtet"
    late = case.deadline(INTEGRATION, "nachreichung")
    assert late is not None
    assert (late.status, late.closed_on) == ("lapsed", date(2026, 4, 20))
    assert_replays(county, number)


def test_a_second_run_finds_nothing_left_to_do(small: House) -> None:
    number = informed(small)
    plan = written(small, "plan.yaml", PLAN)
    activate_files(small.app, [written(small, "anhoerung.yaml", next_version()), plan])
    assert len(migrations.apply(small.app, plan, "weber").moves) == 1
    once = file_of(small.app, number)
    assert migrations.apply(small.app, plan, "weber").moves == ()
    assert file_of(small.app, number).lines == once.lines


def test_a_case_can_be_led_back_but_not_by_the_same_plan_twice(small: House) -> None:
    informed(small)
    plan = written(small, "plan.yaml", PLAN)
    activate_files(small.app, [written(small, "anhoerung.yaml", next_version()), plan])
    back = f"""\
migrates: anhoerung
from: "{NEXT_VERSION}"
to: "{OLD_VERSION}"
states: {{unterrichtet: informiert}}
"""
    migrations.apply(small.app, plan, "weber")
    migrations.apply(small.app, written(small, "back.yaml", back), "weber")
    [move] = migrations.apply(small.app, plan, "weber").moves
    assert move.problem is not None
    assert "schon einmal" in move.problem.de
    again = written(small, "plan.yaml", f"# noch einmal\n{PLAN}")
    assert migrations.apply(small.app, again, "weber").problems == ()
    assert_replays(small, "V-2026-0001")


def test_a_case_of_which_a_part_does_not_fit_stays_whole(small: House) -> None:
    facts = dict.fromkeys(setup_facts(), False) | BOTH
    number = informed(small, facts=facts)
    small.take(number, "informieren", "weber", participation="behinderung")
    small.take(number, "eingang", "thiel", participation="behinderung")
    small.take(number, "unvollstaendig_melden", "thiel", participation="behinderung",
               fields={"fehlend": "Lageplan"})  # fmt: skip
    other = informed(small)
    bare = PLAN.replace("deadlines: {vervollstaendigung: nachreichung}\n", "")
    plan = written(small, "plan.yaml", bare)
    activate_files(small.app, [written(small, "anhoerung.yaml", next_version()), plan])
    before = file_of(small.app, number).case
    done = migrations.apply(small.app, plan, "weber")
    assert {m.number for m in done.problems} == {number}
    assert len(done.problems) == 2
    assert file_of(small.app, number).case == before
    assert file_of(small.app, other).case.participations[0].state == "unterrichtet"


@pytest.mark.parametrize(
    ("wrong", "line", "said"),
    [
        ("informiert: unterrichtet|informirt: unterrichtet", 4, "informiert"),
        ("informiert: unterrichtet|informiert: unterichtet", 4, "unterrichtet"),
        ("vervollstaendigung: nachreichung|vervollstaendigung: eingang", 5, "eingang"),
        (f'"{OLD_VERSION}"|"1999-10"', 2, OLD_VERSION),
        (f'"{NEXT_VERSION}"|"{OLD_VERSION}"', 3, "Fassung"),
        ("migrates: anhoerung|migrates: anhorung", 1, "anhoerung"),
        ("states:|zustaende:", 4, "states"),
    ],
)
def test_a_plan_is_read_as_strictly_as_any_definition(
    small: House, wrong: str, line: int, said: str
) -> None:
    activated(small, "anhoerung.yaml", next_version())
    right, _, typed = wrong.partition("|")
    plan = written(small, "plan.yaml", PLAN.replace(right, typed))
    with pytest.raises(DefinitionError) as refused:
        migrations.try_out(small.app, plan)
    [problem] = refused.value.problems
    assert (problem.name, problem.line) == ("plan.yaml", line)
    assert said in problem.text.de


DIES = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from engine.app import open_app
from engine.services import migrations
from engine.store.keep import Keeper
from tests.installation import TurnedClock

folder, instant, calls = sys.argv[1:]
left, keep = [int(calls)], Keeper.keep

def kept(self, outcome):
    keep(self, outcome)
    left[0] -= 1
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)

Keeper.keep = kept
app = open_app(Path(folder), TurnedClock(datetime.fromisoformat(instant)))
print("begins", flush=True)
migrations.apply(app, Path(folder) / "plan.yaml", "weber")
"""


def many(county: House, count: int) -> list[str]:
    """Return cases in each of which two commissioners were informed."""
    numbers = []
    for _ in range(count):
        facts = dict.fromkeys(setup_facts(), False) | BOTH
        number = informed(county, facts=facts)
        county.take(number, "informieren", "weber", participation="behinderung")
        county.take(number, "eingang", "thiel", participation="behinderung")
        numbers.append(number)
    return numbers


def pins(case: Case) -> set[str]:
    return {p.workflow for p in case.participations if p.form == "anhoerung"}


def begun(county: House, calls: int) -> subprocess.Popen[str]:
    """Begin the migration in a process of its own that kills itself after so many writes."""
    words = [str(county.folder), county.clock.instant.isoformat(), str(calls)]
    root = Path(__file__).parent.parent
    return subprocess.Popen(
        [sys.executable, "-c", DIES, *words], cwd=root, stdout=subprocess.PIPE, text=True
    )


def assert_each_old_or_new_and_then_all_new(county: House, numbers: list[str]) -> int:
    """Return how many cases had moved before the second run."""
    cases = [file_of(county.app, number).case for number in numbers]
    assert all(len(pins(case)) == 1 for case in cases)
    assert_replays(county, *numbers)
    assert broken_strands(county.app.database) == {}
    new = house_of(county.app).library.current["anhoerung"]
    done = migrations.apply(county.app, county.folder / "plan.yaml", "weber")
    assert done.problems == ()
    after = [file_of(county.app, number) for number in numbers]
    assert all(pins(file.case) == {new} for file in after)
    assert all(len([x for x in f.lines if x.type == "migration"]) == 2 for f in after)
    assert_replays(county, *numbers)
    return sum(pins(case) == {new} for case in cases)


@pytest.mark.parametrize(
    ("calls", "moved"),
    [
        pytest.param(1, 0, id="within-the-first-case"),
        pytest.param(2, 0, id="before-the-first-is-committed"),
        pytest.param(5, 2, id="within-the-third-case"),
    ],
)
def test_a_migration_killed_in_the_middle_leaves_each_case_old_or_new(
    small: House, calls: int, moved: int
) -> None:
    numbers = many(small, 4)
    plan = written(small, "plan.yaml", PLAN)
    activate_files(small.app, [written(small, "anhoerung.yaml", next_version()), plan])
    process = begun(small, calls)
    process.communicate(timeout=120)
    assert process.returncode == -9
    assert assert_each_old_or_new_and_then_all_new(small, numbers) == moved


def test_a_migration_killed_from_outside_is_finished_by_a_second_run(small: House) -> None:
    numbers = many(small, 12)
    plan = written(small, "plan.yaml", PLAN)
    activate_files(small.app, [written(small, "anhoerung.yaml", next_version()), plan])
    process = begun(small, 10_000)
    assert process.stdout is not None
    assert process.stdout.readline() == "begins\n"
    time.sleep(0.02)
    process.kill()
    process.communicate(timeout=120)
    assert_each_old_or_new_and_then_all_new(small, numbers)


def command(capsys: pytest.CaptureFixture[str], county: House, *words: str) -> tuple[int, str]:
    """Run a command in the installation; return its exit code and what it printed."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main([*words, "--data", str(county.folder)])
    return int(ended.value.code or 0), "".join(capsys.readouterr())


def test_the_commands_go_from_the_refused_version_to_the_moved_cases(
    small: House, capsys: pytest.CaptureFixture[str]
) -> None:
    number = informed(small)
    file = str(written(small, "anhoerung.yaml", next_version()))
    plan = str(written(small, "plan.yaml", PLAN))
    code, said = command(capsys, small, "workflow", "activate", file)
    assert (code, "„informiert“ (1 laufendes Verfahren" in said) == (2, True)
    code, said = command(capsys, small, "workflow", "activate", file, plan, "--dry-run", "--json")
    planned = json.loads(said)
    assert (code, planned["applied"]) == (0, False)
    assert [s["number"] for s in planned["effects"]["workflows"][0]["can_move"]] == [number]
    code, said = command(capsys, small, "workflow", "activate", file, plan)
    assert code == 0
    assert f"Anhörung, Fassung {NEXT_VERSION}: 1 laufendes Verfahren bleibt" in said
    code, said = command(capsys, small, "workflow", "migrate", plan)
    assert "1 zögen um, 0 blieben. Geändert wurde nichts" in said
    code, said = command(capsys, small, "workflow", "migrate", plan, "--apply")
    assert (code, "--by" in said) == (2, True)
    code, said = command(
        capsys, small, "workflow", "migrate", plan, "--apply", "--by", "weber", "--lang", "en"
    )
    assert (code, f"{number} {INTEGRATION}" in said) == (0, True)
    code, said = command(capsys, small, "workflow", "versions", "anhoerung", "--json")
    assert {v["version"]: v["running"] for v in json.loads(said)} == by_version(small)
    code, said = command(capsys, small, "case", "show", number)
    assert (code, f"Umzug auf Fassung {NEXT_VERSION}" in said) == (0, True)


def test_rules_show_tells_what_is_in_force_in_an_installation(
    small: House, capsys: pytest.CaptureFixture[str]
) -> None:
    activated(small, "dienstanweisung.yaml", instruction(days=20))
    words = ("rules", "show", "--on", "2026-03-30", "--municipality", "musterheide", "--json")
    code, said = command(capsys, small, *words)
    here = {p["id"]: p["content"]["de"] for p in json.loads(said)}
    capsys.readouterr()
    with pytest.raises(SystemExit):
        main(list(words))
    shipped_ = {p["id"]: p["content"]["de"] for p in json.loads(capsys.readouterr().out)}
    assert code == 0
    assert "20 Arbeitstage" in here["musterheide-da-4"]
    assert "10 Arbeitstage" in shipped_["musterheide-da-4"]

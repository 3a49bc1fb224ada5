"""The log is signed in time, and never twice over different entries of one number."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import ANY
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DatabaseError

from engine.app import App, open_app
from engine.cli.app import main
from engine.core.merkle import Frontier, leaf_hash, node_hash, verify_inclusion
from engine.core.notes import Checkpoint, Key, Note, NoteError, opened, signed
from engine.delivery import deliver
from engine.errors import InputError, Refused
from engine.services import accounts, setup
from engine.services.accounts import doors
from engine.services.doctor import examine_app
from engine.services.evidence import keys, refusing, strands
from engine.services.evidence.examining import examine
from engine.services.evidence.faults import Layer
from engine.services.evidence.forks import acknowledge, refusal
from engine.services.evidence.keys import KeyProblem, new_key, read_key
from engine.services.evidence.proofs import HEADER, proof_of, written
from engine.services.evidence.rechecking import EVERY
from engine.services.evidence.refusing import SealRefused
from engine.services.evidence.sealing import DELAY, Sealed, due, seal_due, time_of
from engine.services.evidence.standing import standing_of
from engine.services.evidence.state import PRIVATE, State, write
from engine.services.evidence.telling import LETTER
from engine.store.chains import SYSTEM
from engine.store.global_log import LIMIT, Standing
from engine.worker import one_round
from tests.conftest import MakePlace
from tests.installation import House, TurnedClock
from tests.installation import house as installation
from tests.killed_sealing import KILLED, POINTS, ROTATION
from tests.store.counting import line

ROOT = Path(__file__).parent.parent
LEGAL, OTHER = "neumann", "weber"
SEEDS = 100
SECOND = timedelta(seconds=1)
NOON = datetime(2026, 3, 23, 11, tzinfo=UTC)


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an installation that has signed once; copied, never used itself."""
    made = installation(tmp_path_factory.mktemp("founded") / "amt")
    assert seal_due(made.app) is not None
    made.app.close()
    return made.folder


def opened_in(folder: Path) -> House:
    """Return the installation in a folder, at Monday noon."""
    clock = TurnedClock(NOON)
    return House(open_app(folder, clock), clock, folder, folder / "Vorlage.txt")


@pytest.fixture
def county(founded: Path, tmp_path: Path) -> Iterator[House]:
    """A copy of it."""
    found = opened_in(Path(shutil.copytree(founded, tmp_path / "amt")))
    yield found
    found.app.close()


def enter(app: App, count: int = 1) -> None:
    """Enter lines that nobody has to understand."""
    with app.database.write() as store:
        for _ in range(count):
            now = app.clock.now()
            store.enter(replace(line("access/2026-03", uuid4().hex), recorded_at=now))


def seal(app: App) -> Sealed:
    """Sign what is there now."""
    found = seal_due(app, at_once=True)
    assert found is not None
    return found


def refused(app: App) -> SealRefused:
    """Return why the log does not sign."""
    with pytest.raises(SealRefused) as error:
        seal_due(app, at_once=True)
    return error.value


def rows(app: App, statement: str) -> list[Any]:
    """Return the rows of a statement."""
    with app.database.read() as store:
        return [tuple(r) for r in store.connection.exec_driver_sql(statement).all()]


def tamper(app: App, *statements: str) -> None:
    """Change the database past its guards, as its administrator can."""
    with app.database.write() as store:
        run = store.connection.exec_driver_sql
        for (name,) in run("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            run(f"DROP TRIGGER {name}")
        for statement in statements:
            run(statement)


class Backup:
    """A copy of the database of an installation, to be put back later."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._file = house.folder / "rechtzeitig.sqlite3"
        self._kept = house.folder / f"copy-{uuid4().hex}"
        house.app.close()
        shutil.copyfile(self._file, self._kept)

    def put_back(self) -> None:
        """Let the installation work with the copy from now on."""
        self._house.app.close()
        for stray in self._house.folder.glob("rechtzeitig.sqlite3-*"):
            stray.unlink()
        shutil.copyfile(self._kept, self._file)


# In time


def test_what_was_entered_is_covered_by_a_checkpoint_that_its_key_signed(county: House) -> None:
    enter(county.app, 3)
    found = seal(county.app)
    state = State(county.app.config)
    origin = county.app.database.meta.log
    said = opened(found.note, origin, state.keys(origin))
    assert (said.size, said.root) == (found.size, found.root)
    assert time_of(said) == found.signed_at == NOON
    assert state.last() == found.note
    with county.app.database.read() as store:
        leaves = list(store.log.leaves(0, found.size))
        newest = store.log.newest()
        assert newest is not None and newest.written == found.note
        assert store.log.waiting() == 0
    assert Frontier().grown(leaves).root == found.root


def test_nothing_is_signed_where_nothing_is_new(county: House) -> None:
    assert seal_due(county.app) is None
    assert seal_due(county.app, at_once=True) is None


def test_an_idle_log_is_only_looked_at(county: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def unwanted() -> None:
        raise AssertionError("nothing was due")

    monkeypatch.setattr(county.app.database, "write", unwanted)
    monkeypatch.setattr(State, "turn", unwanted)
    assert seal_due(county.app) is None


@given(
    every=st.integers(1, 15),
    entered=st.lists(st.floats(0, 600), min_size=1, max_size=40),
    seed=st.integers(0, 2**32),
)
def test_no_entry_waits_longer_than_a_minute_for_its_checkpoint(
    every: int, entered: list[float], seed: int
) -> None:
    """Each round begins up to a second late; an entry counts as covered when a round signs."""
    waiting, late = sorted(entered), Random(seed)
    signed_at, size, covered = None, 0, 0
    for number in range(700 // every):
        now = number * every + late.random()
        size = sum(1 for at in waiting if at <= now)
        standing = Standing(size, False, covered, signed_at)
        oldest = waiting[covered] if covered < len(waiting) else now
        if due(standing, NOON + now * SECOND, every):
            signed_at, covered = NOON + now * SECOND, size
        assert now - min(oldest, now) <= DELAY.total_seconds()


def test_rounds_keep_every_entry_inside_a_checkpoint_within_the_minute(county: House) -> None:
    for number in range(24):
        county.clock.instant = NOON + number * 15 * SECOND
        if number % 3 != 1:
            enter(county.app)
        one_round(county.app)
        oldest = standing_of(county.app).unsigned_since
        assert oldest is None or county.clock.instant - oldest < DELAY
    assert len(rows(county.app, "SELECT size FROM checkpoint")) < 24


def test_many_entries_do_not_wait_for_the_minute(county: House) -> None:
    enter(county.app, LIMIT - 1)
    assert seal_due(county.app) is None
    enter(county.app, 1)
    found = seal_due(county.app)
    assert found is not None and found.placed == 1


def test_a_clock_set_back_never_dates_a_checkpoint_before_the_last_one(county: House) -> None:
    county.clock.instant = NOON - timedelta(days=2)
    enter(county.app)
    found = seal_due(county.app)
    assert found is not None and found.signed_at == NOON


def test_a_host_that_leaves_the_signing_to_another_gives_places_only(county: House) -> None:
    evidence = county.app.config.settings.evidence.model_copy(update={"signs": False})
    county.app.config.settings = county.app.config.settings.model_copy(
        update={"evidence": evidence}
    )
    enter(county.app)
    assert seal_due(county.app, at_once=True) is None
    found = standing_of(county.app)
    assert (found.waiting, found.size - found.signed, found.signs_here) == (0, 1, False)


@pytest.mark.parametrize("change", ["UPDATE checkpoint SET note = 'x'", "DELETE FROM checkpoint"])
def test_a_checkpoint_cannot_be_changed_later(county: House, change: str) -> None:
    with pytest.raises(DatabaseError, match="insert-only"), county.app.database.write() as store:
        store.connection.exec_driver_sql(change)


# Killed in between


@pytest.fixture(params=["sqlite", "postgres"])
def anywhere(
    request: pytest.FixtureRequest, founded: Path, tmp_path: Path, make_place: MakePlace
) -> Iterator[House]:
    """An installation that has signed once, on each kind of database."""
    if request.param == "sqlite":
        found = opened_in(Path(shutil.copytree(founded, tmp_path / "amt")))
    else:
        found = installation(tmp_path / "amt", make_place("postgres").url)
        seal(found.app)
    yield found
    found.app.close()


def killed(house: House, point: str) -> str | None:
    """Let a sealing die at a point; return what then is remembered as signed last."""
    enter(house.app, 300)
    told = [sys.executable, "-m", "tests.killed_sealing", str(house.folder), point]
    done = subprocess.run(told, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == KILLED, done.stderr
    return State(house.app.config).last()


def agrees(house: House) -> None:
    """Assert that file and database hold the same, and that all of it is signed and right."""
    state = State(house.app.config)
    origin = house.app.database.meta.log
    with house.app.database.read() as store:
        stored = list(store.log.checkpoints())
        leaves = list(store.log.leaves(0, store.log.size()))
    for one in stored:
        said = opened(one.note, origin, state.keys(origin))
        assert (said.size, said.root) == (one.size, one.root)
        assert Frontier().grown(leaves[: one.size]).root == one.root
    assert state.last() == stored[-1].note
    assert stored[-1].size == len(leaves)


@pytest.mark.parametrize("point", POINTS)
def test_a_crash_between_two_steps_loses_nothing_and_signs_nothing_twice(
    anywhere: House, point: str
) -> None:
    remembered = killed(anywhere, point)
    enter(anywhere.app, 2)
    seal(anywhere.app)
    agrees(anywhere)
    with anywhere.app.database.read() as store:
        assert remembered in [c.note for c in store.log.checkpoints()]
        assert store.log.waiting() == 0


def test_what_was_signed_before_a_crash_is_taken_over_without_a_new_entry(county: House) -> None:
    remembered = killed(county, "before the database holds it")
    assert seal_due(county.app, at_once=True) is None
    agrees(county)
    with county.app.database.read() as store:
        newest = store.log.newest()
    assert newest is not None and newest.written == remembered


# Set back, copied, swapped


def _old_backup(house: House, random: Random) -> None:
    enter(house.app, random.randint(0, 5))
    backup = Backup(house)
    enter(house.app, random.randint(1, 20))
    seal(house.app)
    backup.put_back()
    # Fewer, as many, or more entries than were signed, all others.
    enter(house.app, random.randint(0, 30))


def _split_brain(house: House, random: Random) -> None:
    """Two versions of the database go on by themselves; the one has signed, the other has not."""
    enter(house.app, random.randint(0, 5))
    seal_due(house.app, at_once=True)
    twin = Backup(house)
    count = random.randint(1, 20)
    enter(house.app, count)
    seal(house.app)
    twin.put_back()
    enter(house.app, count + random.choice((0, 0, 1, 7)))


def _swapped_key(house: House, random: Random) -> None:
    enter(house.app, random.randint(1, 5))
    seal(house.app)
    state, key = State(house.app.config), new_key()
    write(state.key, key.pem, PRIVATE)
    if random.random() < 0.5:
        # Somebody who thinks of the list of keys, too.
        write(state.keys_file, f"{key.public(house.app.database.meta.log).vkey}\n", 0o644)
    elif random.random() < 0.5:
        state.add_key(key.public(house.app.database.meta.log).vkey)
    enter(house.app, random.randint(1, 5))


WRONGS: dict[str, tuple[Callable[[House, Random], None], set[str]]] = {
    "old backup": (_old_backup, {"shorter", "other"}),
    "split brain": (_split_brain, {"other"}),
    "swapped key": (_swapped_key, {"key", "unreadable"}),
}


@pytest.mark.parametrize("wrong", WRONGS)
def test_what_does_not_follow_is_never_signed(county: House, wrong: str) -> None:
    do, kinds = WRONGS[wrong]
    whole, seen = Backup(county), set()
    state = Path(shutil.copytree(county.app.config.state, county.folder / "whole"))
    for seed in range(SEEDS):
        do(county, Random(seed))
        remembered = State(county.app.config).last()
        before = rows(county.app, "SELECT * FROM checkpoint ORDER BY size")
        seen.add(refused(county.app).kind)
        assert rows(county.app, "SELECT * FROM checkpoint ORDER BY size") == before
        assert State(county.app.config).last() == remembered
        whole.put_back()
        shutil.copytree(state, county.app.config.state, dirs_exist_ok=True)
    assert seen == kinds


def two_roots(notes: list[str]) -> bool:
    """Return whether two of these were signed over different logs of one name and length."""
    said = {Checkpoint.read(Note.read(note).text) for note in notes}
    return len({(c.origin, c.size, c.root) for c in said}) > len({(c.origin, c.size) for c in said})


def test_without_the_comparison_two_logs_of_one_length_are_signed(
    county: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test of the test above: it would see it."""
    monkeypatch.setattr(refusing, "_held", lambda *_: None)
    backup = Backup(county)
    enter(county.app, 5)
    first = seal(county.app)
    backup.put_back()
    enter(county.app, 5)
    # What is remembered has that length already; only its comparison stands in the way.
    write(State(county.app.config).last_file, _of_another_length(county, first), 0o644)
    second = seal(county.app)
    assert two_roots([first.note, second.note])


def _of_another_length(house: House, found: Sealed) -> str:
    key = read_key(State(house.app.config).key)
    public = key.public(found.origin)
    text = Checkpoint(found.origin, found.size + 100, found.root).text
    return Note(text, (signed(text, public, key.sign),)).written


def test_two_databases_with_one_folder_never_sign_against_each_other(
    county: House, tmp_path: Path
) -> None:
    county.app.close()
    twin_folder = Path(shutil.copytree(county.folder, tmp_path / "twin"))
    shutil.rmtree(twin_folder / "state")
    (twin_folder / "state").symlink_to(county.folder / "state")
    twin, notes, kinds = opened_in(twin_folder), [], []

    def work(app: App) -> None:
        for _ in range(15):
            enter(app)
            try:
                found = seal_due(app, at_once=True)
            except SealRefused as error:
                kinds.append(error.kind)
            else:
                notes.append("" if found is None else found.note)

    threads = [threading.Thread(target=work, args=(house.app,)) for house in (county, twin)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    twin.app.close()
    assert len(notes) + len(kinds) == 30 and kinds
    assert not two_roots([note for note in notes if note])


def test_whoever_forgot_what_was_signed_does_not_sign(county: House) -> None:
    State(county.app.config).last_file.unlink()
    enter(county.app)
    assert refused(county.app).kind == "forgotten"


def test_an_outdated_folder_does_not_sign(county: House) -> None:
    before = State(county.app.config).last()
    enter(county.app)
    seal(county.app)
    assert before is not None
    write(State(county.app.config).last_file, before, 0o644)
    enter(county.app)
    assert refused(county.app).kind == "behind"


@pytest.mark.parametrize("text", ["", "Unsinn\n", "a\n1\nb\n\n\N{EM DASH} a b\n"])
def test_a_file_that_is_no_checkpoint_is_no_leave_to_sign(county: House, text: str) -> None:
    write(State(county.app.config).last_file, text, 0o644)
    enter(county.app)
    assert refused(county.app).kind in ("origin", "unreadable")


# What is stored is looked at


def test_a_tree_whose_state_was_changed_is_not_signed(county: House) -> None:
    enter(county.app)
    with county.app.database.read() as store:
        tree = store.log.tree()
    wrong = Frontier(tree.size, (bytes(32), *tree.peaks[1:]))
    tamper(county.app, f"UPDATE log_state SET frontier = x'{wrong.stored.hex()}'")
    assert refused(county.app).kind == "tree"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE log_state SET size = size - 1",
        "UPDATE log_state SET frontier = x'00'",
        "DELETE FROM log_leaf WHERE leaf_index = 3",
    ],
)
def test_a_broken_tree_is_told_and_not_signed(county: House, change: str) -> None:
    enter(county.app)
    tamper(county.app, change)
    assert refused(county.app).kind in ("tree", "other")
    assert refusal_of(county.app) is not None


def test_an_entry_that_was_changed_is_found_by_the_tenth_checkpoint(county: House) -> None:
    enter(county.app, 300)
    seal(county.app)
    tamper(county.app, "UPDATE entry SET header = x'7b7d' WHERE id = 20")
    with pytest.raises(SealRefused) as error:
        for _ in range(EVERY):
            enter(county.app)
            seal_due(county.app, at_once=True)
    assert error.value.kind == "tree"


def test_a_long_log_is_read_again_a_stretch_at_a_time(
    county: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.services.evidence.rechecking.STRETCH", 1)
    enter(county.app, 256 * 5)
    seal(county.app)
    tamper(county.app, "UPDATE entry SET header = x'7b7d' WHERE id = 600")
    signed = 0
    with pytest.raises(SealRefused):
        for signed in range(EVERY * 8):  # noqa: B007 - how often it went well
            enter(county.app)
            seal_due(county.app, at_once=True)
    assert EVERY < signed < EVERY * 7


# It is told


@pytest.fixture
def administered(county: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """The same with somebody who administers it."""
    monkeypatch.setattr(doors, "COST", "argon2id:1:64:1")
    token = accounts.invite(
        county.app, "", "technik", True, by_mail=False, name="Kim T.", email="t@x.example"
    )
    accounts.accept(county.app, token, "grüner Tisch am Kanal 7")
    return county


def refusal_of(app: App) -> SealRefused | None:
    """Return why the log would not sign."""
    with app.database.read() as store:
        return refusal(app, store)


def test_that_the_log_does_not_sign_is_told_once(administered: House) -> None:
    app = administered.app
    State(app.config).last_file.unlink()
    for _ in range(4):
        enter(app)
        assert refused(app).kind == "forgotten"
    with app.database.read() as store:
        told = store.chains.typed(SYSTEM, "seal_refused")
        owed = [n for n in store.outbox.notices() if n.letter == LETTER]
        mails = [m for m in store.outbox.messages() if m.address == "t@x.example"]
    assert [entry.plain["kind"] for entry in told] == ["forgotten"]
    assert [notice.office for notice in owed] == ["rechtsamt"]
    assert len(mails) == 1
    deliver(app)
    [bytes_] = [
        p.read_bytes() for p in app.config.mails.rglob("*.eml") if b"neumann@" in p.read_bytes()
    ]
    assert b"unterschreibt nicht mehr" in bytes_


def test_the_doctor_says_that_the_log_does_not_sign(county: House) -> None:
    def said() -> list[str]:
        return [f.state for f in examine_app(county.app) if f.name == "log"]

    assert said() == ["ok"]
    State(county.app.config).last_file.unlink()
    assert said() == ["bad"]


def test_the_doctor_says_that_nobody_signs(county: House) -> None:
    enter(county.app)
    county.clock.instant += timedelta(minutes=6)
    assert [f.state for f in examine_app(county.app) if f.name == "log"] == ["bad"]


def test_work_goes_on_while_the_log_does_not_sign(county: House) -> None:
    State(county.app.config).last_file.unlink()
    number = county.register().number
    one_round(county.app)
    county.take(number, "informieren", "weber", participation="integration")
    one_round(county.app)
    assert standing_of(county.app).waiting == 0


# The key


def test_a_new_installation_has_a_key_that_only_its_owner_can_read(county: House) -> None:
    state = State(county.app.config)
    assert state.key.stat().st_mode & 0o777 == 0o600
    assert state.folder.stat().st_mode & 0o777 == 0o700
    origin = county.app.database.meta.log
    [vkey] = state.vkeys()
    assert Key.read(vkey) == read_key(state.key).public(origin)
    with county.app.database.read() as store:
        [entered] = store.chains.typed(SYSTEM, keys.TYPE)
    assert entered.plain == {"vkey": vkey, "cause": "first", "before": ""}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_that_others_can_read_signs_nothing(county: House, mode: int) -> None:
    State(county.app.config).key.chmod(mode)
    enter(county.app)
    found = refused(county.app)
    assert found.kind == "unusable" and "chmod 600" in found.text.de
    with pytest.raises(SealRefused, match="chmod 600"):
        acknowledge(county.app, OTHER, "nichts zu erklären")


def test_a_file_that_is_no_key_signs_nothing(county: House) -> None:
    write(State(county.app.config).key, "-----BEGIN NOTHING-----\n", PRIVATE)
    with pytest.raises(KeyProblem, match="no key"):
        read_key(State(county.app.config).key)
    enter(county.app)
    assert refused(county.app).kind == "unusable"


def test_the_key_may_be_handed_over_by_systemd(
    county: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "credentials").mkdir()
    shutil.move(State(county.app.config).key, tmp_path / "credentials" / "log.key")
    enter(county.app)
    assert refused(county.app).kind == "unusable"
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "credentials"))
    assert seal(county.app).size > 0


def test_an_upgrade_gives_a_key_to_a_log_that_never_signed(tmp_path: Path) -> None:
    made = installation(tmp_path / "amt")
    made.app.close()
    shutil.rmtree(made.folder / "state")
    setup.upgrade(made.folder)
    assert not (made.folder / "state").exists()
    tamper(made.app, "DELETE FROM log_queue", "DELETE FROM entry_body", "DELETE FROM entry")
    made.app.close()
    setup.upgrade(made.folder)
    assert (made.folder / "state" / "log.key").exists()


def test_after_a_rotation_the_new_key_signs_and_both_have_signed_the_change(
    county: House,
) -> None:
    origin, state = county.app.database.meta.log, State(county.app.config)
    old = read_key(state.key).public(origin)
    new = keys.rotate(county.app, "weber")
    change = Note.read(seal(county.app).note)
    assert change.signed_by(old) and change.signed_by(new)
    assert read_key(state.key).public(origin) == new and not state.next_key.exists()
    assert state.keys(origin) == [old, new]
    enter(county.app)
    later = Note.read(seal(county.app).note)
    assert later.signed_by(new) and not later.signed_by(old)
    with county.app.database.read() as store:
        entered = store.chains.typed(SYSTEM, keys.TYPE)[-1]
    assert (entered.plain["before"], entered.plain["vkey"]) == (old.vkey, new.vkey)
    assert entered.actor == "weber"


def test_a_second_rotation_waits_for_the_first(county: House) -> None:
    keys.rotate(county.app, "weber")
    with pytest.raises(Refused, match="just being replaced"):
        keys.rotate(county.app, "weber")
    seal(county.app)
    keys.rotate(county.app, "weber")


def test_the_old_key_signs_no_more_after_a_rotation(county: House) -> None:
    state = State(county.app.config)
    old = state.key.read_text()
    keys.rotate(county.app, "weber")
    seal(county.app)
    enter(county.app)
    seal(county.app)
    write(state.key, old, PRIVATE)
    enter(county.app)
    assert refused(county.app).kind == "key"


@pytest.mark.parametrize("point", ROTATION)
def test_a_rotation_that_was_killed_is_finished_or_never_was(county: House, point: str) -> None:
    origin, state = county.app.database.meta.log, State(county.app.config)
    old = read_key(state.key).public(origin)
    killed(county, point)
    enter(county.app)
    seal(county.app)
    enter(county.app)
    seal(county.app)
    agrees(county)
    now = read_key(state.key).public(origin)
    began = len(rows(county.app, "SELECT id FROM entry WHERE type = 'log_key'")) == 2
    assert (now != old) is began
    assert State(county.app.config).keys(origin) == ([old, now] if began else [old])
    keys.rotate(county.app, "weber")
    seal(county.app)
    agrees(county)


# Acknowledged by two


def _wrong(house: House) -> SealRefused:
    _old_backup(house, Random(3))
    return refused(house.app)


def test_two_people_let_the_log_go_on_under_another_name(county: House) -> None:
    _wrong(county)
    remembered = State(county.app.config).last()
    name = county.app.database.meta.log
    assert acknowledge(county.app, OTHER, "Sicherung vom Sonntag").origin == ""
    done = acknowledge(county.app, LEGAL, "geprüft, hingenommen")
    assert done.origin == f"{name}/log-2" and done.sealed is not None
    assert done.sealed.origin == done.origin
    state = State(county.app.config)
    kept = state.folder / "last_checkpoint.before-log-2"
    assert kept.read_text() == remembered
    with county.app.database.read() as store:
        [fork] = store.chains.typed(SYSTEM, "fork")
        people = {fork.actor, fork.plain["with"]}
    assert fork.plain["remembered"] == remembered and len(people) == 2
    assert fork.plain["before"] == name
    opened(done.sealed.note, done.origin, state.keys(done.origin))
    enter(county.app)
    assert seal(county.app).origin == done.origin
    assert refusal_of(county.app) is None


def test_the_same_person_counts_once(county: House) -> None:
    _wrong(county)
    acknowledge(county.app, LEGAL, "hingenommen")
    with pytest.raises(Refused, match="second person"):
        acknowledge(county.app, "neumann@musterheide.example", "noch einmal")
    refused(county.app)


def test_one_of_the_two_acts_for_the_legal_office(county: House) -> None:
    _wrong(county)
    acknowledge(county.app, OTHER, "hingenommen")
    with pytest.raises(Refused, match="legal office"):
        acknowledge(county.app, "richter", "hingenommen")
    assert acknowledge(county.app, LEGAL, "hingenommen").origin


def test_there_is_nothing_to_acknowledge_while_the_log_signs(county: House) -> None:
    with pytest.raises(Refused, match="nothing to acknowledge"):
        acknowledge(county.app, LEGAL, "vorsorglich")


def test_acknowledging_needs_a_reason(county: House) -> None:
    _wrong(county)
    with pytest.raises(InputError):
        acknowledge(county.app, LEGAL, "  ")


def test_what_was_acknowledged_is_only_what_both_have_seen(county: House) -> None:
    """Something else went wrong after the first had spoken: both must speak of that."""
    _wrong(county)
    acknowledge(county.app, OTHER, "Sicherung vom Sonntag")
    write(State(county.app.config).key, new_key().pem, PRIVATE)
    assert acknowledge(county.app, LEGAL, "geprüft").origin == ""
    assert acknowledge(county.app, OTHER, "auch der Schlüssel").origin


@pytest.mark.parametrize("lost", ["log.key", "last_checkpoint", "keys", "state"])
def test_a_lost_part_of_the_folder_is_acknowledged_too(county: House, lost: str) -> None:
    state = State(county.app.config)
    if lost == "state":
        shutil.rmtree(state.folder)
    else:
        (state.folder / lost).unlink()
    enter(county.app)
    refused(county.app)
    acknowledge(county.app, OTHER, "Datenträger verloren")
    assert acknowledge(county.app, LEGAL, "hingenommen").sealed is not None
    enter(county.app)
    seal(county.app)


def test_a_restored_backup_does_not_sign_until_two_have_acknowledged_it(county: House) -> None:
    state = State(county.app.config)
    write(state.restored_file, '{"log": "x"}', 0o644)
    enter(county.app)
    assert refused(county.app).kind == "restored"
    acknowledge(county.app, OTHER, "zurückgespielt")
    assert acknowledge(county.app, LEGAL, "geprüft").sealed is not None
    assert not state.restored_file.exists()


def test_each_fork_has_a_name_of_its_own(county: House) -> None:
    """Also where the database was set back to before the last one."""
    backup = Backup(county)
    names = []
    for _ in range(2):
        enter(county.app)
        seal_due(county.app, at_once=True)
        backup.put_back()
        enter(county.app, 2)
        refused(county.app)
        acknowledge(county.app, OTHER, "wieder")
        names.append(acknowledge(county.app, LEGAL, "wieder").origin)
    name = county.app.database.meta.log
    assert names == [f"{name}/log-2", f"{name}/log-3"]


# Proofs


def read_proof(text: str) -> tuple[int, list[bytes], str]:
    """Return index, path and checkpoint of a proof, taken apart by the words of the format."""
    from base64 import b64decode

    head, index, *path = text.split("\n\n", 1)[0].split("\n")
    assert head == HEADER and index.startswith("index ")
    return int(index[6:]), [b64decode(p, validate=True) for p in path], text.split("\n\n", 1)[1]


def test_a_proof_leads_from_the_entry_to_what_was_signed(county: House) -> None:
    enter(county.app, 300)
    found = seal(county.app)
    origin = county.app.database.meta.log
    known = State(county.app.config).keys(origin)
    with county.app.database.read() as store:
        for entry in store.chains.lines("access/2026-03")[::50]:
            index, path, note = read_proof(proof_of(store, entry.id))
            said = opened(note, origin, known)
            leaf = leaf_hash(entry.header)
            assert said.size == found.size
            assert verify_inclusion(leaf, index, said.size, path, said.root)


def test_there_is_no_proof_before_the_checkpoint(county: House) -> None:
    enter(county.app)
    with county.app.database.read() as store:
        [entry] = store.chains.lines("access/2026-03")
        with pytest.raises(Refused, match="No checkpoint covers"):
            proof_of(store, entry.id)


def test_a_proof_of_a_million_entries_is_small(county: House) -> None:
    """With the signatures of the log and of three witnesses."""
    size, origin = 1_000_003, county.app.database.meta.log
    key = new_key()
    public = key.public(origin)
    text = Checkpoint(
        origin, size, node_hash(bytes(32), bytes(32)), ("time 1774263600000000",)
    ).text
    one = signed(text, public, key.sign)
    witnesses = [
        replace(one, name=f"zeuge-{n}.kreis.example/rechtsamt", data=bytes(8) + one.data)
        for n in range(3)
    ]
    note = Note(text, (one, *witnesses))
    for index in (0, 524_287, size - 1):
        proof = written(index, note, lambda level, place: bytes(32))
        assert len(proof.encode()) <= 2_500
        assert read_proof(proof)[2] == note.written


def test_a_note_of_another_log_is_refused(county: House) -> None:
    with pytest.raises(NoteError):
        opened(seal_note(county), "anderswo.example", [])


def seal_note(house: House) -> str:
    """Return the newest checkpoint."""
    enter(house.app)
    return seal(house.app).note


# On the command line


Run = Callable[..., tuple[int, Any]]


@pytest.fixture
def run(county: House, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs a command of `log` and returns its code and JSON."""

    def ran(*words: str) -> tuple[int, Any]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["log", *words, "--data", str(county.folder), "--json"])
        out = capsys.readouterr().out
        return int(ended.value.code or 0), json.loads(out) if out.strip() else None

    return ran


def test_the_command_line_seals_and_shows_how_far(run: Run, county: House) -> None:
    enter(county.app, 3)
    code, before = run("status")
    assert (code, before["waiting"], before["refused"]) == (0, 3, None)
    assert run("seal")[1]["size"] == before["size"] + 3
    assert run("seal") == (0, None)
    code, after = run("status")
    assert (after["signed"], after["waiting"]) == (before["size"] + 3, 0)


def test_the_command_line_shows_and_replaces_the_key(run: Run) -> None:
    before = run("key")[1]
    assert before["known"] == [before["vkey"]]
    new = run("rotate", "--as", "weber")[1]
    assert new["in_force"] and run("key")[1]["vkey"] == new["vkey"] != before["vkey"]


def test_the_command_line_says_why_the_log_does_not_sign(run: Run, county: House) -> None:
    State(county.app.config).last_file.unlink()
    assert run("seal")[0] == 3
    code, found = run("status")
    assert (code, found["refused"]["kind"]) == (1, "forgotten")
    because = ("--reason", "Datenträger verloren")
    assert run("fork-acknowledge", "--as", OTHER, *because)[1]["origin"] is None
    assert run("fork-acknowledge", "--as", OTHER, *because)[0] == 3
    name = county.app.database.meta.log
    assert run("fork-acknowledge", "--as", LEGAL, *because)[1]["origin"] == f"{name}/log-2"
    assert run("status")[0] == 0


# A test of the tests of the examination


def test_without_the_check_of_commitments_a_changed_text_would_pass(
    county: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    county.register()
    seal(county.app)

    def found() -> set[Layer]:
        return {fault.layer for fault in examine(county.app, replaying=False).faults}

    assert found() == set()
    tamper(
        county.app,
        "UPDATE entry_body SET body = CAST('{}' AS BLOB) WHERE entry_id = (SELECT MAX(entry_id) "
        "FROM entry_body WHERE body IS NOT NULL)",
    )
    assert found() == {Layer.BODY}
    monkeypatch.setattr(strands, "commitment", lambda *_: ANY)
    assert found() == set()

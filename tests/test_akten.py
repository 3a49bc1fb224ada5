"""Today's program tells the cases of every release as they were told then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson
import pytest

from engine.app import App
from engine.core import notes
from engine.core.case import digest
from engine.core.ledger import SEMANTICS, broken, commitment, leaf
from engine.core.merkle import root
from engine.core.notes import Key
from engine.core.replay import Differs, replay
from engine.services.verify import Past
from tests.akten.recording import ERASED, RELEASE, Recording, files, open_again, read

Strands = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module", params=files(), ids=lambda path: path.name)
def recording(request: pytest.FixtureRequest) -> Recording:
    return read(request.param)


@pytest.fixture(scope="module")
def app(recording: Recording, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    opened = open_again(recording, tmp_path_factory.mktemp("akte"))
    yield opened
    opened.close()


def strands(recording: Recording) -> Strands:
    found: Strands = defaultdict(list)
    for entry in recording.entries:
        found[entry["stream"]].append(entry)
    return found


def test_there_is_a_file_of_this_release() -> None:
    assert f"{RELEASE}.jsonl.gz" in {path.name for path in files()}, (
        "record one: python -m tests.akten.recording"
    )


def test_every_strand_still_follows_line_by_line(recording: Recording) -> None:
    for lines in strands(recording).values():
        headers = [line["header"] for line in lines]
        assert broken(headers, [leaf(h) for h in headers]) is None


def test_every_text_that_is_there_still_fits_its_commitment(recording: Recording) -> None:
    there = [e for e in recording.entries if e["body"] is not None]
    assert len(there) > 50
    for entry in there:
        said = orjson.loads(entry["header"])
        assert commitment(entry["salt"], entry["body"]) == said["private"]


def test_every_checkpoint_still_covers_the_entries_it_was_signed_over(recording: Recording) -> None:
    keys = [Key.read(vkey) for vkey in recording.keys]
    leaves = [leaf(e["header"]) for e in recording.entries]
    assert recording.checkpoints
    for written in recording.checkpoints:
        said = notes.opened(written, recording.log, keys)
        assert root(leaves[: said.size]) == said.root
    assert said.size == len(leaves)


def test_every_case_is_told_as_it_was_told_then(recording: Recording, app: App) -> None:
    told = 0
    with app.database.read() as store:
        past = Past(app, store)
        for stream in filter(lambda s: s.startswith("case/"), strands(recording)):
            entries = [line.entry for line in store.chains.lines(stream)]
            number = entries[0].plain["number"]
            case = replay(stream.removeprefix("case/"), number, entries, past.world)
            if recording.semantics == SEMANTICS:
                assert not isinstance(case, Differs), case
                assert digest(case) == entries[-1].plain["after"]
                told += 1
    assert told >= 3 or recording.semantics != SEMANTICS


def test_a_case_whose_bodies_are_all_gone_is_told_as_well(recording: Recording, app: App) -> None:
    with app.database.read() as store:
        cases = [s for s in strands(recording) if s.startswith("case/")]
        bare = [s for s in cases if all(x.body is None for x in store.chains.lines(s))]
        [stream] = bare
        entries = [line.entry for line in store.chains.lines(stream)]
        assert entries[0].plain["number"].endswith(f"{ERASED:04}")
        assert all(e.private == {} for e in entries)
        case = replay(stream.removeprefix("case/"), "V-2026-0003", entries, Past(app, store).world)
    assert not isinstance(case, Differs)


def test_a_day_that_was_counted_otherwise_would_be_noticed(recording: Recording, app: App) -> None:
    with app.database.read() as store:
        stream = next(s for s in strands(recording) if s.startswith("case/"))
        entries = [line.entry for line in store.chains.lines(stream)]
        n = next(n for n, e in enumerate(entries) if e.plain["deadlines"])
        moved = [[*entries[n].plain["deadlines"][0][:3], "2031-01-01", "running"]]
        said = replace(entries[n], plain={**entries[n].plain, "deadlines": moved})
        changed = [*entries[:n], said, *entries[n + 1 :]]
        number = entries[0].plain["number"]
        told = replay(stream.removeprefix("case/"), number, changed, Past(app, store).world)
    assert isinstance(told, Differs)
    assert told.number == n + 1

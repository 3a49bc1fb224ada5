"""Documents: every byte is on disk before anything names it, and nothing can be guessed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.core.ledger import commitment
from engine.errors import NotFound
from engine.store import documents

DATA = b"%PDF-1.7\n" + bytes(range(256)) * 50
TWO_DAYS = 2 * documents.ONE_DAY


def test_a_document_comes_back_as_it_was(tmp_path: Path) -> None:
    filed = documents.put(tmp_path / "documents", DATA)
    with documents.open_document(tmp_path / "documents", filed.uid) as file:
        assert file.read() == DATA
    assert filed.size == len(DATA)
    salt = documents.salt_of(tmp_path / "documents", filed.uid)
    assert filed.commitment == commitment(salt, DATA)
    assert documents.intact(tmp_path / "documents", filed.uid, filed.commitment)


def test_the_same_document_twice_has_two_names_and_two_commitments(tmp_path: Path) -> None:
    one, two = documents.put(tmp_path, DATA), documents.put(tmp_path, DATA)
    assert one.uid != two.uid and one.commitment != two.commitment


def test_a_changed_byte_is_noticed(tmp_path: Path) -> None:
    filed = documents.put(tmp_path, DATA)
    path = tmp_path / filed.uid
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    assert not documents.intact(tmp_path, filed.uid, filed.commitment)


def test_bytes_are_flushed_before_the_name_and_the_folder_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    real_fsync, real_replace = os.fsync, os.replace

    def fsync(handle: int) -> None:
        done.append("flush folder" if os.path.isdir(f"/proc/self/fd/{handle}") else "flush file")
        real_fsync(handle)

    def replace(old: Path, new: Path) -> None:
        assert Path(old).read_bytes()[documents.SALT :] == DATA
        done.append("rename")
        real_replace(old, new)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    documents.put(tmp_path, DATA)
    assert done == ["flush file", "rename", "flush folder"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_crash_leaves_no_name_without_its_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Whatever step the crash hits: only unfinished files are left, and they are swept."""

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, step, crash)
        with pytest.raises(KeyboardInterrupt):
            documents.put(tmp_path, DATA)
    [left] = tmp_path.iterdir()
    assert left.name.endswith(".part")
    now = left.stat().st_mtime
    assert documents.sweep(tmp_path, set().intersection, now + 60) == []
    assert documents.sweep(tmp_path, set().intersection, now + TWO_DAYS) == [left.name]
    assert list(tmp_path.iterdir()) == []


def test_only_old_files_that_nobody_names_are_swept(tmp_path: Path) -> None:
    known, orphan = documents.put(tmp_path, DATA), documents.put(tmp_path, DATA)
    (tmp_path / "LIESMICH.txt").write_text("Nicht löschen")
    now = (tmp_path / orphan.uid).stat().st_mtime
    assert documents.sweep(tmp_path, {known.uid}.intersection, now + 3600) == []
    assert documents.sweep(tmp_path, {known.uid}.intersection, now + TWO_DAYS) == [orphan.uid]
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([known.uid, "LIESMICH.txt"])


def test_an_erased_document_is_gone_with_its_salt(tmp_path: Path) -> None:
    filed = documents.put(tmp_path, DATA)
    documents.erase(tmp_path, filed.uid)
    with pytest.raises(NotFound, match=filed.uid):
        documents.open_document(tmp_path, filed.uid)
    documents.erase(tmp_path, filed.uid)


@pytest.mark.parametrize("name", ["../etc/passwd", "a" * 31, "A" * 32, "", "x" * 32, "/etc/passwd"])
def test_a_name_that_we_did_not_give_reaches_no_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotFound):
        documents.open_document(tmp_path, name)

"""Training: what would have been sent lies readable in a folder, once, and under a safe name."""

from __future__ import annotations

import asyncio
import re
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.channel import Channel, Kind, NotDelivered, Phase, Reply
from notifications.folder import FolderChannel
from notifications.message import Address, Frozen, compose, message_id

OFFICE = Address("Landkreis Musterland", "beteiligung@musterland.example")
# Late in the evening in Berlin, when it is already the next day nowhere that matters here.
WHEN = datetime(2026, 4, 9, 23, 30, tzinfo=ZoneInfo("Europe/Berlin"))


def mail(
    uid: str = "1", subject: str = "Rückfrage: Straße – Süd", to: str = "anna@m.example"
) -> Frozen:
    identity = message_id(uid, "musterland.example")
    person = Address("Anna Müller", to)
    return compose(OFFICE, person, subject, "Guten Tag,\nÄpfel", "<p>Ä</p>", identity, WHEN)


def write(folder: Path, *messages: Frozen) -> list[Reply]:
    async def all_of_them() -> list[Reply]:
        channel: Channel = FolderChannel(folder)
        async with channel.session() as session:
            return [await session.deliver(message, lambda: None) for message in messages]

    return asyncio.run(all_of_them())


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def test_a_message_lies_there_to_send_to_read_and_to_look_at(tmp_path: Path) -> None:
    [reply] = write(tmp_path / "uebung", mail())
    stem = "0001_2026-04-09_anna@m.example_rueckfrage-strasse-sued"
    assert names(tmp_path / "uebung") == [f"{stem}{suffix}" for suffix in (".eml", ".html", ".txt")]
    assert reply == Reply(250, f"geschrieben: {stem}.eml")
    beside = tmp_path / "uebung" / stem
    assert beside.with_name(f"{stem}.eml").read_bytes() == mail().data
    assert beside.with_name(f"{stem}.html").read_text("utf-8") == "<p>Ä</p>"
    assert beside.with_name(f"{stem}.txt").read_text("utf-8") == (
        "From: Landkreis Musterland <beteiligung@musterland.example>\n"
        "To: Anna Müller <anna@m.example>\n"
        "Date: Thu, 09 Apr 2026 23:30:00 +0200\n"
        "Subject: Rückfrage: Straße – Süd\n"
        "\n"
        "Guten Tag,\nÄpfel"
    )


def test_numbers_go_on_after_what_lies_there_and_gaps_stay(tmp_path: Path) -> None:
    (tmp_path / "0041_2026-01-01_x_y.eml").write_bytes(b"")
    (tmp_path / "notiz.txt").write_text("kein Brief")
    write(tmp_path, mail("a"), mail("b"))
    assert [name[:4] for name in names(tmp_path) if name.endswith(".html")] == ["0042", "0043"]


def test_the_same_message_again_gets_the_same_answer_and_no_second_file(tmp_path: Path) -> None:
    first, _, again = write(tmp_path, mail("a"), mail("b"), mail("a"))
    assert again == first
    before = names(tmp_path)
    assert write(tmp_path, mail("a")) == [first]  # another process, after a crash
    assert names(tmp_path) == before


def test_what_a_crash_left_unwritten_is_written_with_the_next_attempt(tmp_path: Path) -> None:
    [first] = write(tmp_path, mail())
    [html] = tmp_path.glob("*.html")
    html.unlink()
    (tmp_path / ".0002_x.eml.part").write_bytes(b"half a mess")
    assert write(tmp_path, mail()) == [first]
    assert html.read_text("utf-8") == "<p>Ä</p>"


def test_a_file_that_somebody_changed_is_not_overwritten(tmp_path: Path) -> None:
    write(tmp_path, mail())
    [text] = tmp_path.glob("*.txt")
    text.write_text("mit Randnotiz")
    write(tmp_path, mail())
    assert text.read_text() == "mit Randnotiz"


@given(
    subject=st.one_of(st.text(), st.sampled_from(["../../etc/passwd", "CON", "a/b\\c:d|e*?", "."])),
    to=st.from_regex(r"[a-z/|*?'~.]{1,60}", fullmatch=True),
)
def test_no_subject_and_no_address_leads_out_of_the_folder(subject: str, to: str) -> None:
    local = re.sub(r"\.{2,}|^\.|\.$", "x", to)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "uebung"
        write(folder, mail(subject=subject, to=f"{local}@m.example"))
        assert [path.name for path in Path(place).iterdir()] == ["uebung"]
        assert len(names(folder)) == 3
        for name in names(folder):
            assert re.fullmatch(r"0001_2026-04-09_[a-z0-9.@+-]+_[a-z0-9-]+\.(eml|txt|html)", name)


def test_two_workers_never_take_the_same_number(tmp_path: Path) -> None:
    def worker(which: str) -> None:
        write(tmp_path, *(mail(f"{which}{n}") for n in range(15)))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(worker, "abcd"))
    numbers = [name[:4] for name in names(tmp_path) if name.endswith(".eml")]
    assert numbers == [f"{n:04}" for n in range(1, 61)]


def test_nothing_is_written_before_the_outbox_has_committed(tmp_path: Path) -> None:
    seen: list[list[str]] = []

    async def one() -> None:
        await FolderChannel(tmp_path).deliver(mail(), lambda: seen.append(names(tmp_path)))

    asyncio.run(one())
    assert seen == [[]]
    assert len(names(tmp_path)) == 3


def test_a_folder_that_cannot_be_written_holds_the_queue(tmp_path: Path) -> None:
    (tmp_path / "uebung").write_text("this is a file")
    with pytest.raises(NotDelivered) as failure:
        write(tmp_path / "uebung", mail())
    assert (failure.value.kind, failure.value.phase) == (Kind.OUR_FAULT, Phase.DATA)

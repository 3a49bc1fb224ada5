"""Notes, checkpoints and cosignatures: the published ones are read, what is none is refused."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from engine.core.notes import (
    COSIGNATURE,
    ED25519,
    LARGEST,
    Checkpoint,
    Key,
    Note,
    NoteError,
    Signature,
    cosigned,
    named,
    opened,
    signed,
)
from tests.core.published import (
    CT_CHECKPOINT,
    CT_LOG,
    CT_SEEN_AT,
    CT_WITNESS,
    ENOCH,
    ENOCHS,
    EXAMPLE_KEY,
    EXAMPLE_NOTE,
    GO_CHECKPOINT,
    GO_KEY,
    PETER,
    PETERS,
    TEXT,
)

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = PRIVATE.public_key().public_bytes_raw()
LOG = Key("rechtzeitig/0a1b", ED25519, PUBLIC)
WITNESS = Key("rechtsamt.musterheide.example/w1", COSIGNATURE, PUBLIC)
POINT = Checkpoint(LOG.name, 7, bytes(range(32)))
ROOT = base64.b64encode(POINT.root).decode()


def note(text: str = POINT.text, key: Key = LOG) -> str:
    return Note(text, (signed(text, key, PRIVATE.sign),)).written


@pytest.mark.parametrize("vkey", [GO_KEY, PETER, ENOCH, EXAMPLE_KEY, CT_LOG, CT_WITNESS])
def test_a_published_key_is_read_and_written(vkey: str) -> None:
    assert Key.read(vkey).vkey == vkey


def test_the_base64_of_a_key_may_hold_a_plus() -> None:
    assert GO_KEY.split("+", 2)[2].count("+") == 2
    assert Key.read(GO_KEY).name == "sum.golang.org"


@pytest.mark.parametrize(
    ("written", "vkey"),
    [
        (EXAMPLE_NOTE, EXAMPLE_KEY),
        (f"{TEXT}\n{PETERS}{ENOCHS}", PETER),
        (f"{TEXT}\n{PETERS}{ENOCHS}", ENOCH),
        (GO_CHECKPOINT, GO_KEY),
        (CT_CHECKPOINT, CT_LOG),
        (CT_CHECKPOINT, CT_WITNESS),
    ],
)
def test_a_published_note_is_read_verified_and_written(written: str, vkey: str) -> None:
    found = Note.read(written)
    assert found.written == written
    assert found.signed_by(Key.read(vkey))


def test_a_published_checkpoint_is_opened() -> None:
    point = opened(GO_CHECKPOINT, "go.sum database tree", [Key.read(GO_KEY)])
    assert (point.size, point.root.hex()[:8]) == (20852163, "0ac5186a")


def test_a_published_cosignature_says_when_it_was_seen() -> None:
    found = Note.read(CT_CHECKPOINT)
    assert found.seen_at(Key.read(CT_WITNESS)) == CT_SEEN_AT
    assert found.seen_at(Key.read(CT_LOG)) is None
    assert found.seen_at(WITNESS) is None


def test_a_witness_cannot_stand_in_for_the_log() -> None:
    keys = [Key.read(CT_WITNESS)]
    with pytest.raises(NoteError, match="no known key"):
        opened(CT_CHECKPOINT, "arche2025h1.staging.ct.transparency.dev", keys)


def test_the_newest_of_several_cosignatures_counts() -> None:
    twice = [cosigned(POINT.text, WITNESS, second, PRIVATE.sign) for second in (200, 100)]
    assert Note(POINT.text, tuple(twice)).seen_at(WITNESS) == 200


def test_one_key_for_log_and_witness_gives_no_exchangeable_signatures() -> None:
    as_log = Key(WITNESS.name, ED25519, PUBLIC)
    assert as_log.identifier != WITNESS.identifier
    forged = Signature(
        as_log.name, as_log.identifier, cosigned(POINT.text, WITNESS, 1, PRIVATE.sign).data
    )
    with pytest.raises(NoteError, match="does not verify"):
        Note(POINT.text, (forged,)).signed_by(as_log)


def test_no_part_of_a_key_is_taken_for_it() -> None:
    for vkey in (PETER, GO_KEY):
        for begin in range(len(vkey)):
            for end in range(begin + 1, len(vkey) + 1):
                if (begin, end) != (0, len(vkey)):
                    assert not _readable(vkey[begin:end])


@given(st.sampled_from([PETER, GO_KEY, EXAMPLE_KEY, CT_WITNESS]), st.data())
def test_no_character_of_a_key_may_differ(vkey: str, draw: st.DataObject) -> None:
    place = draw.draw(st.integers(0, len(vkey) - 1))
    other = draw.draw(st.characters().filter(lambda c: c != vkey[place]))
    assert not _readable(vkey[:place] + other + vkey[place + 1 :])


@pytest.mark.parametrize(
    "vkey",
    {
        "too long, identifier fits": "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "unknown algorithm, identifier fits": "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "identifier zero": PETER.replace("c74f20a3", "00000000"),
        "identifier in capitals": PETER.replace("c74f20a3", "C74F20A3"),
        "no name": PETER.removeprefix("PeterNeumann"),
        "a name that UTF-8 cannot write": PETER.replace("P", "\ud800", 1),
        "space in the name": PETER.replace("PeterN", "Peter N"),
        "two parts": "PeterNeumann+c74f20a3",
        "base64 for addresses": GO_KEY.replace("HJyk9SxEdh+s3", "HJyk9SxEdh-s3"),
        "nothing": "",
    }.values(),
)
def test_what_is_no_key_is_refused(vkey: str) -> None:
    with pytest.raises(NoteError):
        Key.read(vkey)


def _readable(vkey: str) -> bool:
    try:
        return Key.read(vkey).vkey == vkey
    except NoteError:
        return False


SIGNED = note()
NO_NOTES = {
    "nothing": "",
    "text only": POINT.text,
    "no signature": POINT.text + "\n",
    "no last line break": SIGNED[:-1],
    "a line behind": SIGNED + "more\n",
    "an empty line behind": SIGNED + "\n",
    "a hyphen for the dash": SIGNED.replace("—", "-"),
    "no space behind the dash": SIGNED.replace("— ", "—"),
    "two spaces": SIGNED.replace(f"{LOG.name} ", f"{LOG.name}  "),
    "no name": f"{TEXT}\n— {PETERS.split(' ')[2]}",
    "a plus in the name": f"{TEXT}\n{PETERS.replace('PeterN', 'Peter+N')}",
    "a space in the name": f"{TEXT}\n{PETERS.replace('PeterN', 'Peter N')}",
    "a tab": "\t" + SIGNED,
    "a carriage return": SIGNED.replace("\n", "\r\n"),
    "a zero byte": SIGNED.replace("7", "7\0", 1),
    "no UTF-8": SIGNED.replace("7", "\udcff", 1),
    "no base64": f"{TEXT}\n— PeterNeumann x08g!!!!\n",
    "base64 cut short": f"{TEXT}\n{PETERS[:-3]}\n",
    "base64 with stray bits": f"{TEXT}\n— PeterNeumann x08go/Z=\n",
    "identifier only": f"{TEXT}\n— PeterNeumann x08gow==\n",
    "a hundred and one signatures": f"{TEXT}\n{PETERS * 101}",
    "too large": "x" * LARGEST + SIGNED,
    "too large only in bytes": "ä" * (LARGEST // 2) + SIGNED,
}


@pytest.mark.parametrize("way", NO_NOTES)
def test_what_is_no_note_is_refused(way: str) -> None:
    with pytest.raises(NoteError):
        Note.read(NO_NOTES[way])


def test_sixteen_signatures_and_a_hundred_are_read() -> None:
    for count in (16, 100):
        assert Note.read(f"{TEXT}\n{PETERS * count}").signed_by(Key.read(PETER))


def test_the_last_empty_line_parts_text_and_signatures() -> None:
    text = "one\n\ntwo\n"
    assert Note.read(note(text)).text == text


def test_a_false_signature_of_a_known_key_spoils_the_note() -> None:
    false = PETERS.replace("ZJku", "ZJkv")
    for written in (f"{TEXT}\n{false}", f"{TEXT}\n{PETERS}{false}", f"{TEXT}\n{false}{PETERS}"):
        with pytest.raises(NoteError, match="does not verify"):
            Note.read(written).signed_by(Key.read(PETER))


def test_who_shares_only_name_or_identifier_is_somebody_else() -> None:
    namesake = Note.read(f"{TEXT}\n{PETERS.replace('x08go', 'x08gp')}")
    other = Note.read(f"{TEXT}\n{PETERS.replace('PeterNeumann', 'CarmenSandiego')}")
    assert not namesake.signed_by(Key.read(PETER))
    assert not other.signed_by(Key.read(PETER))


NO_CHECKPOINTS = {
    "two lines": "o\n7\n",
    "no line break at the end": f"o\n7\n{ROOT}",
    "no origin": f"\n7\n{ROOT}\n",
    "an empty line": f"o\n7\n{ROOT}\n\nmore\n",
    "an empty last line": f"o\n7\n{ROOT}\n\n",
    "no size": f"o\n\n{ROOT}\n",
    "a leading zero": f"o\n07\n{ROOT}\n",
    "two zeros": f"o\n00\n{ROOT}\n",
    "a sign": f"o\n+7\n{ROOT}\n",
    "negative": f"o\n-7\n{ROOT}\n",
    "a space": f"o\n7 \n{ROOT}\n",
    "a fraction": f"o\n7.0\n{ROOT}\n",
    "an underscore": f"o\n1_000\n{ROOT}\n",
    "Arabic-Indic digits": f"o\n٧\n{ROOT}\n",
    "twenty digits": f"o\n{10**19}\n{ROOT}\n",
    "hexadecimal root": f"o\n7\n{POINT.root.hex()}\n",
    "root of 31 bytes": f"o\n7\n{base64.b64encode(bytes(31)).decode()}\n",
    "root of 12 bytes": f"o\n7\n{base64.b64encode(bytes(12)).decode()}\n",
    "no padding": f"o\n7\n{ROOT[:-1]}\n",
    "stray bits": f"o\n7\n{ROOT[:-2]}9=\n",
    "no root": "o\n7\n",
}


@pytest.mark.parametrize("way", NO_CHECKPOINTS)
def test_what_is_no_checkpoint_is_refused(way: str) -> None:
    with pytest.raises(NoteError):
        Checkpoint.read(NO_CHECKPOINTS[way])


def test_a_checkpoint_of_another_log_is_refused() -> None:
    with pytest.raises(NoteError, match="not of"):
        opened(SIGNED, "rechtzeitig/0a1c", [LOG])


def test_a_checkpoint_that_nobody_known_signed_is_refused() -> None:
    for keys in ([], [Key.read(GO_KEY)]):
        with pytest.raises(NoteError, match="no known key"):
            opened(SIGNED, LOG.name, keys)


@given(
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1),
    st.integers(0, 10**18),
    st.binary(min_size=32, max_size=32),
    st.lists(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1), max_size=3),
)
def test_a_checkpoint_comes_back_as_it_was_written(
    origin: str, size: int, root: bytes, more: list[str]
) -> None:
    point = Checkpoint(origin, size, root, tuple(more))
    assert opened(note(point.text), origin, [LOG]) == point


@given(st.integers(0, len(SIGNED) - 1), st.characters())
def test_no_character_of_a_signed_checkpoint_may_differ(place: int, other: str) -> None:
    spoilt = SIGNED[:place] + other + SIGNED[place + 1 :]
    if spoilt != SIGNED:
        with pytest.raises(NoteError):
            opened(spoilt, LOG.name, [LOG])


@given(st.integers(0, 2**63 - 1))
def test_a_cosignature_names_its_second(second: int) -> None:
    line = cosigned(POINT.text, WITNESS, second, PRIVATE.sign)
    seen = Note.read(SIGNED).beside(Signature.read(line.line[:-1]))
    assert seen.seen_at(WITNESS) == second
    assert opened(seen.written, LOG.name, [LOG, WITNESS]) == POINT


@given(st.integers(0, 71), st.integers(1, 255))
def test_no_byte_of_a_cosignature_may_differ(place: int, flip: int) -> None:
    data = bytearray(cosigned(POINT.text, WITNESS, 1_770_000_000, PRIVATE.sign).data)
    data[place] ^= flip
    forged = Signature(WITNESS.name, WITNESS.identifier, bytes(data))
    with pytest.raises(NoteError, match="does not verify"):
        Note(POINT.text, (forged,)).seen_at(WITNESS)


def test_a_cosignature_beyond_the_end_of_time_is_refused() -> None:
    late = cosigned(POINT.text, WITNESS, 2**63, PRIVATE.sign)
    with pytest.raises(NoteError, match="does not verify"):
        Note(POINT.text, (late,)).seen_at(WITNESS)


@pytest.mark.parametrize("length", [0, 7, 8, 64, 71, 73])
def test_a_cosignature_has_72_bytes(length: int) -> None:
    one = Signature(WITNESS.name, WITNESS.identifier, bytes(length))
    with pytest.raises(NoteError, match="does not verify"):
        Note(POINT.text, (one,)).signed_by(WITNESS)


@given(st.text())
def test_no_text_breaks_the_reading(text: str) -> None:
    for read in (Note.read, Key.read, Checkpoint.read, Signature.read):
        try:
            read(text)
        except NoteError:
            continue


def test_a_name_has_neither_space_nor_plus() -> None:
    assert named("rechtzeitig/0a1b")
    assert not any(map(named, ("", "a b", "a+b", "a\tb", "a\u00a0b", "a\n")))

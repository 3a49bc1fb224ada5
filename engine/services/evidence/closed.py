"""A case is read without opening its lines: enough to know that the record is the sealed one.

The row of a line copies most of its header. Written as a header is written, the copies settle
every byte of it but those of `for` and `plain`; so a header is compared with them byte by byte,
which takes a fifth of the time of parsing it and writing it anew. What does not fit at first
sight is opened after all, and the reading of `strands` names what is wrong with it.

What `plain` says, and whether the case stands as it says, is left to telling the case again. Its
bytes are hashed here like all others.
"""

from __future__ import annotations

from hashlib import sha256

from engine.core.codes import PREFIX
from engine.core.ledger import SEMANTICS, VERSION, commitment
from engine.services.evidence.strands import Read, read_line
from engine.store.examined import StoredLine


def read_closed(
    stream: str, lines: list[StoredLine], *, logs: frozenset[str], case: int | None
) -> Read:
    """Return what the lines of a case are, as `strands.read` does, opening only what is odd."""
    found = Read(stream)
    for line in lines:
        if not _taken(found, line, logs, case):
            read_line(found, line, logs, case)
    return found


def _taken(found: Read, line: StoredLine, logs: frozenset[str], case: int | None) -> bool:
    """Take a line whose header, row, body and place agree; return whether they do."""
    number, prev = found.head
    header, place = line.header, line.place
    if (line.case_id, line.stream, line.seq) != (case, found.stream, number + 1):
        return False
    if type(header) is not bytes or place is None or line.queued is not None:
        return False
    private = _private(line)
    if private is None or not _agree(line, header, prev, private, logs):
        return False
    leaf = sha256(b"\0" + header).digest()
    if leaf != line.leaf or line.prefix != leaf[:PREFIX]:
        return False
    found.count += 1
    found.bodied += private != ""
    found.head = (number + 1, leaf)
    found.places.add(place, leaf, line.recorded_at)
    return True


def _private(line: StoredLine) -> str | None:
    """Return what the header has to say of the body, None for a body that is gone or odd."""
    if line.bodied is None:
        return ""
    salt, body = line.salt, line.body
    return commitment(salt, body) if type(salt) is bytes and type(body) is bytes else None


def _agree(
    line: StoredLine, header: bytes, prev: bytes, private: str, logs: frozenset[str]
) -> bool:
    """Return whether a header is what row, body and the line before make of it."""
    (_, _, stream, seq, uid, kind, actor, recorded, day, key, part, *_) = line
    # A quotation mark in a row's text would end it early, and the rest could pass for a field.
    texts = f"{stream}{uid}{kind}{actor}{day}{key}"
    if '"' in texts or "\\" in texts:
        return False
    try:
        written = header.decode()
    except UnicodeDecodeError:
        return False
    begin = f'{{"actor":"{actor}","for":"'
    end = (
        f'}},"prev":"{prev.hex()}","private":"{private}","recorded_at":{recorded},'
        f'"semantics":{SEMANTICS},"seq":{seq},"stream":"{stream}","type":"{kind}",'
        f'"uid":"{uid}","v":{VERSION}}}'
    )
    if not (written.startswith(begin) and written.endswith(end)):
        return False
    at = written.find('"', len(begin))
    middle = f'","happened_on":"{day}","key":"{key}","log":"'
    begins = at + len(middle)
    ends = written.find('"', begins)
    return (
        "\\" not in written[len(begin) : at]
        and written.startswith(middle, at)
        and written[begins:ends] in logs
        and written.startswith(f'","part":{part},"plain":{{', ends, len(written) - len(end))
    )

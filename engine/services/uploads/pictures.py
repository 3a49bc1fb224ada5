"""Whether a picture is one from its first byte to its last, and nothing besides."""

from __future__ import annotations

import struct
import zlib

_PNG = b"\x89PNG\r\n\x1a\n"
MOST_PIXELS = 200_000_000
"""More would fill the memory of whoever opens it."""

_NO_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})


def png_fault(data: bytes) -> bool:
    """Return whether a file is anything but one whole PNG: chunk by chunk, each with its sum."""
    if not data.startswith(_PNG):
        return True
    place, first = len(_PNG), True
    while place + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        end = place + 12 + length
        if end > len(data):
            return True
        body = data[place + 4 : end - 4]
        if zlib.crc32(body) != struct.unpack_from(">I", data, end - 4)[0]:
            return True
        if first and (kind != b"IHDR" or length != 13 or _too_many(body[4:12])):
            return True
        if kind == b"IEND":
            return bool(end < len(data))
        place, first = end, False
    return True


def jpeg_fault(data: bytes) -> bool:
    """Return whether a file is anything but one whole JPEG: segments up to the scan, then its end."""
    if not data.startswith(b"\xff\xd8\xff") or not data.rstrip(b"\0").endswith(b"\xff\xd9"):
        return True
    place = 2
    while place + 4 <= len(data):
        mark, kind = data[place], data[place + 1]
        if mark != 0xFF:
            return True
        if kind == 0xDA:
            return False
        if kind in _NO_LENGTH or kind == 0xFF:
            place += 1 if kind == 0xFF else 2
            continue
        place += 2 + struct.unpack_from(">H", data, place + 2)[0]
    return True


def _too_many(size: bytes) -> bool:
    width, height = (int(side) for side in struct.unpack(">II", size))
    return not 0 < width * height <= MOST_PIXELS

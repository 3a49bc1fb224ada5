"""Time stamps are checked against the certificates that config.yaml names (RFC 3161).

What is stamped are the bytes of the checkpoint as the log signed it, its signature included and
no cosignature: so the stamp also shows that the signature was there, should the key ever leak.
A certificate has to be good at the time of the stamp, not today.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509

from engine.app import App
from engine.config import Stamp
from engine.errors import InputError, Refused, Text
from engine.services.evidence.faults import Fault, Layer
from engine.services.evidence.state import guarded
from engine.store.stamps import StoredStamp, stamps
from engine.store.store import Store

if TYPE_CHECKING:
    from rfc3161_client import TimeStampRequest, TimeStampResponse

DRIFT = timedelta(minutes=5)
"""How far two clocks may be apart, as for entries beside checkpoints."""

_SHA256 = "2.16.840.1.101.3.4.2.1"


class StampRefused(Refused):
    """The authority's answer is no stamp for what was asked; `why` says in what way."""

    def __init__(self, why: Text) -> None:
        super().__init__(f"Kein gültiger Zeitstempel: {why.de}.", f"No valid time stamp: {why.en}.")
        self.why = why


@dataclass(frozen=True, slots=True)
class Authority:
    """An authority by the certificates that are trusted: those that sign themselves are roots."""

    certificates: tuple[x509.Certificate, ...]

    def request(self, data: bytes) -> TimeStampRequest:
        """Return a request for a stamp on these bytes, with a nonce."""
        from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

        return TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).build()

    def verify(self, response: TimeStampResponse, digest: bytes, nonce: int | None) -> None:
        """Raise StampRefused unless the answer is signed by a trusted authority over a digest."""
        from rfc3161_client import VerificationError
        from rfc3161_client.verify import VerifierBuilder

        roots = [c for c in self.certificates if c.issuer == c.subject]
        between = [c for c in self.certificates if c.issuer != c.subject]
        verifier = VerifierBuilder(roots=roots, intermediates=between, nonce=nonce).build()
        try:
            verifier.verify(response, digest)
        except (VerificationError, ValueError) as error:
            raise StampRefused(
                Text(f"{_UNSOUND.de} ({error})", f"{_UNSOUND.en} ({error})")
            ) from error


def authority_of(app: App) -> Authority:
    """Return the authority that config.yaml names; raises InputError where it cannot be checked."""
    settings = app.config.settings.evidence.stamp
    assert settings is not None, "asked for only where one is named"
    try:
        import rfc3161_client  # noqa: F401
    except ImportError:
        raise InputError(
            "Für Zeitstempel fehlt das Paket rfc3161-client. Es kommt mit: pip install "
            "'rechtzeitig[stamp]'",
            "Time stamps need the package rfc3161-client. It comes with: pip install "
            "'rechtzeitig[stamp]'",
        ) from None
    return Authority(tuple(_certificates(app.config.path(settings.ca))))


def _certificates(path: Path) -> list[x509.Certificate]:
    with guarded(path):
        data = path.read_bytes()
    try:
        found = x509.load_pem_x509_certificates(data)
    except ValueError:
        found = []
    if not any(c.issuer == c.subject for c in found):
        raise InputError(
            f"{path} enthält kein Wurzelzertifikat (PEM). Die Zeitstempelstelle gibt es heraus.",
            f"{path} holds no root certificate (PEM). The time-stamp authority hands it out.",
        )
    return found


def checked(authority: Authority, note: str, response: bytes, nonce: int | None = None) -> datetime:
    """Return the time at which a checkpoint was stamped; raises StampRefused for what is none.

    The nonce is known only while the answer comes in.
    """
    from rfc3161_client import PKIStatus, decode_timestamp_response

    digest = hashlib.sha256(note.encode()).digest()
    try:
        found = decode_timestamp_response(response)
        if found.status != PKIStatus.GRANTED:
            said = ", ".join(found.status_string) or f"Status {found.status}"
            raise StampRefused(
                Text(f"die Stelle lehnt ab ({said})", f"the authority refuses ({said})")
            )
        imprint = found.tst_info.message_imprint
        if imprint.hash_algorithm.dotted_string != _SHA256 or imprint.message != digest:
            raise StampRefused(_OTHER)
        if nonce is not None and found.tst_info.nonce != nonce:
            raise StampRefused(_REPLAYED)
        authority.verify(found, digest, nonce)
        return found.tst_info.gen_time
    except (ValueError, TypeError, AttributeError) as error:
        raise StampRefused(_GARBLED) from error


def unchecked(app: App, store: Store) -> int:
    """Return how many stamps cannot be checked because config.yaml names no authority."""
    if app.config.settings.evidence.stamp is not None:
        return 0
    return sum(1 for _ in stamps(store.connection))


def stamp_faults(app: App, store: Store) -> Iterator[Fault]:
    """Yield what does not hold of the stamps; nothing where no authority is named."""
    settings: Stamp | None = app.config.settings.evidence.stamp
    found = [] if settings is None else list(stamps(store.connection))
    if not found:
        return
    authority, before = authority_of(app), None
    for stamp in found:
        try:
            at = _at(authority, stamp)
        except StampRefused as refused:
            yield Fault("", 0, _unsound(stamp.size, refused.why), Layer.STAMP)
            continue
        if before is not None and at < before:
            yield Fault("", 0, _unsound(stamp.size, _BEFORE), Layer.STAMP)
        before = at


def _at(authority: Authority, stamp: StoredStamp) -> datetime:
    if stamp.note is None or stamp.signed_at is None:
        raise StampRefused(_GONE)
    at = checked(authority, stamp.note, stamp.response)
    if at != stamp.at or at < stamp.signed_at - DRIFT:
        raise StampRefused(_TIME)
    return at


_UNSOUND = Text("die Unterschrift hält nicht", "the signature does not hold")
_GARBLED = Text("die Antwort ist nicht lesbar", "the answer cannot be read")
_OTHER = Text("der Stempel gehört zu etwas anderem", "the stamp is for something else")
_REPLAYED = Text(
    "die Antwort gehört zu einer anderen Anfrage", "the answer belongs to another request"
)
_GONE = Text("der gestempelte Prüfpunkt fehlt", "the checkpoint that was stamped is missing")
_TIME = Text("seine Zeit passt nicht zum Prüfpunkt", "its time does not fit the checkpoint")
_BEFORE = Text("er ist älter als der Stempel davor", "it is older than the stamp before it")


def _unsound(size: int, why: Text) -> Text:
    return Text(
        f"Prüfpunkt {size}: Sein Zeitstempel gilt nicht ({why.de}).",
        f"Checkpoint {size}: its time stamp is not valid ({why.en}).",
    )

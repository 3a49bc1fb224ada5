"""A time-stamp authority for tests: certificates of its own, and `openssl ts` that answers."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = timedelta(days=1)
_CONFIG = """\
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
signer_cert = {folder}/signer.pem
signer_key = {folder}/signer.key
signer_digest = sha256
default_policy = 1.2.3.4
digests = {digests}
accuracy = secs:1
ess_cert_id_alg = sha256
"""


@dataclass
class Authority:
    """An authority in a folder; `ca` is the file with the certificate that people trust."""

    folder: Path
    turn: Lock = field(default_factory=Lock)

    @property
    def ca(self) -> Path:
        return self.folder / "ca.pem"

    def answer(self, query: bytes, digests: str = "sha256, sha512") -> bytes:
        """Return what openssl answers to a query."""
        config = self.folder / "tsa.cnf"
        with self.turn:
            config.write_text(_CONFIG.format(folder=self.folder, digests=digests))
            (self.folder / "query").write_bytes(query)
            self._ts("-reply", "-config", config, "-queryfile", "query", "-out", "answer")
            return (self.folder / "answer").read_bytes()

    def query(self, data: bytes) -> bytes:
        """Return another query, with a nonce of its own."""
        (self.folder / "data").write_bytes(data)
        self._ts("-query", "-data", "data", "-sha256", "-cert", "-out", "other")
        return (self.folder / "other").read_bytes()

    def _ts(self, *words: str | Path) -> None:
        command = ["openssl", "ts", *map(str, words)]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)


def authority(folder: Path, *, name: str = "Zeitstempelstelle", ended: bool = False) -> Authority:
    """Return a new authority; `ended` lets its own certificate have run out last year."""
    folder.mkdir(parents=True)
    root, signer = _key(), _key()
    now = datetime.now(UTC)
    ca = _named(f"Wurzel {name}", f"Wurzel {name}", root, now - 900 * DAY, now + 900 * DAY)
    ca = ca.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    until = now - 400 * DAY if ended else now + 400 * DAY
    mine = _named(name, f"Wurzel {name}", signer, now - 800 * DAY, until)
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    mine = mine.add_extension(usage, critical=True)
    for file, made in (("ca.pem", ca), ("signer.pem", mine)):
        signed = made.sign(root, hashes.SHA256())
        (folder / file).write_bytes(signed.public_bytes(Encoding.PEM))
    plain = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "signer.key").write_bytes(signer.private_bytes(*plain))
    (folder / "serial").write_text("01")
    return Authority(folder)


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _named(
    subject: str, issuer: str, key: rsa.RSAPrivateKey, since: datetime, until: datetime
) -> x509.CertificateBuilder:
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, one)]) for one in (subject, issuer)]
    made = x509.CertificateBuilder().subject_name(names[0]).issuer_name(names[1])
    made = made.public_key(key.public_key()).serial_number(x509.random_serial_number())
    return made.not_valid_before(since).not_valid_after(until)

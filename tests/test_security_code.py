"""What the program's own text must never do: properties that no single page could show."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

from engine import clock
from engine.services import vault
from tests.test_accounts import house

__all__ = ["house"]

ROOT = Path(__file__).parent.parent
SOURCES = sorted([*(ROOT / "engine").rglob("*.py"), *(ROOT / "notifications").rglob("*.py")])
TREES = {str(p.relative_to(ROOT)): ast.parse(p.read_text("utf-8")) for p in SOURCES}
SCRIPT = (ROOT / "engine/web/static/rechtzeitig.js").read_text("utf-8")
TEMPLATES = "\n".join(p.read_text("utf-8") for p in (ROOT / "engine/web/templates").rglob("*.html"))


@cache
def calls() -> tuple[tuple[str, ast.Call, str], ...]:
    """Return every call of the program: its file, the call, and what is called, as written."""
    nodes = ((file, node) for file, tree in TREES.items() for node in ast.walk(tree))
    return tuple((f, n, ast.unparse(n.func)) for f, n in nodes if isinstance(n, ast.Call))


@cache
def imports() -> dict[str, set[str]]:
    """Return which modules each file imports, by their whole names."""
    found: dict[str, set[str]] = {}
    for file, tree in TREES.items():
        names = found.setdefault(file, set())
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names |= {node.module} | {f"{node.module}.{a.name}" for a in node.names}
    return found


def who_imports(*modules: str) -> set[str]:
    """Return the files that import one of these modules or a part of it."""
    return {
        file
        for file, names in imports().items()
        if any(n == m or n.startswith(f"{m}.") for n in names for m in modules)
    }


def test_there_is_code_to_look_at() -> None:
    assert len(TREES) > 300
    assert len(SCRIPT) > 1000 and len(TEMPLATES) > 100_000


def test_nothing_is_evaluated_and_no_object_is_read_from_bytes() -> None:
    evil = {"eval", "exec", "compile", "__import__", "yaml.load", "yaml.unsafe_load"}
    assert {(f, what) for f, _, what in calls() if what in evil} == set()
    assert who_imports("pickle", "marshal", "shelve", "dill", "jsonpickle", "code") == set()


def test_nothing_reads_xml() -> None:
    assert who_imports("xml", "lxml", "defusedxml", "xmltodict") == set()


def test_commands_are_lists_of_words_and_run_at_two_places() -> None:
    assert who_imports("subprocess", "pty", "commands") == {
        "engine/services/uploads/scan.py",  # the scanner of config.yaml
        "engine/store/copying.py",  # pg_dump and pg_restore
    }
    shells = ("os.system", "os.popen", "os.exec", "os.spawn", "asyncio.create_subprocess_shell")
    for file, call, what in calls():
        assert not what.startswith(shells), file
        assert "shell" not in {k.arg for k in call.keywords}, f"{file}: {what}"


SQL_OF_OUR_NAMES = {
    "engine/services/doctor.py",
    "engine/store/compacting.py",
    "engine/store/copying.py",
    "engine/store/guards.py",
    "engine/store/moving.py",
    "engine/store/sqlite.py",
    "engine/store/schema.py",
    "engine/store/roles.py",
}
"""Where a statement names a table or a setting by a name of the program's own, never a value."""


def test_no_statement_is_put_together_from_words() -> None:
    run = {"text", "sa.text", "sqlalchemy.text"}
    speaks = who_imports("sqlalchemy", "sqlmodel", "engine.store")
    assert len(speaks) > 100
    for file, call, what in calls():
        runs = what in run or what.endswith((".execute", ".exec_driver_sql", ".executescript"))
        said = call.args[0] if call.args else None
        mixed = isinstance(said, ast.JoinedStr | ast.BinOp) or (
            isinstance(said, ast.Call) and ast.unparse(said.func).endswith(".format")
        )
        if runs and mixed and file in speaks and "/migrations/" not in file:
            assert file in SQL_OF_OUR_NAMES, f"{file}, line {call.lineno}: {ast.unparse(call)}"


def made_of_constants(node: ast.expr) -> bool:
    """Whether a pattern is written down: a literal, a constant's name, or words escaped."""
    if isinstance(node, ast.JoinedStr):
        return all(made_of_constants(part) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return made_of_constants(node.value)
    if isinstance(node, ast.BinOp):
        return made_of_constants(node.left) and made_of_constants(node.right)
    if isinstance(node, ast.Call):
        return ast.unparse(node.func) in ("re.escape", "'|'.join", '"|".join')
    if isinstance(node, ast.Attribute) and node.attr == "pattern":
        return made_of_constants(node.value)
    if isinstance(node, ast.Name | ast.Attribute):
        return ast.unparse(node).rpartition(".")[2].lstrip("_").isupper()
    return isinstance(node, ast.Constant)


def test_no_pattern_is_made_of_what_was_typed() -> None:
    for file, call, what in calls():
        module, _, verb = what.partition(".")
        # Two helpers of their files take patterns that stand there as constants.
        written = module == "re" and verb != "escape" and call.args
        if written and file not in ("engine/strictyaml/scalars.py", "notifications/folder.py"):
            assert made_of_constants(call.args[0]), f"{file}: {ast.unparse(call)[:90]}"


def test_templates_are_files_and_no_words_of_people() -> None:
    made = {f for f, _, what in calls() if what.endswith("Environment")}
    assert made <= {
        "engine/web/look.py",
        "engine/definitions/drafting.py",
        "notifications/render.py",
    }
    assert [f for f, _, what in calls() if what.endswith(".from_string")] == []
    assert [f for f, _, what in calls() if what.rpartition(".")[2] == "Template"] == []
    assert who_imports("string.Template", "mako") == set()


FORMS_OF_CONSTANTS = {
    "engine/core/phrases.py",
    "engine/definitions/commentary/deadlines.py",
    "engine/definitions/svg.py",
    "engine/services/legal/sweep.py",
}
"""Where a sentence of ours is chosen from a table of the same file and then filled."""


def test_no_format_string_is_typed() -> None:
    for file, call, what in calls():
        if not what.endswith((".format", ".format_map", "str.format")) or "super()" in what:
            continue
        said = call.func.value  # type: ignore[attr-defined]
        fixed = isinstance(said, ast.Constant) or made_of_constants(said)
        marked = isinstance(said, ast.Call) and ast.unparse(said.func) == "Markup"
        written = marked and all(isinstance(a, ast.Constant | ast.JoinedStr) for a in said.args)
        assert fixed or written or file in FORMS_OF_CONSTANTS, f"{file}: {ast.unparse(call)[:90]}"


GOES_OUT = {
    "engine/delivery/mailbox.py": "imaplib",
    "engine/oparl/fetch.py": "httpx2",
    "engine/oparl/server.py": "httpx2",
    "engine/services/evidence/asking.py": "httpx2",
    "engine/services/evidence/stamping.py": "httpx2",
    "engine/services/uploads/scan.py": "socket",
    "engine/supervisor.py": "socket",
    "notifications/smtp.py": "aiosmtplib",
}
"""Who opens a connection, and by what. Their addresses come from config.yaml or a command."""


def test_only_named_places_open_connections() -> None:
    clients = ("httpx2", "requests", "urllib.request", "http.client", "aiohttp", "socket")
    others = ("smtplib", "aiosmtplib", "imaplib", "ftplib", "telnetlib", "websockets", "grpc")
    # Only for the name of this machine, by which workers tell each other apart, and for the
    # door at which browsers knock.
    stays = {"engine/delivery/send.py", "engine/cli/serve.py"}
    assert who_imports(*clients, *others) - stays == set(GOES_OUT)
    assert not {f for f in GOES_OUT if f.startswith("engine/web")}


def test_no_client_follows_redirects_or_leaves_certificates_unlooked_at() -> None:
    for file, call, _ in calls():
        for keyword in call.keywords:
            said = ast.unparse(keyword.value)
            assert (keyword.arg, said) != ("follow_redirects", "True"), file
            if keyword.arg in ("verify", "check_hostname"):
                assert said not in ("False", "None"), file
    unverified = [f for f, tree in TREES.items() if "_create_unverified" in ast.unparse(tree)]
    assert unverified == []


PACKAGES = ("argon2", "cryptography", "hashlib", "hmac", "Crypto", "nacl", "OpenSSL")
PRIMITIVES = {"AESGCM", "SHA256", "HKDF", "Ed25519PrivateKey", "Ed25519PublicKey"}


def test_only_known_primitives_are_used() -> None:
    """AES-256-GCM, HKDF and HMAC with SHA-256, Ed25519, argon2id: nothing of less than 128 bits."""
    names = set().union(*imports().values())
    assert {n.split(".")[0] for n in names} & {*PACKAGES} == {
        "argon2", "cryptography", "hashlib", "hmac"
    }  # fmt: skip
    hazmat = {n for n in names if n.startswith("cryptography.hazmat.primitives.")}
    hazmat -= {n for n in hazmat if n.startswith("cryptography.hazmat.primitives.serialization")}
    assert {n.rpartition(".")[2] for n in hazmat if n.rpartition(".")[2][0].isupper()} == PRIMITIVES
    digests = {what for _, _, what in calls() if re.fullmatch(r"(hashlib|hmac)\.\w+", what)}
    digests -= {"hmac.new", "hmac.compare_digest", "hmac.digest"}
    assert digests <= {"hashlib.sha256", "hashlib.sha512"}
    assert who_imports("hashlib.md5", "hashlib.sha1") == set()
    assert len(vault.new_key()) == 32


def test_passwords_are_stretched_as_rfc_9106_says() -> None:
    name, passes, kib, lanes = vault.COST.split(":")
    assert (name, int(lanes)) == ("argon2id", 4)
    assert int(passes) >= 3 and int(kib) >= 64 * 1024
    before, after = vault.stretched("x", bytes(32)), vault.stretched("x", bytes(31) + b"\1")
    assert before != after and before.verifier != before.key


def test_all_chance_comes_from_the_system() -> None:
    assert who_imports("random", "numpy", "uuid") == set()
    assert who_imports("secrets", "os.urandom") <= {"engine/clock.py"}
    drawn = {(f, what) for f, _, what in calls() if what in ("os.urandom", "secrets.token_bytes")}
    assert {f for f, _ in drawn} == {"engine/clock.py"}
    tokens = {clock.token(64) for _ in range(100)}
    assert len(tokens) == 100 and all(re.fullmatch("[0-9a-f]{64}", t) for t in tokens)


def test_a_recovery_code_is_strong_enough_for_a_plain_hash() -> None:
    """At least 112 bits need no password hash; each letter of base32 has five."""
    letters = vault.plain_code(vault.recovery_code())
    assert len(letters) * 5 >= 112 and re.fullmatch("[a-z2-7]+", letters)


def test_the_script_writes_text_and_no_markup_and_keeps_nothing() -> None:
    for evil in (
        r"\.(inner|outer)HTML\s*\+?=", r"insertAdjacentHTML", r"document\.write", r"\beval\(",
        r"new Function", r"setTimeout\(\s*[\"'`]", r"postMessage|onmessage|\"message\"",
        r"localStorage|sessionStorage|indexedDB|document\.cookie", r"\.src\s*=", r"import\(",
        r"\w\[[^\]]+\]\s*=[^=]", r"__proto__|prototype|Object\.assign", r"https?://",
    ):  # fmt: skip
        assert not re.search(evil, SCRIPT), evil


def test_templates_carry_no_foreign_content_and_no_script() -> None:
    assert not re.search(r"<(object|embed|applet|iframe|frame|base|style)\b", TEMPLATES)
    assert not re.search(r"\bon[a-z]+\s*=\s*[\"']", TEMPLATES)
    assert not re.search(r"<script(?![^>]*\bsrc=)", TEMPLATES)
    assert not re.search(r"javascript:|\bvbscript:", TEMPLATES)
    assert not re.search(r"(src|action)=[\"']https?://", TEMPLATES)


def test_every_dependency_is_pinned_by_hash_and_from_no_other_place() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    rows = [r for r in re.sub(r"\\\n\s*", " ", lock).splitlines() if r and not r.startswith("#")]
    assert len(rows) > 40
    for row in rows:
        assert re.match(r"[\w.-]+==[\w.!+]+ ", row) and "--hash=sha256:" in row, row
    assert "://" not in lock and "git+" not in lock
    locked = {re.split("==", row)[0].lower().replace("_", "-") for row in rows}
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    named = {re.match(r"[\w.-]+", w)[0].lower().replace("_", "-") for w in wanted}  # type: ignore[index]
    assert named <= locked


SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|\b(password|passwd|secret|api_key)\s*=\s*[\"'][^\"'{}<>\s]{6,}[\"']"
)


@pytest.mark.parametrize("place", ["engine", "notifications", "workflows", "rules", "docs"])
def test_no_secret_lies_in_the_source(place: str) -> None:
    for path in (ROOT / place).rglob("*"):
        if path.suffix in (".py", ".yaml", ".md", ".txt", ".service", ".html", ".js"):
            found = SECRET.search(path.read_text("utf-8", "replace"))
            assert found is None, f"{path}: {found}"

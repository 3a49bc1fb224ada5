"""What an attacker or an auditor asks of the pages, item by item of docs/security.md.

One live installation and one county serve all of them; each test leaves them as it found them
or uses what it changes alone.
"""

from __future__ import annotations

import logging
import re
import shutil
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from httpx2 import Response
from starlette.testclient import TestClient
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from engine import shipped
from engine.cli.journal import Lines
from engine.definitions.library import compile_all, offered
from engine.services import accounts
from engine.strictyaml import DefinitionError
from engine.web import create_app, refusals
from tests.web.county import County, county_in, played, served
from tests.web.county import token_in as token_of
from tests.web.test_security import (
    LOGIN,
    PASSWORD,
    SAME,
    Site,
    cookie,
    founded,
    routes,
    signed_in,
    token_in,
)

__all__ = ["founded", "played", "served"]


@pytest.fixture(scope="module")
def site(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A live installation of this module's own, with one account that administers."""
    folder = tmp_path_factory.mktemp("items") / "amt"
    shutil.copytree(founded, folder)
    made = Site(folder)
    made.web.router.add_api_route("/kaputt/{token}", crash)
    yield made
    made.house.app.close()


def crash(token: str) -> None:
    raise RuntimeError("boom")


@pytest.fixture(autouse=True)
def peace(request: pytest.FixtureRequest) -> None:
    """Let an hour go by, so that no test waits for what another one tried."""
    if "site" in request.fixturenames:
        request.getfixturevalue("site").later(hours=1)


def fresh_site(founded: Path, tmp_path: Path) -> Site:
    shutil.copytree(founded, tmp_path / "amt")
    return Site(tmp_path / "amt")


# What comes in


def test_what_is_typed_is_decoded_once_and_shown_as_it_was(site: Site) -> None:
    client = site.browser()
    for typed, shown in (
        ("%3Cb%3E", "%3Cb%3E"),
        ("<b>&amp;", "&lt;b&gt;&amp;amp;"),
        ("{{7*7}}{% x %}", "{{7*7}}{% x %}"),
        ('" autofocus onfocus="alert(1)', "&#34; autofocus onfocus=&#34;alert(1)"),
        ("' OR 1=1 --", "&#39; OR 1=1 --"),
    ):
        data = {"_csrf": token_in(client), "name": typed, "kennwort": "falsch falsch"}
        answer = client.post("/anmelden", data=data)
        assert answer.status_code in (422, 429)
        assert f'value="{shown}"' in answer.text, typed


def test_a_number_beyond_every_limit_breaks_nothing(county: County) -> None:
    for person, path in (
        ("yilmaz", "/jahresbericht?jahr={}"),
        ("sommer", "/sitzungen/jahr?jahr={}"),
        ("sommer", "/sitzungen?jahr={}"),
        ("administrator", "/verwaltung/nachrichten?vor={}"),
        ("administrator", "/verwaltung/kalender/BB?jahr={}"),
    ):
        client = county.client(person)
        for number in ("0", "-1", "9" * 10, "9" * 19, "9" * 400, "1e9", "٣", "NaN", "0x7f"):
            answer = client.get(path.format(number))
            assert answer.status_code < 500, f"{path} {number}: {answer.status_code}"


def test_a_field_that_the_form_does_not_have_changes_nothing(site: Site) -> None:
    client = signed_in(site)
    app = site.house.app
    before = accounts.accounts_of(app)
    more = {"administrator": "ja", "verwaltet": "ja", "person": "x", "state": "x", "uid": "x"}
    data = {"_csrf": token_in(client, "/konto"), "sprache": before[0].account.language, **more}
    assert client.post("/konto/sprache", data=data).status_code == 303
    assert accounts.accounts_of(app) == before


def test_a_parameter_in_another_place_or_sent_twice_is_not_taken(site: Site) -> None:
    client = signed_in(site)
    csrf = token_in(client, "/konto")
    answer = client.post("/konto/sprache?sprache=en", data={"_csrf": csrf})
    assert answer.status_code == 422
    answer = client.post(f"/konto/sprache?_csrf={csrf}", data={"sprache": "en"})
    assert answer.status_code == 403
    client.cookies.set("_csrf", csrf)
    assert client.post("/konto/sprache", data={"sprache": "en"}).status_code == 403
    twice = f"_csrf={'0' * 64}&_csrf={csrf}&sprache=en"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.post("/konto/sprache", content=twice, headers=form).status_code == 403


@pytest.mark.parametrize("start", [b"[", b"{a: ", b"states: [", b"- "])
def test_a_definition_that_nests_deeply_brings_nothing_down(county: County, start: bytes) -> None:
    client = county.client("administrator")
    token = token_of(client.get("/verwaltung/ablaeufe").text)
    deep = start * (900_000 // len(start))
    begun = time.perf_counter()
    answer = client.post(
        "/verwaltung/ablaeufe",
        data={"_csrf": token},
        files={"datei": ("x.yaml", deep, "application/yaml")},
    )
    assert answer.status_code == 422
    assert time.perf_counter() - begun < 10


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//x.example", "x"])
def test_a_source_is_an_address_of_the_web_and_nothing_that_runs(url: str) -> None:
    found = offered(shipped.workflows(), shipped.rules())
    pack = next(d for d in found if d.kind == "pack" and b"url:" in d.source)
    evil = replace(pack, source=re.sub(rb"url: .*", f'url: "{url}"'.encode(), pack.source, count=1))
    with pytest.raises(DefinitionError, match="url"):
        compile_all([evil if d is pack else d for d in found])


# What goes out


def test_every_cookie_is_bound_to_this_host_and_hidden_from_scripts(site: Site) -> None:
    client = site.browser()
    said = client.get("/anmelden").headers.get_list("set-cookie")
    said += client.get("/sprache/en").headers.get_list("set-cookie")
    signed_in(site, client)
    data = {"_csrf": token_in(client, "/konto"), "sprache": "de"}
    said += client.post("/konto/sprache", data=data).headers.get_list("set-cookie")
    said += client.get("/konto").headers.get_list("set-cookie")
    data = {"_csrf": token_in(client, "/konto")}
    said += client.post("/abmelden", data=data).headers.get_list("set-cookie")
    names = {one.partition("=")[0] for one in said}
    assert names == {"__Host-sid", "__Host-sprache", "__Host-meldung"}
    for one in said:
        flags = {part.strip().lower() for part in one.split(";")[1:]}
        assert {"path=/", "httponly", "samesite=lax", "secure"} <= flags, one
        assert not any(flag.startswith("domain") for flag in flags), one


def test_a_language_and_a_message_arrive_by_these_cookies(site: Site) -> None:
    client = site.browser()
    client.get("/sprache/en")
    assert 'lang="en"' in client.get("/anmelden").text
    signed_in(site, client)
    data = {"_csrf": token_in(client, "/konto"), "sprache": "de"}
    client.post("/konto/sprache", data=data)
    assert "sprechen jetzt Deutsch" in client.get("/konto").text
    assert "sprechen jetzt Deutsch" not in client.get("/konto").text


PERSONS = ("administrator", "weber", "yilmaz", "sommer", "neumann", None)


@pytest.fixture(scope="module")
def answers(county: County) -> dict[tuple[str | None, str], Response]:
    """What people of several offices, and a stranger, get for every address without a name."""
    found: dict[tuple[str | None, str], Response] = {}
    for person in PERSONS:
        client = county.client(person)
        client.headers["Origin"] = "https://boese.example"
        for _, path in routes(county.web, "GET"):
            found[person, path] = client.get(path)
    return found


def test_every_answer_says_what_it_is_and_lets_no_other_origin_in(
    county: County, answers: dict[tuple[str | None, str], Response]
) -> None:
    seen = set()
    for (_, path), answer in answers.items():
        kind = answer.headers.get("content-type", "")
        assert not [n for n in answer.headers if n.startswith("access-control-")], path
        if answer.content:
            seen.add(kind.partition(";")[0])
            text = kind.startswith("text/") or kind.partition(";")[0].endswith("+xml")
            assert kind and (not text or "charset=utf-8" in kind), f"{path}: {kind}"
    assert {"text/html", "text/csv", "text/plain"} <= seen
    assert county.client().get("/static/rechtzeitig.js").headers["content-type"].endswith("utf-8")
    answer = county.client().options("/anmelden", headers={"Origin": "https://boese.example"})
    assert answer.status_code == 405


def test_nothing_is_handed_out_that_is_no_page_and_no_static_file(county: County) -> None:
    client = county.client()
    for path in (
        "/.git/config", "/.env", "/static/", "/static/vendor/", "/docs", "/redoc",
        "/openapi.json", "/config.yaml", "/static/../config.yaml", "/static/%2e%2e/config.yaml",
        "/static/..%2f..%2fsecurity.py", "/documents/", "/server-status", "/debug", "/admin",
    ):  # fmt: skip
        answer = client.get(path)
        assert answer.status_code in (403, 404, 405), path
        assert "administration:" not in answer.text
    assert not county.web.debug
    for method in ("TRACE", "TRACK", "CONNECT", "PROPFIND", "DEBUG"):
        assert client.request(method, "/anmelden").status_code in (403, 405), method


def test_every_page_of_somebody_signed_in_lets_her_out(
    answers: dict[tuple[str | None, str], Response],
) -> None:
    seen = 0
    for (person, path), answer in answers.items():
        html = answer.headers.get("content-type", "").startswith("text/html")
        saved = "attachment" in answer.headers.get("content-disposition", "")
        if person and html and not saved and answer.status_code == 200:
            seen += 1
            assert 'action="/abmelden"' in answer.text, f"{person}: {path}"
    assert seen > 50


def test_signing_out_leaves_nothing_in_the_browser(site: Site) -> None:
    client = signed_in(site)
    answer = client.post("/abmelden", data={"_csrf": token_in(client, "/konto")})
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert not [c for c in client.cookies.jar if c.name == "__Host-sid"]
    assert client.get("/konto").status_code == 303


# Passwords and sessions


def test_password_fields_mask_and_take_what_is_pasted(site: Site) -> None:
    client = site.browser()
    pages = [client.get("/anmelden").text]
    signed_in(site, client)
    pages += [client.get(p).text for p in ("/konto/kennwort", "/konto/bestaetigen")]
    fields = [f for page in pages for f in re.findall(r"<input[^>]*>", page) if "kennwort" in f]
    fields += re.findall(r'<input[^>]*name="(?:neu|noch_einmal)"[^>]*>', pages[1])
    assert len(fields) >= 5
    for field in fields:
        assert 'type="password"' in field, field
        assert re.search(r'autocomplete="(current|new)-password"', field), field
        assert not re.search(r"onpaste|readonly", field), field
    every = set(re.findall(r'<(?:input|select|textarea)[^>]*name="(\w+)"', "".join(pages)))
    assert every <= {"_csrf", "name", "kennwort", "neu", "noch_einmal", "code", "weiter"}


def test_a_password_counts_to_its_last_sign_and_lasts(founded: Path, tmp_path: Path) -> None:
    site = fresh_site(founded, tmp_path)
    client = signed_in(site)
    new = " " + "Ein Satz, der lang ist " * 6 + "Ende "
    data = {"_csrf": token_in(client, "/konto/kennwort"), "kennwort": PASSWORD}
    assert len(new) > 128
    done = client.post("/konto/kennwort", data={**data, "neu": new, "noch_einmal": new})
    assert done.status_code == 303
    for wrong in (new[:-1], new[1:], new.strip(), new.upper(), new[:72], new[:128]):
        site.later(hours=2)
        stranger = site.browser()
        data = {"_csrf": token_in(stranger), "name": LOGIN, "kennwort": wrong}
        assert stranger.post("/anmelden", data=data).status_code == 422
    site.later(days=5 * 365)
    stranger = site.browser()
    data = {"_csrf": token_in(stranger), "name": LOGIN, "kennwort": new}
    assert stranger.post("/anmelden", data=data).headers["location"] == "/"
    site.house.app.close()


def test_a_house_can_demand_a_second_factor(founded: Path, tmp_path: Path) -> None:
    site = fresh_site(founded, tmp_path)
    app = site.house.app
    app.config.settings = app.config.settings.model_copy(update={"second_factor": "demanded"})
    client = signed_in(site)
    for _, path in routes(site.web, "GET"):
        answer = client.get(path)
        if path not in ("/anmelden", "/anmelden/code") and answer.status_code == 303:
            inner = answer.headers["location"]
            assert inner in ("/konto/code", "/"), f"{path} leads to {inner}"
    for path in ("/", "/verwaltung/personen", "/regeln", "/dateien"):
        assert client.get(path).headers["location"] == "/konto/code", path
    assert "verlangt die Anmeldung mit Code" in client.get("/konto/code").text
    csrf = token_in(client, "/konto/code")
    client.post("/konto/code", data={"_csrf": csrf, "tun": "beginnen"})
    shown = re.search(r"<code>([A-Z2-7 ]+)</code>", client.get("/konto/code").text)
    assert shown is not None
    code = pyotp.TOTP(shown[1].replace(" ", "")).at(site.house.clock.now())
    client.post("/konto/code", data={"_csrf": csrf, "tun": "einschalten", "code": code})
    assert client.get("/verwaltung/personen").status_code == 200
    app.close()


def test_sessions_are_ended_only_after_a_fresh_proof(site: Site) -> None:
    here = signed_in(site)
    site.later(minutes=11)
    there = signed_in(site)
    data = {"_csrf": token_in(here, "/konto")}
    answer = here.post("/konto/sitzungen", data=data)
    assert answer.headers["location"] == "/konto/bestaetigen?weiter=/konto"
    assert there.get("/konto").status_code == 200
    proof = {"_csrf": token_in(here, "/konto/bestaetigen"), "kennwort": PASSWORD}
    assert here.post("/konto/bestaetigen", data=proof).status_code == 303
    data = {"_csrf": token_in(here, "/konto")}
    assert here.post("/konto/sitzungen", data=data).headers["location"] == "/konto"
    assert there.get("/konto").status_code == 303


def test_addresses_of_people_change_only_after_a_fresh_proof(site: Site) -> None:
    """A link for a new password goes to the address: whoever changes it could take an account."""
    client = signed_in(site)
    path = "/verwaltung/personen/einlesen"
    table = "stelle;art;name;person;email\nfb-x;fachbereich;X;Eva Neu;neu@musterheide.example\n"
    files = {"datei": ("neu.csv", table.encode(), "text/csv")}
    sent = client.post(path, data={"_csrf": token_in(client, path)}, files=files)
    preview = sent.headers["location"]
    page = client.get(preview).text
    seen = re.search(r'name="gesehen" value="(\w+)"', page)
    assert seen is not None
    site.later(minutes=11)
    data = {"_csrf": token_of(page), "gesehen": seen[1]}
    answer = client.post(preview, data=data)
    assert answer.headers["location"] == f"/konto/bestaetigen?weiter={preview}"
    assert "Eva Neu" not in client.get("/verwaltung/personen").text


# Where somebody comes from


def test_only_the_proxy_says_where_somebody_comes_from(site: Site) -> None:
    """Without a proxy nobody is believed, and behind it only what the proxy itself has added."""
    forged = {"X-Forwarded-For": "203.0.113.9", "X-Real-IP": "203.0.113.9", **SAME}
    bare = TestClient(
        site.web, "https://amt.example", client=("198.51.100.1", 1), follow_redirects=False
    )
    bare.headers.update(forged)
    assert "198.51.100.1" in signed_in(site, bare).get("/konto").text
    assert "203.0.113.9" not in bare.get("/konto").text
    behind = TestClient(
        ProxyHeadersMiddleware(site.web, trusted_hosts="127.0.0.1"),  # type: ignore[arg-type]
        "https://amt.example",
        client=("127.0.0.1", 1),
        follow_redirects=False,
    )
    # The visitor's own word stands first, the proxy adds what it has seen behind it.
    behind.headers.update({**SAME, "X-Forwarded-For": "203.0.113.9, 198.51.100.2"})
    assert "198.51.100.2" in signed_in(site, behind).get("/konto").text
    assert "203.0.113.9" not in behind.get("/konto").text


AMBIGUOUS = [
    pytest.param(b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", id="two lengths"),
    pytest.param(b"Content-Length: +5\r\n\r\nhello", id="no plain length"),
    pytest.param(b"Transfer-Encoding: chunked\r\n\r\n5;x\nhello\r\n0\r\n\r\n", id="bare newline"),
    pytest.param(b"Transfer-Encoding: xchunked\r\n\r\nhello", id="unknown encoding"),
    pytest.param(b"Transfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n0\r\n\r\n", id="negative chunk"),
    pytest.param(b"Bad Header: x\r\n\r\n", id="blank in a name"),
]


@pytest.mark.parametrize("rest", AMBIGUOUS)
def test_a_request_whose_end_is_ambiguous_is_refused(served: County, rest: bytes) -> None:
    host, port = served.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 10) as line:
        line.sendall(b"POST /anmelden HTTP/1.1\r\nHost: x\r\n" + rest)
        line.settimeout(5)
        answer = line.recv(4096)
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 501")), answer[:80]


# What is told to the operator


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [Lines().format(record) for record in caplog.records]


def test_what_is_refused_is_told_with_time_place_account_and_reason(
    site: Site, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO, "rechtzeitig")
    monkeypatch.setattr(refusals.log, "filters", [refusals.Brake()])
    stranger = site.browser()
    data = {"_csrf": token_in(stranger), "name": LOGIN, "kennwort": "falsch geraten"}
    stranger.post("/anmelden", data=data)
    client = signed_in(site)
    client.get("/vorhaben/V-2026-9999")
    client.post("/konto/sprache", data={"_csrf": "0" * 64})
    client.get("/kaputt/" + "ab" * 32)
    said = lines(caplog)
    account = accounts.account_of(site.house.app, LOGIN).uid
    wanted = (
        "sign-in: POST /anmelden from testclient, account -",
        f"nothing here for her: GET /vorhaben/V-2026-9999 from testclient, account {account}",
        "form of another page: POST /konto/sprache from testclient, account -",
    )
    for words in wanted:
        [line] = [one for one in said if words in one]
        assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z WARNING rechtzeitig", line)
    [crashed] = [one for one in said if "boom" in one]
    assert "GET /kaputt/…" in crashed
    together = "\n".join(said)
    for secret in ("falsch geraten", PASSWORD, LOGIN, cookie(client), "ab" * 32, "Weber"):
        assert secret not in together, secret


def test_a_line_of_the_journal_cannot_be_forged() -> None:
    evil = "x\n2026-01-01T00:00:00.000Z INFO rechtzeitig all is well\r\x1b[2J\u2028y"
    record = logging.LogRecord("rechtzeitig", logging.ERROR, "", 0, "%s", (evil,), None)
    record.created = 0.5
    said = Lines().format(record)
    assert said.startswith("1970-01-01T00:00:00")
    begins = [line for line in said.split("\n") if re.match(r"\d{4}-", line)]
    assert len(begins) == 1
    assert "\r" not in said and "\x1b" not in said and "\u2028" not in said


def test_refusals_cannot_flood_the_log() -> None:
    brake = refusals.Brake()

    def passes(at: float) -> str | None:
        record = logging.LogRecord("x", logging.WARNING, "", 0, "refused", (), None)
        record.created = at
        return record.getMessage() if brake.filter(record) else None

    passed = [passes(1000 + n / 1000) for n in range(5000)]
    assert len([p for p in passed if p]) == refusals.MOST
    assert passes(1000 + refusals.WINDOW + 5) == (
        f"refused (and {5000 - refusals.MOST} more before that are not shown)"
    )


@pytest.fixture(scope="module")
def county(played: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    """A county of this module's own; its tests only look."""
    made = county_in(played, tmp_path_factory.mktemp("items") / "county")
    yield made
    made.app.close()


def test_a_live_database_serves_no_page_of_the_training(site: Site) -> None:
    client = signed_in(site)
    for path in ("/uebung", "/uebung/zeit", "/postfach"):
        assert client.get(path).status_code == 404, path
    with pytest.raises(AssertionError, match="no demo"):
        create_app(site.house.app, demo=True)
    assert timedelta(0) == site.house.clock.now() - site.house.app.clock.now()

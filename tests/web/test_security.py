"""What stands before every page: proof of origin, headers, limits, cookies, and brakes."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from engine.app import open_app
from engine.core.calendar import BERLIN
from engine.services import accounts
from engine.services.accounts import doors
from engine.services.training_clock import TrainingClock
from engine.web import create_app, security
from engine.web.security import HEADERS, HSTS, Guard
from tests.installation import MONDAY, House, TurnedClock
from tests.installation import house as installation

PASSWORD = "grüner Tisch am Kanal 7"
LOGIN = "weber@musterheide.example"
SAME = {"Sec-Fetch-Site": "same-origin"}


class Site:
    """A live installation, its pages, and its clock."""

    def __init__(self, folder: Path) -> None:
        clock = TurnedClock(datetime.now(BERLIN))
        clock.turn(MONDAY)
        self.house = House(open_app(folder, clock), clock, folder, folder / "Vorlage.txt")
        self.web = create_app(self.house.app, secure=True)

    def browser(self) -> TestClient:
        """Return a browser that has never been here."""
        return TestClient(
            self.web,
            base_url="https://amt.example",
            follow_redirects=False,
            raise_server_exceptions=False,
            headers=SAME,
        )

    def later(self, **more: float) -> None:
        self.house.clock.instant += timedelta(**more)


def token_in(client: TestClient, path: str = "/anmelden") -> str:
    """Return the token that the forms of a page carry."""
    found = re.search(r'name="_csrf" value="([0-9a-f]+)"', client.get(path).text)
    assert found is not None, path
    return found[1]


def signed_in(site: Site, client: TestClient | None = None, **more: str) -> TestClient:
    """Return a browser that is signed in."""
    client = client or site.browser()
    data = {"_csrf": token_in(client), "name": LOGIN, "kennwort": PASSWORD, **more}
    answer = client.post("/anmelden", data=data)
    assert answer.status_code == 303, answer.text
    return client


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A live installation with one account that administers; copied, never used itself."""
    made = installation(tmp_path_factory.mktemp("site") / "amt", training=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(doors, "COST", "argon2id:1:64:1")
        accounts.accept(made.app, accounts.invite(made.app, "weber", LOGIN, True), PASSWORD)
    made.app.close()
    return made.folder


@pytest.fixture
def site(founded: Path, tmp_path: Path) -> Iterator[Site]:
    shutil.copytree(founded, tmp_path / "amt")
    made = Site(tmp_path / "amt")
    yield made
    made.house.app.close()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """The pages of a training database, the demo's own among them."""
    made = installation(tmp_path_factory.mktemp("training") / "amt")
    made.app.close()
    app = open_app(made.folder, TrainingClock(made.folder))
    yield create_app(app, demo=True, secure=False)
    app.close()


def routes(web: FastAPI, *methods: str) -> list[tuple[str, str]]:
    """Return method and path of every route, its parameters filled with something."""
    return sorted(
        (method, re.sub(r"\{[^}]*\}", "x", path))
        for method, path in web.state.actions
        if method in methods
    )


# Proof of origin

ORIGINS = [
    pytest.param({}, False, id="no word of the browser"),
    pytest.param({"Sec-Fetch-Site": "cross-site"}, False, id="another site"),
    pytest.param({"Sec-Fetch-Site": "same-site"}, False, id="a neighbour"),
    pytest.param(
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://amt.example"}, False, id="both"
    ),
    pytest.param({"Origin": "https://boese.example"}, False, id="another origin"),
    pytest.param({"Origin": "null"}, False, id="a sandbox"),
    pytest.param({"Origin": "https://amt.example.boese.example"}, False, id="a look-alike"),
    pytest.param({"Origin": "https://amt.example:8443"}, False, id="another port"),
    pytest.param({"Origin": "https://amt.example"}, True, id="our own origin"),
    pytest.param({"Sec-Fetch-Site": "same-origin"}, True, id="our own page"),
    pytest.param({"Sec-Fetch-Site": "none"}, True, id="typed by hand"),
]


@pytest.mark.parametrize(("headers", "passes"), ORIGINS)
def test_only_our_own_pages_change_anything(
    site: Site, headers: dict[str, str], passes: bool
) -> None:
    client = signed_in(site)
    csrf = token_in(client, "/konto")
    del client.headers["Sec-Fetch-Site"]
    answer = client.post("/konto/sprache", data={"_csrf": csrf, "sprache": "en"}, headers=headers)
    assert answer.status_code == (303 if passes else 403)


def forged(token: str) -> dict[str, dict[str, str]]:
    return {
        "no token": {},
        "an empty token": {"_csrf": ""},
        "a wrong token": {"_csrf": "0" * 64},
        "half a token": {"_csrf": token[:32]},
        "a longer token": {"_csrf": token + "0"},
        "another spelling": {"_CSRF": token},
        "a token that is no ASCII": {"_csrf": "ü" * 32},
    }


def test_every_route_that_changes_something_refuses_a_forged_request(demo: FastAPI) -> None:
    client = TestClient(demo, follow_redirects=False, headers=SAME)
    csrf = token_in(client, "/uebung")
    unsafe = routes(demo, "POST", "PUT", "PATCH", "DELETE")
    assert len(unsafe) >= 15
    for method, path in unsafe:
        for what, data in forged(csrf).items():
            answer = client.request(method, path, data=data)
            assert answer.status_code == 403, f"{method} {path}: {what}"
            answer = client.request(method, path, data=data, files={"f": ("a.txt", b"x")})
            assert answer.status_code == 403, f"{method} {path}: {what}, with a file"
        away = {"Sec-Fetch-Site": "cross-site"}
        answer = client.request(method, path, data={"_csrf": csrf}, headers=away)
        assert answer.status_code == 403, f"{method} {path}: from another site"
        once = TestClient(demo, follow_redirects=False, headers=SAME, cookies=dict(client.cookies))
        passed = once.request(method, path, data={"_csrf": csrf})
        assert passed.status_code != 403, f"{method} {path}: the right token"


def test_no_route_answers_to_a_get_and_changes_something(demo: FastAPI) -> None:
    """What a page is asked for twice, it is asked for in vain: GET leaves the log as it is."""
    app = demo.state.installation
    client = TestClient(demo, follow_redirects=False, headers=SAME)
    csrf = token_in(client, "/uebung")
    client.post("/uebung", data={"_csrf": csrf, "person": "administrator"})
    with app.database.read() as store:
        before = store.chains.streams()
    for _, path in routes(demo, "GET"):
        client.get(path)
    with app.database.read() as store:
        assert store.chains.streams() == before


def test_the_token_of_one_session_is_nothing_in_another(site: Site) -> None:
    mine, theirs = signed_in(site), signed_in(site)
    csrf = token_in(theirs, "/konto")
    answer = mine.post("/konto/sprache", data={"_csrf": csrf, "sprache": "en"})
    assert answer.status_code == 403
    stranger = site.browser()
    answer = stranger.post("/anmelden", data={"_csrf": csrf, "name": LOGIN, "kennwort": PASSWORD})
    assert answer.status_code == 403


BODIES = [
    pytest.param("application/json", b'{"_csrf": "TOKEN"}', id="JSON"),
    pytest.param("text/plain", b"_csrf=TOKEN&sprache=en", id="plain text"),
    pytest.param("", b"_csrf=TOKEN&sprache=en", id="no type"),
    pytest.param("multipart/form-data", b"_csrf=TOKEN", id="multipart without a boundary"),
    pytest.param("multipart/form-data; boundary=x", b"_csrf=TOKEN", id="broken multipart"),
    pytest.param(
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="_csrf"; filename="a"\r\n\r\nTOKEN\r\n--x--\r\n',
        id="a file instead of a field",
    ),
    pytest.param(
        "application/x-www-form-urlencoded",
        b"lang=" + b"x" * 70_000 + b"&_csrf=TOKEN",
        id="far behind",
    ),
]


@pytest.mark.parametrize(("media", "body"), BODIES)
def test_the_token_counts_only_in_the_head_of_a_form(site: Site, media: str, body: bytes) -> None:
    client = signed_in(site)
    csrf = token_in(client, "/konto")
    sent = body.replace(b"TOKEN", csrf.encode())
    answer = client.post("/konto/sprache", content=sent, headers={"Content-Type": media})
    assert answer.status_code == 403


def test_a_form_arrives_whole_after_its_head_was_looked_at(site: Site) -> None:
    client = signed_in(site)
    csrf = token_in(client, "/konto")
    files = {"x": ("a.txt", b"y" * 300_000)}
    data = {"_csrf": csrf, "sprache": "en"}
    assert client.post("/konto/sprache", data=data, files=files).status_code == 303
    assert "Language" in client.get("/konto").text

    def pieces() -> Iterator[bytes]:
        for piece in f"_csrf={csrf}&sprache=de":
            yield piece.encode()

    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.post("/konto/sprache", content=pieces(), headers=form).status_code == 303


# Headers on every answer


def assert_guarded(answer: object, *, secure: bool, what: str) -> None:
    headers = answer.headers  # type: ignore[attr-defined]
    for name, value in HEADERS.items():
        assert headers.get(name) == value, f"{what}: {name}"
    assert ("strict-transport-security" in headers) is secure, what
    assert headers["cache-control"] == "no-store", what


def test_every_answer_of_every_page_carries_the_headers(demo: FastAPI) -> None:
    stranger = TestClient(demo, follow_redirects=False, raise_server_exceptions=False, headers=SAME)
    inside = TestClient(demo, follow_redirects=False, raise_server_exceptions=False, headers=SAME)
    csrf = token_in(inside, "/uebung")
    inside.post("/uebung", data={"_csrf": csrf, "person": "administrator"})
    seen = set()
    for client in (stranger, inside):
        for method, path in routes(demo, "GET", "POST"):
            answer = client.request(method, path)
            seen.add(answer.status_code)
            assert_guarded(answer, secure=False, what=f"{method} {path} {answer.status_code}")
    assert {200, 303, 403, 404} <= seen


def crash() -> None:
    raise RuntimeError("boom")


def test_errors_and_crashes_carry_the_headers_and_say_little(site: Site) -> None:
    site.web.router.add_api_route("/kaputt", crash)
    client = signed_in(site)
    csrf = token_in(client, "/konto")
    huge = {"Content-Length": str(security.MAX_BODY + 1)}
    answers = {
        404: client.get("/gibt/es/nicht"),
        405: client.put("/anmelden", data={"_csrf": csrf}),
        403: client.post("/abmelden"),
        413: client.post("/anmelden", content=b"x", headers=huge),
        422: client.post("/konto/sprache", data={"_csrf": csrf, "sprache": "tlh"}),
        500: client.get("/kaputt"),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        assert_guarded(answer, secure=True, what=str(status))
        assert answer.headers["strict-transport-security"] == HSTS
        assert "Traceback" not in answer.text and "boom" not in answer.text


def test_a_body_that_grows_while_it_is_sent_is_cut_off(site: Site) -> None:
    client = TestClient(
        Guard(site.web, secure=True, max_body=100_000),
        base_url="https://amt.example",
        headers=SAME,
        follow_redirects=False,
    )
    csrf = token_in(client)

    def pieces(first: bytes) -> Iterator[bytes]:
        yield first
        for _ in range(300):
            yield b"x" * 1000

    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for first in (f"_csrf={csrf}&name=".encode(), b"name="):
        answer = client.post("/anmelden", content=pieces(first), headers=form)
        assert answer.status_code in (403, 413)
        assert_guarded(answer, secure=True, what="cut off")
    answer = client.post("/anmelden", content=pieces(f"_csrf={csrf}&name=".encode()), headers=form)
    assert answer.status_code == 413


def test_static_files_may_be_kept_and_nothing_else(site: Site) -> None:
    client = site.browser()
    path = re.search(r'href="(/static/[^"]+\.css)"', client.get("/anmelden").text)
    assert path is not None
    answer = client.get(path[1])
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-security-policy"] == HEADERS["content-security-policy"]
    assert "set-cookie" not in answer.headers


# Header injection

EVIL = [
    "/\r\nSet-Cookie: sid=x",
    "/%0d%0aSet-Cookie:%20sid=x",
    "//boese.example",
    "/\\boese.example",
    "https://boese.example",
    "javascript:alert(1)",
    "/\t/boese.example",
    "/\u2028x",
    "\\\\boese.example",
    "/\x00",
    "",
]


@pytest.mark.parametrize("path", EVIL)
def test_nobody_is_led_away_and_no_header_is_added(site: Site, path: str) -> None:
    client = site.browser()
    data = {"_csrf": token_in(client), "name": LOGIN, "kennwort": PASSWORD, "weiter": path}
    answer = client.post("/anmelden", data=data)
    assert answer.status_code == 303
    where = answer.headers["location"]
    assert where.startswith("/") and not where.startswith(("//", "/\\"))
    assert len(answer.headers.get_list("set-cookie")) == 1
    answer = client.get("/anmelden", params={"weiter": path})
    assert answer.headers["location"].startswith("/")
    assert not answer.headers["location"].startswith(("//", "/\\"))


@given(st.text(max_size=60), st.text(max_size=60))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_is_typed_adds_no_header(demo: FastAPI, path: str, name: str) -> None:
    client = TestClient(demo, follow_redirects=False, headers=SAME)
    data = {"_csrf": token_in(client), "name": name, "kennwort": "x", "weiter": path}
    for answer in (
        client.post("/kennwort-vergessen", data=data),
        client.get("/anmelden", params={"weiter": path}),
        client.get("/sprache/en", params={"zurueck": path}),
    ):
        assert answer.status_code < 500
        names = {n for n, _ in answer.headers.multi_items()}
        assert names <= {
            *HEADERS, "cache-control", "content-length", "content-type", "location", "set-cookie",
        }  # fmt: skip


def answered(headers: list[tuple[bytes, bytes]]) -> list[Message]:
    """Return what the guard sends of an application that answers with these headers."""
    sent: list[Message] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"geheim"})

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    asyncio.run(Guard(application, secure=True)(scope, receive, send))
    return sent


@pytest.mark.parametrize("sign", [b"\r", b"\n", b"\r\n", b"\0", b"\x0b", b"\x7f"])
def test_an_answer_whose_header_would_begin_another_is_not_sent(sign: bytes) -> None:
    for bad in ((b"location", b"/x" + sign + b"Set-Cookie: a=b"), (b"x" + sign + b"y", b"z")):
        sent = answered([bad])
        assert sent[0]["status"] == 500
        assert b"geheim" not in b"".join(m.get("body", b"") for m in sent)
        assert len(sent) == 2


NAMES = ['a".pdf', "a\r\nSet-Cookie: x=y.pdf", "Stellungnahme Müller.pdf", "😀.pdf", "", ";x=y"]


@pytest.mark.parametrize("name", NAMES)
def test_a_document_leaves_to_be_saved_whatever_it_is_called(name: str) -> None:
    headers = security.attachment(name, "application/pdf")
    said = headers["Content-Disposition"]
    assert said.startswith('attachment; filename="') and said.isascii() and said.isprintable()
    assert said.count('"') == 2
    [start, *_] = answered([(k.lower().encode(), v.encode()) for k, v in headers.items()])
    got = dict(start["headers"])
    assert got[b"content-security-policy"] == b"default-src 'none'; sandbox"
    assert got[b"x-content-type-options"] == b"nosniff"


# Cookies and sessions


def test_the_cookie_is_bound_to_this_host_and_hidden_from_scripts(site: Site) -> None:
    client = site.browser()
    first = client.get("/anmelden").headers["set-cookie"]
    data = {"_csrf": token_in(client), "name": LOGIN, "kennwort": PASSWORD}
    second = client.post("/anmelden", data=data).headers["set-cookie"]
    for said in (first, second):
        name, *flags = said.split("; ")
        assert re.fullmatch(r"__Host-sid=[0-9a-f]{64}", name)
        assert flags == ["Path=/", "HttpOnly", "SameSite=Lax", "Secure"]
    assert first.split(";")[0] != second.split(";")[0]


def test_without_https_the_cookie_has_another_name(demo: FastAPI) -> None:
    client = TestClient(demo, follow_redirects=False)
    said = client.get("/anmelden").headers["set-cookie"]
    assert re.fullmatch(r"sid=[0-9a-f]{64}; Path=/; HttpOnly; SameSite=Lax", said)
    assert "strict-transport-security" not in client.get("/anmelden").headers


def cookie(client: TestClient) -> str:
    return next(c.value or "" for c in client.cookies.jar if c.name == "__Host-sid")


def test_a_session_prepared_by_somebody_else_stays_worthless(site: Site) -> None:
    stranger = site.browser()
    stranger.get("/anmelden")
    prepared = cookie(stranger)
    victim = site.browser()
    victim.cookies.set("__Host-sid", prepared)
    signed_in(site, victim)
    assert stranger.get("/konto").status_code == 303
    assert victim.get("/konto").status_code == 200
    again = site.browser()
    again.cookies.set("__Host-sid", prepared)
    assert again.get("/konto").headers["location"].startswith("/anmelden")


def test_signing_out_ends_the_session_and_not_just_the_cookie(site: Site) -> None:
    client = signed_in(site)
    token = cookie(client)
    client.post("/abmelden", data={"_csrf": token_in(client, "/konto")})
    client.cookies.clear()
    client.cookies.set("__Host-sid", token)
    assert client.get("/konto").status_code == 303


def test_a_session_ends_by_the_clock(site: Site) -> None:
    client = signed_in(site)
    site.later(minutes=29)
    assert client.get("/konto").status_code == 200
    site.later(minutes=31)
    answer = client.get("/konto")
    assert answer.headers["location"] == "/anmelden?weiter=/konto"
    assert client.get("/anmelden").status_code == 200


def test_guessing_is_slowed_down_and_said_in_plain_words(site: Site) -> None:
    client = site.browser()
    csrf = token_in(client)
    data = {"_csrf": csrf, "name": LOGIN, "kennwort": "falsch falsch"}
    codes = [client.post("/anmelden", data=data).status_code for _ in range(6)]
    assert codes == [422] * 4 + [429] * 2
    answer = client.post("/anmelden", data={**data, "kennwort": PASSWORD})
    assert answer.status_code == 429 and "Der nächste ist möglich ab" in answer.text
    site.later(minutes=2)
    signed_in(site)


def test_a_refusal_looks_the_same_for_any_reason(site: Site) -> None:
    pages = []
    for name in (LOGIN, "wer@ist.das"):
        client = site.browser()
        data = {"_csrf": token_in(client), "name": name, "kennwort": "falsch falsch"}
        page = client.post("/anmelden", data=data).text
        pages.append(re.sub(r'value="[^"]*"', "", page))
    assert pages[0] == pages[1]


# The account's own pages


def test_somebody_invited_sets_her_password_by_the_link_once(site: Site) -> None:
    token = accounts.invite(site.house.app, "richter", "richter")
    client = site.browser()
    path = f"/einladung/{token}"
    assert "Olaf Richter" in client.get(path).text
    data = {"_csrf": token_in(client, path), "neu": PASSWORD, "noch_einmal": PASSWORD + "x"}
    assert "verschieden" in client.post(path, data=data).text
    data["noch_einmal"] = PASSWORD
    assert client.post(path, data=data).headers["location"] == "/anmelden"
    assert client.post(path, data=data).status_code == 410
    assert client.get(path).status_code == 410
    assert client.get("/einladung/" + "0" * 64).status_code == 410
    data = {"_csrf": token_in(client), "name": "Richter", "kennwort": PASSWORD}
    assert client.post("/anmelden", data=data).status_code == 303


def test_a_reset_says_what_it_costs_before_it_is_done(site: Site) -> None:
    client = site.browser()
    csrf = token_in(client, "/kennwort-vergessen")
    said = []
    for name in (LOGIN, "wer@ist.das"):
        answer = client.post("/kennwort-vergessen", data={"_csrf": csrf, "name": name})
        assert answer.status_code == 303
        said.append(client.get("/anmelden").text)
    assert said[0] == said[1] and "Wenn es dieses Konto gibt" in said[0]
    account = accounts.account_of(site.house.app, LOGIN)
    path = f"/kennwort/{accounts.offer_reset(site.house.app, account.uid)}"
    assert "unwiderruflich verloren" in client.get(path).text
    new = "drei Boote ohne Ruder"
    data = {"_csrf": token_in(client, path), "neu": new, "noch_einmal": new}
    assert client.post(path, data=data).status_code == 303
    data = {"_csrf": token_in(client), "name": LOGIN, "kennwort": new}
    assert client.post("/anmelden", data=data).status_code == 303


def test_signing_in_with_a_code_is_set_up_and_asked_for(site: Site) -> None:
    client = signed_in(site)
    csrf = token_in(client, "/konto/code")
    assert client.get("/konto/code/bild").status_code == 404
    client.post("/konto/code", data={"_csrf": csrf, "tun": "beginnen"})
    page = client.get("/konto/code").text
    shown = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert shown is not None
    picture = client.get("/konto/code/bild")
    assert (
        picture.headers["content-type"].startswith("image/svg+xml") and b"<svg" in picture.content
    )
    assert_guarded(picture, secure=True, what="the picture")
    totp = pyotp.TOTP(shown[1].replace(" ", ""))
    wrong = {"_csrf": csrf, "tun": "einschalten", "code": "000000"}
    assert client.post("/konto/code", data=wrong).status_code == 422
    code = totp.at(site.house.clock.now())
    done = client.post("/konto/code", data={"_csrf": csrf, "tun": "einschalten", "code": code})
    assert done.headers["location"] == "/konto"
    assert client.get("/konto/code/bild").status_code == 404

    site.later(minutes=1)
    other = site.browser()
    data = {"_csrf": token_in(other), "name": LOGIN, "kennwort": PASSWORD, "weiter": "/konto"}
    half = other.post("/anmelden", data=data)
    assert half.headers["location"] == "/anmelden/code?weiter=/konto"
    assert other.get("/konto").status_code == 303
    before = cookie(other)
    code = totp.at(site.house.clock.now())
    data = {"_csrf": token_in(other, "/anmelden/code"), "code": code, "weiter": "/konto"}
    assert other.post("/anmelden/code", data=data).headers["location"] == "/konto"
    assert cookie(other) != before
    assert other.get("/konto").status_code == 200


def test_important_changes_ask_once_more_who_it_is(site: Site) -> None:
    client = signed_in(site)
    site.later(minutes=11)
    csrf = token_in(client, "/konto")
    answer = client.post("/konto/wiederherstellung", data={"_csrf": csrf})
    assert answer.headers["location"] == "/konto/bestaetigen?weiter=/konto"
    before = cookie(client)
    path = "/konto/bestaetigen"
    data = {"_csrf": token_in(client, path), "kennwort": "falsch falsch"}
    assert client.post(path, data=data).status_code == 422
    assert client.post(path, data={**data, "kennwort": PASSWORD}).headers["location"] == "/konto"
    assert cookie(client) != before
    page = client.post("/konto/wiederherstellung", data={"_csrf": token_in(client, "/konto")})
    assert len(re.findall(r"<code>[a-z2-7-]{29}</code>", page.text)) == 10


def test_her_own_sessions_can_be_ended_from_her_account(site: Site) -> None:
    here, there = signed_in(site), signed_in(site)
    page = here.get("/konto").text
    [other] = set(re.findall(r'name="sitzung" value="([0-9a-f]+)"', page))
    data = {"_csrf": token_in(here, "/konto"), "sitzung": other}
    assert here.post("/konto/sitzungen", data=data).status_code == 303
    assert there.get("/konto").status_code == 303
    assert here.post("/konto/sitzungen", data=data).status_code == 404


def test_the_password_can_be_changed_by_who_knows_the_old_one(site: Site) -> None:
    client = signed_in(site)
    new = "drei Boote ohne Ruder"
    data = {"_csrf": token_in(client, "/konto/kennwort"), "neu": new, "noch_einmal": new}
    assert client.post("/konto/kennwort", data={**data, "kennwort": "x"}).status_code == 422
    done = client.post("/konto/kennwort", data={**data, "kennwort": PASSWORD})
    assert done.headers["location"] == "/konto"


def test_the_account_pages_say_no_inline_style_or_script(site: Site) -> None:
    client = signed_in(site)
    for path in ("/konto", "/konto/code", "/konto/kennwort", "/konto/bestaetigen"):
        page = client.get(path).text
        assert not re.search(r"<style|<script(?![^>]*src=)|\sstyle=|\son\w+=", page), path

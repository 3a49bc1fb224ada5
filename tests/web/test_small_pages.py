"""Files in quarantine, several drafts, text modules, a barrier reported, and a session's end."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from html import unescape
from pathlib import Path

from playwright.sync_api import Browser, Page
from starlette.testclient import TestClient

from engine.app import App
from engine.config import Accessibility, Scanner
from engine.core.calendar import BERLIN
from engine.services import barriers, throttle, uploads
from engine.services.accounts.values import IDLE, LONGEST
from engine.services.reading import file_of
from engine.store.cases import Filter
from tests.installation import local_today
from tests.web.browser import NARROW, WIDE, Tab, axe, sideways, tab
from tests.web.county import County, token_in
from tests.web.nu import errors_in

NEW = "/vorhaben/neu"
SECRET = "Dieser Baustein gehört nur mir"


def page(client: TestClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code, answer.headers.get("location"))
    return unescape(answer.text)


def send(client: TestClient, path: str, fields: dict[str, object], **more: object) -> str:
    """Send a form as its page would, follow where it leads, and return that page."""
    token = token_in(client.get("/hilfe").text)
    answer = client.post(path, data={"_csrf": token, **fields}, **more)  # type: ignore[arg-type]
    if answer.status_code == 303:
        return page(client, answer.headers["location"])
    return str(unescape(answer.text))


def says(ending: int) -> Scanner:
    """Return a scanner that ends in this way: 0 clean, 1 a find, 2 no answer."""
    return Scanner(command=[sys.executable, "-c", f"import sys; sys.exit({ending})"])


def use(app: App, scanner: Scanner | None) -> None:
    settings = app.config.settings
    limits = settings.uploads.model_copy(update={"scanner": scanner})
    told = settings.model_copy(update={"uploads": limits})
    object.__setattr__(app.config, "settings", told)


def upload(name: str = "plan.txt") -> dict[str, object]:
    return {"files": [("unterlagen", (name, b"Der Plan", "text/plain"))]}


def name_in(html: str) -> str:
    """Return the name of the draft that a form is about."""
    return str(re.findall(r'name="entwurf" value="([0-9a-f]{32})"', html)[0])


# Quarantine


def test_a_file_that_waits_is_shown_examined_again_and_filed_afterwards(county: County) -> None:
    use(county.app, says(2))
    weber = county.client("weber")
    typed: dict[str, object] = {"titel": "Kita am Park", "beschreibung": "Acht Gruppen."}
    html = send(weber, NEW, {**typed, "speichern": "1"}, **upload())
    assert "liegt in Quarantäne" in html and "plan.txt" in html
    assert "Kita am Park" in html, "what was typed stays"
    own = page(weber, "/dateien")
    assert "in Quarantäne" in own and "plan.txt" in own
    assert "antwortet noch nicht" in send(weber, "/dateien/pruefen", {})

    use(county.app, says(0))
    draft = name_in(html)
    looked = send(weber, NEW, {**typed, "entwurf": draft, "pruefen": "1"})
    assert "Bereit: 1" in looked and "Acht Gruppen." in looked
    uid = re.findall(r'name="unterlagen.bereit" value="([0-9a-f]{32})"', looked)[0]
    taken = send(
        weber, NEW, {**typed, "entwurf": draft, "unterlagen.bereit": uid, "speichern": "1"}
    )
    assert f'name="entfernen" value="{uid}"' in taken
    assert "Liegt in einem Ihrer Entwürfe" in page(weber, "/dateien")


def test_a_file_is_filed_from_quarantine_with_a_step_of_a_case(county: County) -> None:
    use(county.app, says(2))
    weber = county.client("weber")
    number, step = step_with_files(county, weber)
    before = len(file_of(county.app, number).case.documents)
    assert "liegt in Quarantäne" in send(weber, step, {}, **upload("nachtrag.txt"))
    assert len(file_of(county.app, number).case.documents) == before
    use(county.app, says(0))
    uploads.rescan(county.app)
    html = page(weber, step)
    uid = re.findall(r'name="unterlagen.bereit" value="([0-9a-f]{32})"', html)[0]
    send(weber, step, {"unterlagen.bereit": uid})
    assert uid in {d.uid for d in file_of(county.app, number).case.documents}
    assert "nachtrag.txt" not in page(weber, "/dateien")
    assert "gehört schon zu einem Vorgang" in send(weber, step, {"unterlagen.bereit": uid})


def test_a_form_without_its_file_says_so_at_the_field(county: County) -> None:
    weber = county.client("weber")
    _, step = step_with_files(county, weber)
    html = send(weber, step, {})
    assert "Unterlagen: Hier fehlt Ihre Angabe." in html
    assert "„unterlagen“" not in html
    assert html.count("Unterlagen: Hier fehlt Ihre Angabe.") == 2, "above, and at the field"


def step_with_files(county: County, client: TestClient) -> tuple[str, str]:
    """Return a case and the form of a step on it that takes files and nothing else needed."""
    with county.app.database.read() as store:
        numbers = [row.number for row in store.cases.list(Filter(), limit=50)]
    for number in numbers:
        path = f"/vorhaben/{number}/schritt/unterlagen_ablegen"
        if client.get(path).status_code == 200:
            return number, path
    raise AssertionError("no case takes files")


def test_what_the_scanner_finds_later_is_told_to_who_sent_it_alone(county: County) -> None:
    use(county.app, says(2))
    weber = county.client("weber")
    send(weber, NEW, {"titel": "Kita", "speichern": "1"}, **upload("boese.txt"))
    use(county.app, says(1))
    assert "gelöscht: 1" in send(weber, "/dateien/pruefen", {})
    assert "Der Virenscanner hat etwas gefunden" in page(weber, "/dateien")
    assert "boese.txt" not in page(county.client("richter"), "/dateien")


def test_a_file_belongs_to_who_sent_it(county: County) -> None:
    weber, richter = county.client("weber"), county.client("richter")
    send(weber, NEW, {"titel": "Kita", "speichern": "1"}, **upload())
    html = page(weber, NEW)
    uid = re.findall(r'name="entfernen" value="([0-9a-f]{32})"', html)[0]
    stolen = send(richter, NEW, {"titel": "X", "unterlagen.bereit": uid, "speichern": "1"})
    assert "liegt nicht (mehr) bereit" in stolen and "plan.txt" not in stolen
    token = token_in(richter.get("/hilfe").text)
    gone = richter.post(f"/dateien/{uid}/loeschen", data={"_csrf": token})
    assert gone.status_code == 404
    assert "plan.txt" in page(weber, "/dateien")


def test_the_administration_sees_how_many_wait_and_not_what(county: County) -> None:
    use(county.app, says(2))
    send(county.client("weber"), NEW, {"titel": "Kita", "speichern": "1"}, **upload("geheim.txt"))
    html = page(county.client("administrator"), "/verwaltung")
    assert "1 Dateien in Quarantäne" in html
    assert "geheim.txt" not in html


def test_a_registration_whose_file_was_forgotten_says_so(county: County) -> None:
    weber = county.client("weber")
    send(weber, NEW, {"titel": "Kita", "speichern": "1"}, **upload("alt.txt"))
    [held] = [
        u for u in uploads.own(county.app, account_of(county, "weber")) if u.name == "alt.txt"
    ]
    uploads.discard(county.app, held.uid, held.account)
    typed = {
        "titel": "Kita",
        "entscheidet": "fachbereich",
        "tag": (local_today() + timedelta(days=90)).isoformat(),
        "weiter": "1",
    }
    html = send(weber, NEW, {**typed, "entwurf": name_in(page(weber, NEW))})
    questions = dict.fromkeys(re.findall(r'name="(frage\.[a-z_]+)"', html), "nein")
    html = send(weber, f"{NEW}/betroffenheit", {**questions, "entwurf": name_in(html)})
    key = re.findall(r'name="key" value="([^"]+)"', html)[0]
    fields = {"key": key, "tun": "anmelden", "entwurf": name_in(html)}
    assert "liegen nicht mehr bereit: alt.txt" in send(weber, f"{NEW}/anmelden", fields)


def account_of(county: County, person: str) -> str:
    with county.app.database.read() as store:
        found = store.accounts.by_person(county.uid(person))
    assert found is not None
    return found.uid


def test_enter_in_a_field_goes_on_and_takes_no_file_away(county: County) -> None:
    weber = county.client("weber")
    html = send(weber, NEW, {"titel": "Kita", "speichern": "1"}, **upload())
    form = html.partition('action="/vorhaben/neu"')[2].partition("</form>")[0]
    assert 'name="entfernen"' in form
    assert 'name="eingabetaste"' in form.partition("<button")[2].partition(">")[0]


# Several drafts


def test_a_department_keeps_several_drafts_at_once(county: County) -> None:
    weber = county.client("weber")
    first = name_in(send(weber, NEW, {"titel": "Erster Plan", "speichern": "1"}))
    other = name_in(page(weber, f"{NEW}?entwurf=neu"))
    assert other != first
    send(weber, f"{NEW}/entwurf", {"titel": "Zweiter Plan", "entwurf": other})
    # A window that is still open goes on with its own draft.
    send(weber, f"{NEW}/entwurf", {"titel": "Erster Plan, ergänzt", "entwurf": first})
    assert 'value="Erster Plan, ergänzt"' in page(weber, f"{NEW}?entwurf={first}")
    assert 'value="Zweiter Plan"' in page(weber, f"{NEW}?entwurf={other}")
    listed = page(weber, "/entwuerfe")
    assert f"{NEW}?entwurf={first}" in listed and f"{NEW}?entwurf={other}" in listed
    assert "Angefangene Anmeldungen fortsetzen: 2" in page(weber, "/")
    send(weber, NEW, {"entwurf": other, "verwerfen": "1"})
    assert weber.get(f"{NEW}?entwurf={other}").status_code == 404
    assert "Angefangene Anmeldung fortsetzen: Erster Plan, ergänzt" in page(weber, "/")


def test_a_draft_of_another_department_is_not_there(county: County) -> None:
    weber, richter = county.client("weber"), county.client("richter")
    name = name_in(send(weber, NEW, {"titel": "Nur für mich", "speichern": "1"}))
    assert richter.get(f"{NEW}?entwurf={name}").status_code == 404
    send(richter, f"{NEW}/entwurf", {"titel": "Anderes", "entwurf": name})
    assert 'value="Nur für mich"' in page(weber, f"{NEW}?entwurf={name}")


def test_a_pattern_begins_a_further_draft_and_leaves_the_one_at_hand(county: County) -> None:
    weber = county.client("weber")
    first = name_in(send(weber, NEW, {"titel": "Mein Plan", "speichern": "1"}))
    number = re.findall(r'value="(V-\d{4}-\d{4})"', page(weber, NEW))[0]
    copied = name_in(send(weber, f"{NEW}/wie", {"vorgang": number, "entwurf": first}))
    assert copied != first
    assert 'value="Mein Plan"' in page(weber, f"{NEW}?entwurf={first}")


# Text modules


def module_of(client: TestClient, title: str = "Barrierefreiheit", words: str = SECRET) -> str:
    """Let somebody write a text module; return the address of its page."""
    html = send(client, "/textbausteine", {"titel": title, "wortlaut": words})
    return str(re.findall(r'href="(/textbausteine/[0-9a-f]{32})"', html)[-1])


def test_a_text_module_is_written_changed_and_deleted(county: County) -> None:
    yilmaz = county.client("yilmaz")
    path = module_of(yilmaz)
    assert SECRET in page(yilmaz, path)
    html = send(yilmaz, path, {"titel": "Sprache", "wortlaut": "Bitte in Leichter Sprache."})
    assert "Sprache" in html and SECRET not in html
    assert "ist gelöscht" in send(yilmaz, f"{path}/loeschen", {})
    assert yilmaz.get(path).status_code == 404
    bare = send(yilmaz, "/textbausteine", {"titel": " ", "wortlaut": "x"})
    assert "Geben Sie dem Textbaustein einen Titel" in bare


def test_a_text_module_is_nobody_elses_and_in_no_database_to_read(county: County) -> None:
    path = module_of(county.client("yilmaz"))
    for other in ("weber", "krause", "neumann", "administrator"):
        client = county.client(other)
        assert client.get(path).status_code == 404
        assert SECRET not in client.get("/textbausteine").text
        token = token_in(client.get("/hilfe").text)
        for where in (path, f"{path}/loeschen"):
            told = client.post(where, data={"_csrf": token, "titel": "x", "wortlaut": "y"})
            assert told.status_code == 404
    assert SECRET in page(county.client("yilmaz"), path)
    for file in county.folder.rglob("*"):
        if file.is_file():
            assert SECRET.encode() not in file.read_bytes(), file.name


def test_a_text_module_is_no_draft(county: County) -> None:
    yilmaz = county.client("yilmaz")
    path = module_of(yilmaz)
    assert path.rpartition("/")[2] not in page(yilmaz, "/entwuerfe")
    assert SECRET not in page(yilmaz, "/entwuerfe")


STATEMENT = "/vorhaben/V-2026-0002/beteiligung/behinderung~anhoerung~1/schritt/stellungnahme"


def test_a_text_module_is_put_into_a_statement_without_a_script(county: County) -> None:
    thiel, form = county.client("thiel"), STATEMENT
    name = module_of(thiel, words="Bitte in Leichter Sprache.").rpartition("/")[2]
    html = page(thiel, form)
    assert "Textbaustein einfügen" in html
    sent = {"wortlaut": "Guten Tag.", "baustein": name, "einfuegen": "1"}
    told = send(thiel, form, dict(sent))
    assert "Guten Tag.\n\nBitte in Leichter Sprache.</textarea>" in told.replace("\r\n", "\n")
    stolen = send(thiel, form, {**sent, "baustein": "0" * 32})
    assert "Guten Tag.\n\n" not in stolen
    assert "Guten Tag.</textarea>" in send(thiel, form, {**sent, "baustein": ""})


def test_she_finds_her_own_statements_by_their_words(county: County) -> None:
    yilmaz = county.client("yilmaz")
    every = page(yilmaz, "/verbleib?jahr=0")
    words = re.findall(r'<p class="rz-prose">([^<]{20,})</p>', every)
    assert words, "the demo has statements"
    some = " ".join(words[0].split()[:3])
    assert words[0] in page(yilmaz, f"/verbleib?jahr=0&suche={some.upper()}")
    assert "Keine Stellungnahme enthält: xqzxqz" in page(yilmaz, "/verbleib?jahr=0&suche=xqzxqz")


# A barrier is reported


CONTACT = Accessibility(contact="Stabsstelle Inklusion", email="barriere@musterheide.example")


@contextmanager
def contact_in(app: App) -> Iterator[None]:
    settings = app.config.settings
    object.__setattr__(
        app.config, "settings", settings.model_copy(update={"accessibility": CONTACT})
    )
    yield
    object.__setattr__(app.config, "settings", settings)


def report(client: TestClient, **fields: object) -> tuple[int, str]:
    token = token_in(client.get("/barrierefreiheit").text)
    answer = client.post("/barrierefreiheit", data={"_csrf": token, **fields})
    return answer.status_code, unescape(answer.text)


def letters(app: App) -> list[bytes]:
    """Return the mails to the contact that were put into the outbox."""
    with app.database.read() as store:
        rows = [*store.connection.exec_driver_sql("SELECT address, data FROM message ORDER BY id")]
    return [bytes(data) for address, data in rows if address == CONTACT.email]


def test_anybody_reports_a_barrier_without_an_account(county: County) -> None:
    with contact_in(county.app):
        told = {"was": "Der Plan ist nur ein Bild.", "seite": "/vorhaben", "antwort": "0331 1234"}
        assert report(county.client(), **told)[0] == 303
        [mail] = letters(county.app)
    read = message_from_bytes(mail, policy=policy.default)
    body = read.get_body(("plain",))
    assert read["To"].addresses[0].addr_spec == CONTACT.email
    assert body is not None
    assert all(words in body.get_content() for words in told.values())


EVIL = "x\r\nBcc: alle@welt.example\r\n\r\nNeuer Brief"


def test_what_is_reported_gets_into_no_head_of_the_mail(county: County) -> None:
    with contact_in(county.app):
        assert report(county.client(), was=EVIL, seite=EVIL, antwort=EVIL)[0] == 303
        [mail] = letters(county.app)
    read = message_from_bytes(mail, policy=policy.default)
    assert read["Bcc"] is None and read["Reply-To"] is None
    assert "welt.example" not in "".join(f"{k}{v}" for k, v in read.items())


def test_reports_are_throttled_and_an_empty_one_is_none(county: County) -> None:
    with contact_in(county.app):
        client = county.client()
        status, told = report(client, was="  ")
        assert status == 422 and "Schreiben Sie, was nicht geht." in told
        status, told = report(client, was="x" * (barriers.LONGEST + 1))
        assert status == 422 and "zu lang" in told
        seen = [report(client, was=f"Nummer {n}")[0] for n in range(throttle.REPORTS + 2)]
        assert seen == [303] * throttle.REPORTS + [422, 422]
        assert len(letters(county.app)) == throttle.REPORTS


def test_without_a_contact_there_is_no_form_and_nothing_is_sent(county: County) -> None:
    client = county.client()
    assert 'name="was"' not in client.get("/barrierefreiheit").text
    token = token_in(client.get("/anmelden").text)
    told = client.post("/barrierefreiheit", data={"_csrf": token, "was": "x"})
    assert told.status_code == 422
    assert "noch keine Ansprechstelle" in unescape(told.text)


# The end of a session


def test_every_page_says_when_the_session_ends_and_a_click_extends_it(county: County) -> None:
    weber = county.client("weber")
    said = re.findall(r"Ihre Sitzung endet um (\d\d:\d\d) Uhr, wenn", page(weber, "/"))
    ends = (county.clock.now() + IDLE).astimezone(BERLIN)
    assert said[0] in (f"{ends:%H:%M}", f"{ends - timedelta(minutes=1):%H:%M}")
    weber.cookies.set("sprache", "en")
    assert "Your session ends at" in weber.get("/").text
    assert "Ihre Sitzung endet" not in county.client().get("/anmelden").text


def test_the_last_half_hour_says_that_no_click_helps_any_more(county: County) -> None:
    from engine.core.visibility import actor
    from engine.services import accounts
    from engine.services.reading import house_of
    from engine.web.desk import Desk

    signed = accounts.enter_demo(county.app, county.uid("weber"), address="::1", agent="test")
    visitor = signed.visitor
    assert visitor is not None and visitor.ends_at is not None
    now = county.clock.now()
    assert timedelta(0) <= now + LONGEST - visitor.ends_at < timedelta(minutes=1)
    late = replace(visitor, ends_at=now + timedelta(minutes=10))
    world = house_of(county.app)
    desk = Desk(None, county.app, late, actor(world.roster, visitor.person, world.today), "de")  # type: ignore[arg-type]
    told = desk._session_end()
    assert told is not None and "auch wenn Sie weiterarbeiten" in told.de
    assert f"{late.ends_at.astimezone(BERLIN):%H:%M}" in told.de if late.ends_at else False


# In a browser


def prepared(county: County) -> tuple[TestClient, TestClient, list[str], list[str]]:
    """Bring about every state of these pages; return who looks at which of them."""
    weber, thiel = county.client("weber"), county.client("thiel")
    use(county.app, None)
    send(weber, NEW, {"titel": "Mit Unterlagen", "speichern": "1"}, **upload("im_entwurf.txt"))
    send(weber, f"{NEW}/entwurf", {"titel": "Ein langer Titel " * 8, "entwurf": "a" * 32})
    use(county.app, says(2))
    name = "Stellungnahme_der_Brandschutzdienststelle_zum_Erweiterungsbau_Fassung_3.txt"
    for one in ("boese.txt", name):
        send(weber, NEW, {"entwurf": "b" * 32, "speichern": "1"}, **upload(one))
    use(county.app, says(1))
    send(weber, "/dateien/pruefen", {})
    use(county.app, says(2))
    send(weber, NEW, {"entwurf": "b" * 32, "speichern": "1"}, **upload(name))
    use(county.app, says(0))
    send(weber, "/dateien/pruefen", {})
    use(county.app, says(2))
    send(weber, NEW, {"entwurf": "b" * 32, "speichern": "1"}, **upload("wartet_noch.txt"))
    module = module_of(thiel, "Leichte Sprache", "Bitte in Leichter Sprache. " * 20)
    _, step = step_with_files(county, weber)
    mine = ["/dateien", NEW, "/entwuerfe", "/", step, "/konto"]
    return weber, thiel, mine, ["/textbausteine", module, STATEMENT, "/verbleib?jahr=0&suche=bord"]


def test_these_pages_can_be_used_by_everybody(browser: Browser, served: County) -> None:
    with contact_in(served.app):
        weber, thiel, mine, hers = prepared(served)
        rows = [(weber, p) for p in mine] + [(thiel, p) for p in hers]
        rows.append((served.client(), "/barrierefreiheit"))
        html, wrong = {}, []
        with tab(browser, base_url=served.url) as opened:
            for client, path in rows:
                html[path] = client.get(path).text
                wrong += [f"{path}: {w}" for w in looked_at(opened, client, served.url, path)]
    assert not wrong, "\n".join(wrong)
    assert errors_in(html) == []


def looked_at(opened: Tab, client: TestClient, url: str, path: str) -> Iterator[str]:
    """Yield what is wrong with a page, wide and light or narrow and dark."""
    page_, context = opened.page, opened.page.context
    context.clear_cookies()
    context.add_cookies(
        [{"name": c.name, "value": c.value or "", "url": url} for c in client.cookies.jar]
    )
    for width, scheme in ((WIDE, "light"), (NARROW, "dark")):
        page_.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page_.set_viewport_size({"width": width, "height": 900})
        page_.goto(path)
        yield from (f"{width}: {w}" for w in axe(page_))
        if sideways(page_):
            yield f"{width}: {sideways(page_)} pixels too wide"
        seen(page_, path, width)


def seen(page_: Page, path: str, width: int) -> None:
    """Keep a picture of a page where PICTURES names a folder for them."""
    folder = os.environ.get("PICTURES")
    if folder:
        name = re.sub(r"[^a-z]+", "-", path.lower()).strip("-") or "start"
        page_.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)

"""Personal links of letters: good once, for one person, one case and one hour, and no filing."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.app import App
from engine.core.case import Case
from engine.core.ledger import commitment
from engine.core.offices import Absence, Recusal, Tenure
from engine.core.visibility import actor
from engine.delivery import deliver
from engine.delivery.links import LASTS, masked
from engine.delivery.preview import letters_of
from engine.errors import NotFound, Refused
from engine.services import accounts, links
from engine.services.accounts import TooOften
from engine.services.cases import Deed, taken_in
from engine.services.evidence.enclosures import mails_of
from engine.services.legal.deliveries import deliveries, proof_of
from engine.services.links import LinkOver, Why
from engine.services.links.values import VISIT_FOR
from engine.services.reading import file_of, house_of
from engine.services.setup import by
from engine.services.throttle import PER_PLACE
from engine.services.ticks import tick
from engine.services.trying import tried
from engine.services.verify import replayed
from engine.store.links import Links
from engine.store.store import Store
from tests.installation import MONDAY, House, house

HERE = "192.0.2.7"
LINK = re.compile(r"/brief/([0-9a-f]{64})")
ONE_SECOND = timedelta(seconds=1)


@pytest.fixture
def county(tmp_path: Path) -> Iterator[House]:
    made = house(tmp_path / "haus", training=False)
    yield made
    made.app.close()


def informed(county: House, **changes: Any) -> Case:
    """Return a case about which the integration commissioner was informed."""
    number = county.register(**changes).number
    return county.take(number, "informieren", "weber", participation="integration")


def mails(county: House) -> list[Any]:
    """Return the mails that were written, the newest last."""
    files = sorted(county.app.config.mails.glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
    return [email.message_from_bytes(f.read_bytes(), policy=email.policy.default) for f in files]


def text_of(mail: Any) -> str:
    return str(mail.get_body(("plain",)).get_content())


def tokens(county: House) -> list[str]:
    """Return the tokens of all links that were sent, the newest last."""
    deliver(county.app)
    return [token for mail in mails(county) for token in LINK.findall(text_of(mail))]


def sent(county: House, **changes: Any) -> tuple[Case, str]:
    """Return an informed case and the token of the link that its letter brought."""
    case = informed(county, **changes)
    return case, tokens(county)[-1]


def current(county: House, case: Case) -> Case:
    return file_of(county.app, case.number).case


def looks(app: App, type_: str) -> list[Any]:
    """Return the entries of a type in the strand of this month's looks."""
    with app.database.read() as store:
        return store.chains.typed("access/2026-03", type_) + store.chains.typed(
            "access/2026-04", type_
        )


def why(refused: pytest.ExceptionInfo[LinkOver]) -> Why:
    return refused.value.why


# The letter


def test_the_letter_of_an_information_brings_its_reader_one_link(county: House) -> None:
    informed(county)
    deliver(county.app)
    [mail] = mails(county)
    assert mail["To"].addresses[0].username == "yilmaz"
    text = text_of(mail)
    assert len(LINK.findall(text)) == 1
    assert "Eingang bestätigen und Unterlagen öffnen:" in text
    assert "bis Mo., 06.04.2026" in text
    html = mail.get_body(("html",)).get_content()
    assert LINK.findall(html) == LINK.findall(text)


def test_a_digest_brings_a_link_for_each_information(county: House) -> None:
    cases = [informed(county) for _ in range(3)]
    found = tokens(county)
    assert len(mails(county)) == 1
    assert len(set(found)) == 3
    opened = [links.visit(county.app, links.open_visit(county.app, t, HERE).token) for t in found]
    assert {v.case.number for v in opened} == {c.number for c in cases}


def test_no_other_letter_brings_one(county: House) -> None:
    case, token = sent(county)
    links.open_visit(county.app, token, HERE)
    deliver(county.app)
    county.take(case.number, "rueckfrage", "yilmaz", participation="integration",
                fields={"frage": "Wer übersetzt?"})  # fmt: skip
    county.take(case.number, "antworten", "weber", participation="integration",
                fields={"antwort": "Das Amt."})  # fmt: skip
    assert tokens(county) == [token]
    assert len(mails(county)) >= 3


def test_without_an_address_of_the_pages_letters_are_as_they_were(tmp_path: Path) -> None:
    plain = house(tmp_path / "ohne", training=False)
    plain.app.config.settings.__dict__["link"] = None
    informed(plain)
    assert tokens(plain) == []
    assert "Dieser Link" not in text_of(mails(plain)[0])
    with plain.app.database.read() as store:
        uid = store.cases.get("V-2026-0001").uid
        assert Links(store.connection).of_case(uid) == []
    plain.app.close()


def test_a_preview_shows_where_the_link_will_stand_and_makes_none(county: House) -> None:
    number = county.register().number

    def look(store: Store) -> str:
        deed = Deed("informieren", "weber", participation="integration", key="probe")
        outcome = taken_in(county.app, store, number, deed, ())
        [letter] = letters_of(county.app, store, outcome.case, "probe")
        assert Links(store.connection).of_case(outcome.case.uid) == []
        return letter.text

    assert "https://rechtzeitig.musterheide.example/brief/…" in tried(county.app, look)


# What it does


def test_opening_confirms_the_receipt_as_her_own_act_and_says_by_which_way(county: House) -> None:
    case, token = sent(county)
    county.clock.turn(date(2026, 3, 24))
    opened = links.open_visit(county.app, token, HERE)
    assert opened.receipt
    file = file_of(county.app, case.number)
    [line] = [x for x in file.lines if x.plain.get("means") == "receipt" and x.office == "integration"][:1]  # fmt: skip
    assert line.actor == county.person("yilmaz")
    assert line.plain["way"] == "link"
    assert "deputy" not in line.plain
    assert line.happened_on == date(2026, 3, 24)
    assert [d.last_day for d in file.case.deadlines if d.name == "stellungnahme" and d.open]
    assert replayed(county.app, case.number) == file.case


def test_what_a_log_in_does_names_no_way(county: House) -> None:
    case = informed(county)
    county.take(case.number, "eingang", "yilmaz", participation="integration")
    assert not [x for x in file_of(county.app, case.number).lines if "way" in x.plain]


def test_looking_ahead_confirms_nothing_and_uses_nothing_up(county: House) -> None:
    case, token = sent(county)
    before = current(county, case)
    for _ in range(5):
        assert links.offered(county.app, token, HERE).receipt
    assert current(county, case) == before
    assert looks(county.app, "link_opened") == []
    assert links.open_visit(county.app, token, HERE).receipt


def test_where_the_receipt_stands_already_the_link_just_opens(county: House) -> None:
    case, token = sent(county)
    county.take(case.number, "eingang", "yilmaz", participation="integration")
    entries = len(file_of(county.app, case.number).lines)
    assert not links.offered(county.app, token, HERE).receipt
    opened = links.open_visit(county.app, token, HERE)
    assert not opened.receipt
    assert len(file_of(county.app, case.number).lines) == entries
    assert links.visit(county.app, opened.token).documents


def test_a_presumed_receipt_is_put_right_by_the_link(county: House) -> None:
    case, token = sent(county)
    county.clock.turn(date(2026, 3, 26))
    tick(county.app)
    assert links.open_visit(county.app, token, HERE).receipt
    assert replayed(county.app, case.number) == current(county, case)


def test_each_opening_and_each_document_is_a_look_in_the_log(county: House) -> None:
    case, token = sent(county)
    opened = links.open_visit(county.app, token, HERE)
    shown = links.visit(county.app, opened.token)
    [paper] = shown.documents
    for _ in range(2):
        assert links.document(county.app, opened.token, paper.uid).uid == paper.uid
    [line] = looks(county.app, "link_opened")
    person = county.person("yilmaz")
    assert (line.actor, line.office, line.plain["case"]) == (person, "integration", case.uid)
    assert line.plain["receipt"] is True
    fetched = looks(county.app, "link_document")
    assert [x.plain["document"] for x in fetched] == [paper.uid] * 2
    assert token not in str([x.plain for x in (line, *fetched)])


def test_a_visit_shows_this_case_and_until_when_a_statement_is_asked(county: House) -> None:
    other, _ = sent(county, title="Ein anderes Vorhaben")
    case, token = sent(county)
    opened = links.open_visit(county.app, token, HERE)
    shown = links.visit(county.app, opened.token)
    assert shown.case.number == case.number
    assert [d.name for d in shown.deadlines] == ["stellungnahme"]
    assert shown.help_from == ("Sitzungsdienst",)
    foreign = file_of(county.app, other.number).case.documents[0].uid
    with pytest.raises(NotFound):
        links.document(county.app, opened.token, foreign)
    assert looks(county.app, "link_document") == []


# Its end


def test_a_link_is_good_once(county: House) -> None:
    _, token = sent(county)
    links.open_visit(county.app, token, HERE)
    for attempt in (links.open_visit, links.offered):
        with pytest.raises(LinkOver) as refused:
            attempt(county.app, token, HERE)
        assert why(refused) is Why.USED
    assert len(looks(county.app, "link_opened")) == 1


@pytest.mark.parametrize(
    ("left", "good"),
    [(ONE_SECOND, True), (timedelta(0), False), (-ONE_SECOND, False)],
    ids=["a second before", "on the second", "a second after"],
)
def test_a_link_is_good_for_fourteen_days(county: House, left: timedelta, good: bool) -> None:
    case, token = sent(county)
    county.clock.instant += LASTS - left
    if good:
        assert links.open_visit(county.app, token, HERE).token
        return
    with pytest.raises(LinkOver) as refused:
        links.open_visit(county.app, token, HERE)
    assert why(refused) is Why.EXPIRED
    assert not [x for x in file_of(county.app, case.number).lines if "way" in x.plain]


@pytest.mark.parametrize(("left", "good"), [(ONE_SECOND, True), (timedelta(0), False)])
def test_a_visit_lasts_an_hour(county: House, left: timedelta, good: bool) -> None:
    _, token = sent(county)
    opened = links.open_visit(county.app, token, HERE)
    paper = links.visit(county.app, opened.token).documents[0].uid
    county.clock.instant += VISIT_FOR - left
    if good:
        assert links.document(county.app, opened.token, paper)
        return
    for ask in (links.visit, lambda app, t: links.document(app, t, paper)):
        with pytest.raises(NotFound):
            ask(county.app, opened.token)


def test_a_visit_can_be_ended_before(county: House) -> None:
    _, token = sent(county)
    opened = links.open_visit(county.app, token, HERE)
    links.leave(county.app, opened.token)
    with pytest.raises(NotFound):
        links.visit(county.app, opened.token)
    with pytest.raises(LinkOver) as refused:
        links.open_visit(county.app, token, HERE)
    assert why(refused) is Why.USED


def leave_office(county: House) -> None:
    person = county.person("yilmaz")
    held = next(t for t in house_of(county.app).roster.tenures if t.person == person)
    until = MONDAY - timedelta(days=1)
    ended = Tenure(held.office, person, held.deputy, held.since, until)
    with county.app.database.write() as store:
        store.save_tenure(ended, by(county.app, "tenure"))


def be_shut_out(county: House) -> None:
    token = accounts.invite(county.app, "yilmaz", "yilmaz@musterheide.example")
    assert token
    accounts.disable(county.app, accounts.account_of(county.app, "yilmaz").uid)


def be_concerned_herself(county: House) -> None:
    with county.app.database.read() as store:
        case = store.cases.get("V-2026-0001").uid
    with county.app.database.write() as store:
        recusal = Recusal(county.person("yilmaz"), case, MONDAY)
        store.save_recusal(recusal, by(county.app, "recusal"))


def withdraw(county: House) -> None:
    county.take("V-2026-0001", "zurueckziehen", "weber", fields={"grund": "Kein Geld."})


ENDS = [
    pytest.param(leave_office, Why.AWAY, id="she left office"),
    pytest.param(be_shut_out, Why.AWAY, id="her account was shut"),
    pytest.param(be_concerned_herself, Why.AWAY, id="she is concerned herself"),
    pytest.param(withdraw, Why.OVER, id="the measure was withdrawn"),
]


@pytest.mark.parametrize(("happens", "expected"), ENDS)
def test_a_link_ends_with_what_it_leads_to(county: House, happens: Any, expected: Why) -> None:
    case, token = sent(county)
    happens(county)
    for attempt in (links.offered, links.open_visit, links.ask_again):
        with pytest.raises(LinkOver) as refused:
            attempt(county.app, token, HERE)
        assert why(refused) is expected
    assert not [x for x in file_of(county.app, case.number).lines if "way" in x.plain]
    assert looks(county.app, "link_opened") == []


@pytest.mark.parametrize(("happens", "expected"), ENDS)
def test_and_so_does_a_visit_that_is_open(county: House, happens: Any, expected: Why) -> None:
    _, token = sent(county)
    opened = links.open_visit(county.app, token, HERE)
    happens(county)
    with pytest.raises(LinkOver) as refused:
        links.visit(county.app, opened.token)
    assert why(refused) is expected


@given(st.text(max_size=80) | st.from_regex(r"[0-9a-f]{64}", fullmatch=True))
def test_no_other_word_opens_anything(one_county: House, guess: str) -> None:
    one_county.clock.instant += timedelta(minutes=5)
    for attempt in (links.offered, links.open_visit, links.ask_again):
        with pytest.raises(LinkOver) as refused:
            attempt(one_county.app, guess, HERE)
        assert why(refused) is Why.UNKNOWN
    with pytest.raises(NotFound):
        links.visit(one_county.app, guess)


@pytest.fixture(scope="module")
def one_county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = house(tmp_path_factory.mktemp("links") / "haus", training=False)
    informed(made)
    deliver(made.app)
    yield made
    made.app.close()


def test_the_token_of_a_visit_is_no_link_and_a_link_no_visit(county: House) -> None:
    _, token = sent(county)
    with pytest.raises(NotFound):
        links.visit(county.app, token)
    opened = links.open_visit(county.app, token, HERE)
    with pytest.raises(LinkOver) as refused:
        links.open_visit(county.app, opened.token, HERE)
    assert why(refused) is Why.UNKNOWN


def test_whoever_guesses_must_wait_and_nobody_else(county: House) -> None:
    _, token = sent(county)
    for n in range(PER_PLACE):
        with pytest.raises(LinkOver):
            links.offered(county.app, f"{n:064x}", HERE)
    with pytest.raises(TooOften):
        links.open_visit(county.app, token, HERE)
    assert links.offered(county.app, token, "198.51.100.9").receipt
    county.clock.instant += timedelta(minutes=1)
    assert links.open_visit(county.app, token, HERE).receipt


# Deputies


def test_a_deputy_confirms_in_place_of_the_holder(county: House) -> None:
    with county.app.database.write() as store:
        away = Absence(county.person("yilmaz"), MONDAY, MONDAY)
        store.save_absence(away, by(county.app, "absence"))
    case, token = sent(county)
    opened = links.open_visit(county.app, token, HERE)
    line = next(x for x in file_of(county.app, case.number).lines if "way" in x.plain)
    assert (line.actor, line.plain["deputy"]) == (county.person("berg"), True)
    assert len(links.visit(county.app, opened.token).in_place_of) == 1


def test_a_deputy_opens_nothing_once_the_holder_is_back(county: House) -> None:
    with county.app.database.write() as store:
        away = Absence(county.person("yilmaz"), MONDAY, MONDAY)
        store.save_absence(away, by(county.app, "absence"))
    _, token = sent(county)
    county.clock.on(1)
    with pytest.raises(LinkOver) as refused:
        links.open_visit(county.app, token, HERE)
    assert why(refused) is Why.AWAY


def test_a_holder_who_is_away_reads_and_leaves_the_receipt_to_her_deputy(county: House) -> None:
    _, token = sent(county)
    with county.app.database.write() as store:
        away = Absence(county.person("yilmaz"), MONDAY, MONDAY)
        store.save_absence(away, by(county.app, "absence"))
    opened = links.open_visit(county.app, token, HERE)
    assert not opened.receipt
    assert links.visit(county.app, opened.token).documents


# What is no public matter


@pytest.mark.parametrize("sort", ["non_public", "personnel"])
def test_what_the_letter_must_not_say_its_link_does_not_open(county: House, sort: str) -> None:
    case, token = sent(county, confidentiality=sort, title="Geheimes Vorhaben")
    text = text_of(mails(county)[-1])
    assert "Eingang bestätigen:" in text
    assert "Unterlagen öffnen" not in text
    assert "nach der Anmeldung" in " ".join(text.split())
    assert links.offered(county.app, token, HERE).protected
    opened = links.open_visit(county.app, token, HERE)
    assert opened.receipt
    shown = links.visit(county.app, opened.token)
    assert shown.protected
    assert shown.documents == ()
    with pytest.raises(NotFound):
        links.document(county.app, opened.token, current(county, case).documents[0].uid)


# Sent again


@pytest.mark.parametrize("after", ["used", "expired"])
def test_she_has_a_new_one_sent_to_her_own_address(county: House, after: str) -> None:
    case, token = sent(county)
    if after == "used":
        links.open_visit(county.app, token, HERE)
    else:
        county.clock.instant += LASTS
    links.ask_again(county.app, token, HERE)
    fresh = tokens(county)[-1]
    assert fresh != token
    mail = next(m for m in mails(county) if fresh in text_of(m))
    assert mail["To"].addresses[0].username == "yilmaz"
    assert "Neuer persönlicher Link" in mail["Subject"]
    assert links.open_visit(county.app, fresh, HERE).receipt is (after == "expired")
    with pytest.raises(LinkOver) as refused:
        links.open_visit(county.app, token, HERE)
    assert why(refused) is Why.REPLACED
    [line] = looks(county.app, "link_asked")
    assert line.plain == {"case": case.uid, "participation": "integration/anhoerung/1"}


def test_it_goes_to_her_who_asked_also_while_she_is_away(county: House) -> None:
    _, token = sent(county)
    links.open_visit(county.app, token, HERE)
    with county.app.database.write() as store:
        away = Absence(county.person("yilmaz"), MONDAY, MONDAY)
        store.save_absence(away, by(county.app, "absence"))
    links.ask_again(county.app, token, HERE)
    fresh = tokens(county)[-1]
    mail = next(m for m in mails(county) if fresh in text_of(m))
    assert mail["To"].addresses[0].username == "yilmaz"


def seeing(county: House, person: str) -> Any:
    world = house_of(county.app)
    return actor(world.roster, county.person(person), world.today)


@pytest.mark.parametrize("person", ["weber", "sommer", "yilmaz"])
def test_the_department_the_council_office_and_she_herself_have_it_sent_again(
    county: House, person: str
) -> None:
    case, token = sent(county)
    opened = links.open_visit(county.app, token, HERE)
    who = seeing(county, person)
    [line] = links.sent_links(county.app, case.number, who).values()
    assert line.used_at == county.clock.now()
    links.send_again(county.app, case.number, "integration", who)
    fresh = tokens(county)[-1]
    assert not links.open_visit(county.app, fresh, HERE).receipt
    with pytest.raises(NotFound):
        links.visit(county.app, opened.token)


@pytest.mark.parametrize("person", ["neumann", "thiel", "richter", "lange"])
def test_nobody_else_has(county: House, person: str) -> None:
    case, token = sent(county)
    who = seeing(county, person)
    assert links.sent_links(county.app, case.number, who) == {}
    with pytest.raises(Refused):
        links.send_again(county.app, case.number, "integration", who)
    assert tokens(county) == [token]


def test_none_is_sent_again_that_was_never_sent(county: House) -> None:
    number = county.register().number
    with pytest.raises(Refused):
        links.send_again(county.app, number, "integration", seeing(county, "weber"))


def test_three_an_hour_and_no_more(county: House) -> None:
    case, _ = sent(county)
    who = seeing(county, "weber")
    for _ in range(3):
        links.send_again(county.app, case.number, "integration", who)
    with pytest.raises(Refused, match="Three new links"):
        links.send_again(county.app, case.number, "integration", who)
    county.clock.instant += timedelta(hours=1)
    links.send_again(county.app, case.number, "integration", who)


def test_of_several_that_were_asked_for_only_the_last_is_good(county: House) -> None:
    case, _ = sent(county)
    for _ in range(2):
        links.send_again(county.app, case.number, "integration", seeing(county, "weber"))
    *_, first, second = tokens(county)
    good = [t for t in (first, second) if _opens(county, t)]
    assert len(good) == 1


def _opens(county: House, token: str) -> bool:
    try:
        links.offered(county.app, token, HERE)
    except LinkOver:
        return False
    return True


# What is kept, and who can read it


def test_the_database_keeps_no_token_but_in_the_bytes_of_the_mail(county: House) -> None:
    _, token = sent(county)
    visit = links.open_visit(county.app, token, HERE).token
    with county.app.database.read() as store:
        ask = store.connection.exec_driver_sql
        tables = [r[0] for r in ask("SELECT name FROM sqlite_master WHERE type = 'table'")]
        holding = [
            name for name in tables if any(_holds(row, token, visit) for row in ask(f"SELECT * FROM {name}"))
        ]  # fmt: skip
    assert holding == ["message"]


def _holds(row: Any, *tokens: str) -> bool:
    values = [re.sub(rb"=\r\n", b"", v) if isinstance(v, bytes) else str(v).encode() for v in row]
    return any(token.encode() in value for token in tokens for value in values)


def test_the_proof_of_delivery_masks_the_link_and_its_digest_is_that_of_the_sent_bytes(
    county: House,
) -> None:
    _, token = sent(county)
    [row], _ = deliveries(county.app)
    proof = proof_of(county.app, row.mail.id)
    assert token not in proof.text
    assert "/brief/…" in proof.text
    assert proof.fits
    with county.app.database.read() as store:
        line = store.chains.line(f"message:{row.mail.uid}")
        data = store.outbox.data(row.mail.id)
    assert line is not None
    salt = bytes.fromhex(line.entry.private["salt"])
    assert commitment(salt, data) == line.entry.plain["commitment"]


def test_a_mail_leaves_the_house_only_once_its_link_is_dead(county: House) -> None:
    case, token = sent(county)
    assert packed_mail(county, case) is None
    links.open_visit(county.app, token, HERE)
    data = packed_mail(county, case)
    assert data is not None
    assert token.encode() in data.replace(b"=\r\n", b"")


def packed_mail(county: House, case: Case) -> bytes | None:
    """Return the bytes of the letter as the file of the case gives them to anybody, or None."""
    with county.app.database.read() as store:
        [mail, *_] = mails_of(store, store.cases.by_uid(case.uid), county.clock.now())
    return mail.data


@given(st.from_regex(r"[0-9a-f]{64}", fullmatch=True), st.text(max_size=40))
def test_a_token_is_masked_wherever_a_text_names_it(token: str, before: str) -> None:
    said = masked(f"{before}https://amt.example/brief/{token} {before}/brief/{token}.")
    assert token not in said
    assert said.count("/brief/…") == 2 + 2 * before.count("/brief/…")

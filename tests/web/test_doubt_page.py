"""What an administrator decides on a mail of which nobody knows whether it left."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from engine.store.outbox import Ending
from tests.web.browser import NARROW, WIDE, axe, browser, sideways, tab
from tests.web.county import County, county, played, served
from tests.web.nu import errors_in
from tests.web.test_admin import Desk, a_mail, admin

__all__ = ["admin", "browser", "county", "played", "served"]


def test_a_mail_in_doubt_is_decided_with_a_reason(admin: Desk) -> None:
    number = a_mail(admin.county, Ending.UNSURE)
    outbox = "/verwaltung/post/ausgang"
    here = f"{outbox}/{number}/ungewiss"
    assert here in admin.page(f"{outbox}?stand=ungewiss")
    assert "Begegnungszentrum" not in admin.page(here)
    assert errors_in({here: admin.page(here)}) == []
    for said, missing in (
        ({"entscheidung": "gesendet"}, "f-grund"),
        ({"grund": "x"}, "f-entscheidung"),
    ):
        answer = admin.send(here, **said)
        assert answer.status_code == 422
        assert f'href="#{missing}"' in answer.text
    decided = {"entscheidung": "gesendet", "grund": "steht im maillog"}
    assert "gilt als gesendet" in admin.follow(admin.send(here, **decided))
    with admin.county.app.database.read() as store:
        [line] = store.chains.typed("system", "message_settled")
    assert (line.plain["ending"], line.private["reason"]) == ("accepted", "steht im maillog")
    assert admin.send(here, **decided).status_code == 409
    admin.page(here, 409)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_the_page_of_a_doubt_is_accessible_and_valid(
    browser: Browser, served: County, width: int
) -> None:
    here = f"/verwaltung/post/ausgang/{a_mail(served, Ending.UNSURE, str(width))}/ungewiss"
    with tab(browser, width=width, base_url=served.url) as opened:
        page = opened.page
        page.goto("/uebung")
        page.locator('button[data-person="administrator"]').click()
        page.wait_for_url(lambda url: "/uebung" not in url)
        for path in ("/verwaltung/post", here):
            page.goto(path)
            assert axe(page) == [], path
            assert sideways(page) == 0, path
        page.get_by_label("gilt als gesendet").check()
        page.get_by_label("Grund").fill("  ")
        page.get_by_role("button", name="Entscheidung eintragen").click()
        assert page.get_by_text("Nennen Sie den Grund der Entscheidung.").count()

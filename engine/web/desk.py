"""What a handler works with: who asks, in which language, and how an answer is given."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated, Any

import orjson
from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment
from markupsafe import Markup
from starlette.datastructures import FormData

from engine.app import App
from engine.core.calendar import BERLIN
from engine.core.case import Case
from engine.core.visibility import Actor, actor, sees
from engine.core.world import World
from engine.errors import EngineError, NotFound, Text
from engine.services import accounts, uploads
from engine.services.accounts import Visitor
from engine.services.accounts.values import IDLE
from engine.services.house_words import house_words
from engine.services.reading import File, file_of, house_of
from engine.web.access import RULES, Action, Decision, authorize
from engine.web.look import environment
from engine.web.looking import looking
from engine.web.navigation import navigation
from engine.web.security import cookie_name, own_name

MESSAGE = "meldung"
LANGUAGE = "sprache"
LANGUAGES = ("de", "en")


class SignInFirst(Exception):
    """Nobody is signed in; the page asks her to, and leads back."""


class FactorFirst(Exception):
    """The house demands a second factor, and she has not set one up."""


class Hidden(Exception):
    """There is nothing here, or nothing that she may know of."""


@dataclass
class Desk:
    """One request: the installation, the visitor, and the words of her language."""

    request: Request
    app: App
    visitor: Visitor | None
    actor: Actor | None
    language: str
    demo: bool = False
    secure: bool = True
    _world: World | None = field(default=None, repr=False)

    @property
    def world(self) -> World:
        """The world as it stands at this request."""
        if self._world is None:
            self._world = house_of(self.app)
        return self._world

    @property
    def me(self) -> Visitor:
        """The visitor of a page that only somebody signed in can reach."""
        assert self.visitor is not None
        return self.visitor

    @property
    def acting(self) -> Actor:
        """The actor of a page that only somebody signed in can reach."""
        assert self.actor is not None
        return self.actor

    @property
    def chosen(self) -> str | None:
        """The language that this browser has chosen, None where it has not."""
        said = self.request.cookies.get(own_name(LANGUAGE, self.secure))
        return said if said in LANGUAGES else None

    def choose(self, response: Response, language: str) -> None:
        """Let this browser keep a language for a year."""
        response.set_cookie(
            own_name(LANGUAGE, self.secure),
            language,
            max_age=31_536_000,
            httponly=True,
            samesite="lax",
            secure=self.secure,
        )

    @property
    def lacks_factor(self) -> bool:
        """Whether the house demands a second factor that she has not set up."""
        demanded = self.app.config.settings.second_factor == "demanded" and not self.app.training
        if not demanded or self.visitor is None:
            return False
        return not accounts.protection(self.app, self.visitor).second_factor

    def t(self, de: str, en: str) -> str:
        """Return the words of her language."""
        return en if self.language == "en" else de

    def say(self, text: Text) -> str:
        """Return a bilingual text in her language."""
        return text.in_(self.language)

    def file(self, number: str) -> File:
        """Return the file of a case that she may see; Hidden otherwise."""
        try:
            file = file_of(self.app, number)
        except NotFound:
            raise Hidden from None
        self.must_see(file.case)
        return file

    def opened(self, number: str, action: Action = Action.CASE_READ) -> File:
        """Return the file of a case that an office or a grant opens to her; Hidden otherwise.

        What is shown of it to somebody by a grant has to be entered first: `looked`.
        """
        try:
            file = file_of(self.app, number)
        except NotFound:
            raise Hidden from None
        if authorize(self.actor, action, file.case) is not Decision.ALLOWED:
            raise Hidden
        return file

    def by_grant(self, case: Case) -> bool:
        """Return whether a grant alone opens a case to her."""
        return not sees(self.acting, case)

    def looked(self, case: Case, what: str, **about: str) -> None:
        """Enter that she looks at a case by a grant; Hidden where it has ended meanwhile.

        Whom an office shows the case leaves no such entry.
        """
        if self.by_grant(case) and not accounts.look(self.app, self.me, case, what, **about):
            raise Hidden

    def must_see(self, case: Case) -> None:
        """Refuse, as if there were nothing, a case that she may not see."""
        if self.actor is None or not sees(self.actor, case):
            raise Hidden

    def render(self, template: str, code: int = 200, /, **context: Any) -> HTMLResponse:
        """Return a page; a message left by the request before is shown once."""
        message = _message(self.request.cookies.get(own_name(MESSAGE, self.secure)))
        page = _pages().get_template(template)
        response = HTMLResponse(page.render({**self._shared(message), **context}), code)
        if message is not None:
            name = own_name(MESSAGE, self.secure)
            response.delete_cookie(name, secure=self.secure, httponly=True, samesite="lax")
        return response

    def back(self, path: str, message: Text | None = None) -> RedirectResponse:
        """Lead to a page after something was done, with words about what came of it."""
        response = RedirectResponse(path, 303)
        if message is not None:
            plain = orjson.dumps([message.de, message.en])
            response.set_cookie(
                own_name(MESSAGE, self.secure),
                base64.urlsafe_b64encode(plain).decode(),
                max_age=120,
                httponly=True,
                samesite="lax",
                secure=self.secure,
            )
        return response

    def _session_end(self) -> Text | None:
        """Return when the session ends, in plain words (WCAG 2.2, 2.2.1)."""
        if self.visitor is None:
            return None
        idle, last = self.app.clock.now() + IDLE, self.visitor.ends_at
        if last is not None and last <= idle:
            at = f"{last.astimezone(BERLIN):%H:%M}"
            return Text(
                f"Ihre Sitzung endet um {at} Uhr, auch wenn Sie weiterarbeiten. Speichern Sie "
                "vorher, und melden Sie sich dann neu an.",
                f"Your session ends at {at}, even if you go on working. Save before that and then "
                "sign in anew.",
            )
        at = f"{idle.astimezone(BERLIN):%H:%M}"
        return Text(
            f"Ihre Sitzung endet um {at} Uhr, wenn Sie bis dahin nichts tun. Jeder Klick und jedes "
            "Speichern verlängert sie; gespeicherte Entwürfe bleiben erhalten.",
            f"Your session ends at {at} if you do nothing until then. Every click and every saving "
            "extends it; drafts that are saved stay.",
        )

    def _shared(self, message: Text | None) -> Mapping[str, Any]:
        places = self.app.config.settings.municipalities
        house = house_words(self.app.config.settings.wording)
        return {
            "language": self.language,
            "csrf": lambda: _csrf_field(self.request.state.csrf),
            "visitor": self.visitor,
            "looking": () if self.visitor is None else looking(self.visitor),
            "session_end": self._session_end(),
            "actor": self.actor,
            "training": self.app.training,
            "demo": self.demo,
            "here": self.request.url.path,
            "message": message,
            "unscanned": uploads.warning(self.app),
            "navigation": navigation(self.actor, self.request.url.path),
            "municipality": places[0].name if places else "",
            "term": house.term,
            "house_labels": house.labels,
        }


@lru_cache(maxsize=1)
def _pages() -> Environment:
    return environment()


def _csrf_field(token: str) -> Markup:
    """Return the hidden field that proves that a form came from a page of this session."""
    return Markup('<input type="hidden" name="_csrf" value="{}">').format(token)


def guard(action: Action) -> Callable[[Request], None]:
    """Return the dependency that lets a request pass to its handler, or not."""
    needs = not RULES[action].everybody and action is not Action.OWN_ACCOUNT

    def check(request: Request) -> None:
        decision = authorize(desk_of(request).actor, action)
        if decision is Decision.SIGN_IN:
            raise SignInFirst
        if decision is Decision.HIDDEN:
            raise Hidden
        if needs and desk_of(request).lacks_factor:
            raise FactorFirst

    return check


def desk_of(request: Request) -> Desk:
    """Return the desk of a request, put together once."""
    found: Desk | None = getattr(request.state, "desk", None)
    if found is None:
        found = request.state.desk = _desk(request)
    return found


def _desk(request: Request) -> Desk:
    app: App = request.app.state.installation
    secure: bool = request.app.state.secure
    token = request.cookies.get(cookie_name(secure))
    visitor = None if not token else accounts.visitor(app, token)
    desk = Desk(request, app, visitor, None, "de", request.app.state.demo, secure)
    desk.language = _language(desk)
    if visitor is not None:
        world = desk.world
        admin = visitor.administrator
        desk.actor = actor(
            world.roster,
            visitor.person,
            world.today,
            administrator=admin,
            grants=frozenset(one for g in visitor.grants for one in g.opens),
        )
    return desk


def _language(desk: Desk) -> str:
    chosen = desk.chosen
    if chosen is not None:
        return chosen
    if desk.visitor is not None and desk.visitor.person in desk.world.roster.persons:
        return desk.world.roster.persons[desk.visitor.person].language
    return "de"


def _message(raw: str | None) -> Text | None:
    if not raw:
        return None
    try:
        de, en = orjson.loads(base64.urlsafe_b64decode(raw))
    except (ValueError, TypeError):
        return None
    return Text(str(de)[:2000], str(en)[:2000])


async def _form(request: Request) -> FormData:
    # Read where the event loop is; the handler itself runs in a thread.
    return await request.form(max_files=50, max_fields=2000)


Sent = Annotated[FormData, Depends(_form)]
"""What a form has sent."""

AtDesk = Annotated[Desk, Depends(desk_of)]
"""The desk of this request."""


def inside(path: str) -> str:
    """Return the path if it leads to a page of ours, else the first page."""
    plain = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if plain and path.isascii() and path.isprintable() else "/"


def told(error: EngineError, desk: Desk) -> str:
    """Return what an error says, in the visitor's language."""
    return desk.say(error.text)

"""Which passwords are too easy to guess: by length, by what everybody would try, by guesses.

No rules of composition and no expiry: they make passwords worse (NIST SP 800-63B, BSI ORP.4).
"""

from __future__ import annotations

import re
import unicodedata

from engine.app import App
from engine.errors import InputError

SHORTEST, LONGEST = 12, 200
SAFE = 3
"""The score of zxcvbn from 0 to 4 that is enough: more than 100 million guesses."""

_JUDGED = 72
"""How many characters zxcvbn looks at; it refuses longer texts, and so many are enough."""

FEWEST_SIGNS = 6
_PARTS = re.compile(r"[\s@._+-]+")
_EASY = (
    *(
        "passwort",
        "password",
        "kennwort",
        "geheim",
        "qwert",
        "asdf",
        "yxcv",
        "willkommen",
        "welcome",
    ),
    *("letmein", "iloveyou", "hallo", "rechtzeitig", "sommer", "winter", "fruehling", "herbst"),
    *("admin", "test", "demo", "1q2w3e", "abcdef", "monkey", "dragon", "master", "schatz"),
)


def refuse_weak(app: App, password: str, *known: str) -> None:
    """Raise InputError for a password that is too short, or made of what anybody could know.

    `known` are words about the person, such as her login and name.
    """
    if len(password) < SHORTEST:
        raise InputError(
            f"Das Kennwort braucht mindestens {SHORTEST} Zeichen. Gut sind vier oder mehr "
            "zufällige Wörter hintereinander.",
            f"The password needs at least {SHORTEST} characters. Four or more random words in "
            "a row are good.",
        )
    if len(password) > LONGEST:
        raise InputError(
            f"Das Kennwort darf höchstens {LONGEST} Zeichen haben.",
            f"The password may have {LONGEST} characters at most.",
        )
    words = (app.config.settings.administration, *known)
    if _guessable(password, words) or _soon_guessed(password, words):
        raise InputError(
            "Dieses Kennwort ist leicht zu erraten: Es besteht fast nur aus Ihrem Namen, dem "
            "Namen des Hauses, einer Reihe oder einem sehr häufigen Wort oder Kennwort. Wählen Sie "
            "ein anderes.",
            "This password is easy to guess: it is little more than your name, that of the "
            "house, a sequence or a very common word or password. Choose another.",
        )


def _guessable(password: str, words: tuple[str, ...]) -> bool:
    """Return whether too little is left once what everybody would try is taken away."""
    rest = _bare(re.sub(r"\d{2,}", "", password))
    parts = {_bare(part) for word in words for part in _PARTS.split(word)}
    for easy in sorted(parts | set(_EASY), key=len, reverse=True):
        if len(easy) > 3:
            rest = rest.replace(easy, "")
    rest = _without_runs(rest)
    return len(rest) < SHORTEST // 2 or len(set(rest)) < FEWEST_SIGNS - 1


def _soon_guessed(password: str, words: tuple[str, ...]) -> bool:
    """Return whether lists of passwords, names and keyboard walks lead to it in few guesses."""
    # Its lists are 12 MB that only a process needs in which somebody chooses a password.
    from zxcvbn import zxcvbn

    known = [part for word in words for part in _PARTS.split(word) if part]
    score: int = zxcvbn(password[:_JUDGED], user_inputs=known)["score"]
    return score < SAFE


def _without_runs(text: str) -> str:
    """Return a text without characters that repeat or follow the one before (12345, aaaa)."""
    kept = ""
    for before, sign in zip(" " + text, text, strict=False):
        if abs(ord(sign) - ord(before)) > 1:
            kept += sign
    return kept


def _bare(text: str) -> str:
    said = unicodedata.normalize("NFKC", text).casefold()
    for sign, letter in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("@", "a"), ("0", "o"), ("$", "s")):
        said = said.replace(sign, letter)
    return said

"""Turn the facts of a notice into the words of a letter.

Each letter is one file per language, `templates/<language>/<letter>/letter.txt`: its first
line is the subject, after a blank line follow paragraphs. `_words.txt` holds what all
letters of a language share, `_layout.txt` and `_layout.html` the form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from jinja2 import BaseLoader, FileSystemLoader, StrictUndefined, Template, TemplateNotFound, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from notifications.blocks import BREAK, as_html, as_paragraph, as_row, as_text, blocks, tame
from notifications.message import header_text

TEMPLATES = Path(__file__).parent / "templates"
LANGUAGES = ("de", "en")
SUBJECT = {"de": "Betreff: ", "en": "Subject: "}

# A protected case tells reference and date by mail, and nothing of what it is about.
KEPT_BACK: Mapping[str, object] = {
    **dict.fromkeys(("lead", "about", "session", "next", "result", "reason", "statement")),
    **dict.fromkeys(("norms", "missing", "ladder", "points"), ()),
}


_WHOLE = ("statement", "items")
"""What a letter must carry as it is: no first paragraph of it could stand for the rest."""


class UnknownLetter(LookupError):
    """A letter or a language for which there are no words."""


class BadTemplate(ValueError):
    """A letter file that does not begin with its subject."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A letter in words; `title` and `sentence` stand for it in digests and lists.

    `sentence` is its first paragraph. A letter that `quotes` carries the wording of a
    statement or a list, which no digest may swallow.
    `template_digest` is the SHA-256 of the files that made it, in hexadecimal digits:
    with it the log can show which words were in use.
    """

    subject: str
    text: str
    html: str
    template_digest: str
    title: str
    sentence: str
    quotes: bool


def letters() -> frozenset[str]:
    """Return the ids of all letters the product ships."""
    return frozenset(path.parent.name for path in TEMPLATES.glob("de/*/letter.txt"))


class Renderer:
    """Renders letters; files of the same name below `extra_folder` come before the shipped ones."""

    def __init__(self, extra_folder: Path | None = None) -> None:
        folders = [folder for folder in (extra_folder, TEMPLATES) if folder is not None]
        self._loader = FileSystemLoader(folders)
        self._plain = _environment(self._loader, html=False)
        self._html = _environment(self._loader, html=True)

    def render(self, letter: str, language: str, facts: Mapping[str, object]) -> Rendered:
        """Return the letter in words.

        Raises `UnknownLetter`, or `jinja2.UndefinedError` when a fact is missing: a fact
        may be None or empty, but it must be there.
        """
        files = (f"{language}/{letter}/letter.txt", f"{language}/_words.txt")
        template = self._letter(files[0], letter, language)
        told = _told(facts)
        words = self._plain.get_template(files[1]).make_module(told)
        subject, body = _split(template.render(told, words=words), language, letter)
        frame = {**told, "language": language, "blocks": blocks(body)}
        frame["subject"] = header_text(f"{words.subject_mark}{subject}")  # type: ignore[attr-defined]
        return Rendered(
            subject=str(frame["subject"]),
            text=_without_gaps(self._plain.get_template("_layout.txt").render(frame, words=words)),
            html=self._html.get_template("_layout.html").render(frame, words=words),
            template_digest=self._digest(*files, "_layout.txt", "_layout.html"),
            title=subject,
            sentence=" ".join(blocks(body)[0].lines).replace(BREAK, " "),
            quotes=any(told[of] and of in self._asks_for(files[0]) for of in _WHOLE),
        )

    def _letter(self, file: str, letter: str, language: str) -> Template:
        known = language in LANGUAGES and not letter.startswith("_")
        try:
            if known:
                return self._plain.get_template(file)
        except TemplateNotFound:
            pass
        raise UnknownLetter(f"no letter {letter!r} in language {language!r}")

    def _asks_for(self, file: str) -> set[str]:
        source = self._loader.get_source(self._plain, file)[0]
        return meta.find_undeclared_variables(self._plain.parse(source))

    def _digest(self, *files: str) -> str:
        digest = sha256()
        for file in files:
            source = self._loader.get_source(self._plain, file)[0].encode("utf-8")
            digest.update(f"{file} {len(source)}\n".encode() + source)
        return digest.hexdigest()


def _environment(loader: BaseLoader, *, html: bool) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=loader,
        autoescape=html,
        undefined=StrictUndefined,
        # In a letter the line of a tag stays as a blank one: it can only part paragraphs, while
        # a trimmed one would join the sentence before a closing tag with the next paragraph.
        trim_blocks=html,
        lstrip_blocks=True,
        finalize=lambda value: "" if value is None else value,
    )
    environment.filters.update(text=as_text, fold=as_paragraph, row=as_row, breaks=as_html)
    return environment


def _told(facts: Mapping[str, object]) -> dict[str, object]:
    """Return the facts a letter may tell, and `matter`, the case as it is named in letters."""
    told = {key: tame(value) for key, value in facts.items()}
    title, reference = told.get("title"), told.get("reference")
    protected = bool(reference) and not title
    told |= KEPT_BACK if protected else {}
    told["matter"] = f"{title} ({reference})" if title and reference else title or reference or ""
    return {**told, "protected": protected, "br": BREAK}


def _split(source: str, language: str, letter: str) -> tuple[str, str]:
    first, _, body = source.partition("\n")
    if not first.startswith(SUBJECT[language]) or not body.strip():
        raise BadTemplate(
            f"{language}/{letter}/letter.txt must begin with {SUBJECT[language]!r} "
            "and go on, after a blank line, with at least one paragraph"
        )
    # Without a case to name, the colon before its name would be left over.
    return first.removeprefix(SUBJECT[language]).rstrip(": "), body


def _without_gaps(text: str) -> str:
    """Return `text` with one blank line between blocks, whatever a layout left out."""
    parts = (part.strip("\n") for part in text.split("\n\n"))
    return "\n\n".join(part for part in parts if part) + "\n"

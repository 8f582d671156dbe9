"""From what a flow shows to what Telegram is sent: the words of a language, put into HTML and buttons.

A window is a file of ``templates/<language>/``; its blocks are ``body``, ``button_<id>``, ``error_<key>``,
``notice_<key>`` and ``toast_<key>``. What a window does not have it takes from ``common.j2``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.runtime import Context

from bot.callbacks import encode, encode_link
from bot.wording import Wording
from flows.effects import Button, Show
from flows.ports import Words

MESSAGE = 4096  # Bot API: characters of a message after its entities are parsed; counted in UTF-16 units to be safe
CAPTION = 1024
TOAST = 200
LABEL = 64
SHORTEST = 40  # a line is not cut below this while there are longer ones

_TOKEN = re.compile(r"(<[^>]*>)|(&[^;\s]+;|.)", re.DOTALL)
Blocks = dict[str, list[Callable[[Context], Iterator[str]]]]


@dataclass(frozen=True, slots=True)
class Screen:
    """What delivery sends. ``captcha`` holds the digits of the picture above the text, or nothing."""

    text: str
    keyboard: list[list[dict[str, str]]]
    captcha: str
    reply_keyboard: dict[str, object] | None


class Windows:
    """All templates of all languages, compiled when this is made."""

    def __init__(self, folder: Path, *, support: str = "") -> None:
        """``support``: telephone and hours as shown to people, one text or one a language (``中文 | English``).

        Raises jinja2.TemplateError.
        """
        self.username = ""
        """The bot's own, for links to it; known once Telegram has been asked."""
        found = sorted(path.parent for path in folder.glob("*/common.j2"))
        self._languages = {path.name: _Language(path, _of_language(support, path.name), self.link_to) for path in found}
        self.languages = tuple(self._languages)

    def link_to(self, payload: str) -> str:
        """A deep link into the bot."""
        return f"https://t.me/{self.username}?start={payload}"

    def words(self, language: str) -> Words:
        return self._languages[language]

    def wording(self, language: str) -> Wording:
        """How the language writes dates, money and answers, for what is no window."""
        return self._languages[language].wording

    def show(self, show: Show, language: str, revision: int) -> Screen:
        """The screen of a window. Raises LookupError and jinja2.UndefinedError for templates that lack something."""
        speaks = self._languages[language]
        render = speaks.render
        above = []
        if show.error is not None:
            above.append("⚠️ " + _tidy(render(show.window, f"error_{show.error[0]}", show.error[1])))
        if show.notice is not None:
            above.append(_tidy(render(show.window, f"notice_{show.notice[0]}", show.notice[1])))
        body = _tidy(render(show.window, "body", show.values))
        text = "\n\n".join([*above, body])
        return Screen(
            _fit(text, CAPTION if show.captcha else MESSAGE),
            [[_drawn(speaks, show, button, revision) for button in row] for row in show.rows],
            show.captcha,
            speaks.reply_keyboard() if show.ask_contact else None,
        )

    def toast(self, key: str, values: Mapping[str, object], language: str) -> str:
        return _cut(self.text("common", f"toast_{key}", values, language), TOAST)

    def say(self, key: str, values: Mapping[str, object], language: str) -> str:
        """HTML of a message beside the screen."""
        return _fit(_tidy(self._languages[language].render("common", f"say_{key}", values)), MESSAGE)

    def links(self, links: Iterable[tuple[str, str]], language: str) -> list[list[dict[str, str]]]:
        """Buttons below a message beside the screen, a row each: common button, payload of the deep link it follows."""
        speaks = self._languages[language]
        return [[{"text": speaks.button(button), "callback_data": encode_link(payload)}] for button, payload in links]

    def text(self, window: str, block: str, values: Mapping[str, object], language: str) -> str:
        """Any block as plain text."""
        return unescape(_tidy(self._languages[language].render(window, block, values)))

    def commands(self, language: str, *, staff: bool = False) -> list[dict[str, str]]:
        """For setMyCommands, in the order of the template; those of staff come last."""
        kinds = ("command_", "staff_") if staff else ("command_",)
        blocks = list(self._languages[language].own_blocks("menu"))
        return [
            {"command": block.removeprefix(kind), "description": self.text("menu", block, {}, language)}
            for kind in kinds
            for block in blocks
            if block.startswith(kind)
        ]


class _Language:
    """One language: its compiled windows, and what it calls buttons and options."""

    def __init__(self, folder: Path, support: str, link_to: Callable[[str], str]) -> None:
        self._folder = folder
        self._environment = Environment(
            loader=FileSystemLoader(folder),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        # The two files that the others are made with know none of the filters yet.
        self._own: dict[str, Blocks] = {}
        self._globals: dict[str, object] = {"support": support, "language": folder.name, "link_to": link_to}
        self._windows: dict[str, Blocks] = {}
        questions = self._load("questions")
        formats = self._load("formats")
        self.wording = Wording(
            {block: self.render("formats", block, {}).strip() for block in formats},
            {block: unescape(self.render("questions", block, {})) for block in questions},
        )
        self._environment.filters.update(self.wording.filters)
        self._globals.update(self._environment.globals, **self.wording.functions)
        common = self._load("common")
        for path in sorted(folder.rglob("*.j2")):
            window = path.relative_to(folder).with_suffix("").as_posix()
            if window not in {"questions", "formats", "common"}:
                self._windows[window] = {**common, **self._load(window)}

    def _load(self, window: str) -> Blocks:
        template = self._environment.get_template(f"{window}.j2")
        blocks: Blocks = {name: [block] for name, block in template.blocks.items()}
        self._own[window] = self._windows[window] = blocks
        return blocks

    def own_blocks(self, window: str) -> Iterable[str]:
        return self._own[window]

    def render(self, window: str, block: str, values: Mapping[str, object]) -> str:
        """One block alone: a window's own, else the common one. In it, ``self.other()`` is another block."""
        blocks = self._windows.get(window)
        if blocks is None or block not in blocks:
            raise LookupError(f"{self._folder.name}/{window}.j2 has no block {block}, nor has common.j2")
        # What a whole render comes down to, without what it would do anew each time: wrapping every block there is.
        context = Context(self._environment, {**self._globals, **values}, window, {})
        context.blocks = blocks
        return "".join(blocks[block][0](context))

    def label(self, window: str, button: str, values: Mapping[str, object]) -> str:
        """The words on a button: plain text on one line, never empty."""
        words = " ".join(unescape(self.render(window, f"button_{button}", values)).split())
        return _cut(words, LABEL) or "—"

    def options(self, question: str) -> Mapping[str, str]:
        return self.wording.questions[question].options

    def button(self, button: str) -> str:
        return self.label("common", button, {})

    def reply_keyboard(self) -> dict[str, object]:
        share = {"text": self.button("share_phone"), "request_contact": True, "style": "primary"}
        return {
            "keyboard": [[share], [{"text": self.button("back")}]],
            "resize_keyboard": True,
            "one_time_keyboard": False,
            "input_field_placeholder": self.button("phone_placeholder"),
        }


def _of_language(support: str, language: str) -> str:
    chinese, _, english = (part.strip() for part in support.partition("|"))
    return english if language == "en" and english else chinese


def _drawn(speaks: _Language, show: Show, button: Button, revision: int) -> dict[str, str]:
    """A button's block sees the window's values, its own, and its argument."""
    values = {**show.values, **button.values, "argument": button.argument}
    drawn = {
        "text": speaks.label(show.window, button.id, values),
        "callback_data": encode(revision, button.id, button.argument),
    }
    if button.style is not None:
        drawn["style"] = button.style.value
    return drawn


def _tidy(text: str) -> str:
    """Without the spaces that the layout of a template leaves: at most one blank line, none at the ends."""
    lines = "\n".join(line.strip(" \t") for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n")


def _length(text: str) -> int:
    """In UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _visible(html: str) -> int:
    return sum(_length(unescape(character)) for _, character in _TOKEN.findall(html))


def _shortened(html: str, limit: int) -> str:
    """Only ``limit`` visible units of it, the last one an ellipsis; all tags stay, so that it stays well-formed."""
    kept, room = [], limit - 1
    for tag, character in _TOKEN.findall(html):
        if tag:
            kept.append(tag)
        elif room >= 0:
            size = _length(unescape(character))
            kept.append(character if room >= size else "…")
            room = room - size if room >= size else -1
    return "".join(kept)


def _fit(html: str, limit: int) -> str:
    """What fits into a message: the longest lines give way first, so that what stands below them is still there."""
    if _length(html) <= limit or (excess := _visible(html) - limit) <= 0:
        return html
    lines = html.split("\n")
    sizes = [_visible(line) for line in lines]
    while excess > 0 and max(sizes) > SHORTEST:
        longest = max(range(len(lines)), key=sizes.__getitem__)
        size = max(SHORTEST, sizes[longest] - excess)
        lines[longest] = _shortened(lines[longest], size)
        excess -= sizes[longest] - size
        sizes[longest] = size
    return "\n".join(lines) if excess <= 0 else _shortened("\n".join(lines), limit)

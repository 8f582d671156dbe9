"""Text as Telegram reads it: HTML to plain text and entities, and what is recognised in plain text by itself.

Offsets and lengths of entities count UTF-16 code units (Bot API, MessageEntity).
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any

from bot.rehearsal.errors import Refusal, bad_request

Entity = dict[str, Any]

_SIMPLE = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
}
_OTHERS = frozenset({"a", "span", "blockquote", "tg-emoji", "tg-time"})
_TIME_FORMAT = re.compile(r"r|w?[dD]?[tT]?")
_TAG_NAME = re.compile(r"[^\s>/]*")
_ATTRIBUTE = re.compile(r"""\s*([^\s=>/]+)\s*(?:=\s*("[^"]*"|'[^']*'|[A-Za-z0-9.\-]+))?""")
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|lt|gt|amp|quot);")
_QUOTE = re.compile("[\"']")
_CONTROL = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f]")
_DIRTY = re.compile("[\x00-\x09\x0b-\x1f\ud800-\udfff]")
_RECOGNISED = re.compile(
    r"(?P<url>https?://[^\s<>\"'，。；！？、（）「」]+[^\s<>\"'，。；！？、（）「」.,;:!?)]|(?<![\w./@-])t\.me/[\w?=&/-]+)"
    r"|(?P<email>(?<![\w.+-])[A-Za-z0-9.+_-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)"
    r"|(?P<bot_command>(?<![\w/<>@])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/]))"
    r"|(?P<mention>(?<![\w@])@[A-Za-z][A-Za-z0-9_]{3,31}\b)"
)
_OPAQUE = frozenset({"code", "pre", "text_link", "text_mention"})


@dataclass(slots=True)
class _Open:
    tag: str
    type: str
    start: int
    extra: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where something stands, counted in bytes of UTF-8, which only an error asks for."""

    source: str
    position: int

    def __str__(self) -> str:
        return str(len(self.source[: self.position].encode("utf-8", "surrogatepass")))


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def read_html(source: str) -> tuple[str, list[Entity]]:
    """Plain text and entities of Telegram's HTML.

    Refusal (400 "can't parse entities: …") where the real server gives it: unknown tags, wrong nesting, tags left open.
    """
    pieces: list[str] = []
    entities: list[Entity] = []
    stack: list[_Open] = []
    position = units = 0
    while position < len(source):
        bracket = source.find("<", position)
        literal = source[position:] if bracket < 0 else source[position:bracket]
        if literal:
            literal = _REFERENCE.sub(lambda found: html.unescape(found[0]), literal) if "&" in literal else literal
            literal = clean(literal)
            pieces.append(literal)
            units += utf16_length(literal)
        if bracket < 0:
            break
        place = _Place(source, bracket)
        if source.startswith("</", bracket):
            end = _end_of_tag(source, bracket)
            _close(source[bracket + 2 : end].strip().lower(), stack, entities, units, place)
        else:
            tag = _known_tag(source, bracket, place)
            end = _end_of_tag(source, bracket)
            kind, extra = _meaning(tag, source[bracket + 1 + len(tag) : end], place)
            stack.append(_Open(tag, kind, units, extra))
        position = end + 1
    if stack:
        raise _unreadable(f'Can\'t find end tag corresponding to start tag "{stack[-1].tag}"')
    text = "".join(pieces)
    entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    return text, (_merged_code(entities) if "<code " in source else entities)


def finish(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Text as it is stored: blank ends cut off, entities kept within it, links and commands recognised."""
    kept = text.rstrip()
    end = utf16_length(kept)
    cut = utf16_length(kept) - utf16_length(kept.lstrip())
    kept = kept.lstrip()
    if entities and (cut or end < utf16_length(text)):
        trimmed: list[Entity] = []
        for entity in entities:
            start = max(entity["offset"], cut)
            stop = min(entity["offset"] + entity["length"], end)
            if stop > start:
                trimmed.append({**entity, "offset": start - cut, "length": stop - start})
        entities = trimmed
    return kept, with_recognised(kept, entities)


def with_recognised(text: str, entities: list[Entity]) -> list[Entity]:
    """Entities with the links, addresses, commands and mentions that Telegram finds by itself."""
    if "/" not in text and "@" not in text:
        return entities
    found: list[Entity] = []
    for match in _RECOGNISED.finditer(text):
        offset, length = utf16_length(text[: match.start()]), utf16_length(match[0])
        if not any(_overlap(other, offset, length) for other in entities if other["type"] in _OPAQUE):
            found.append({"type": match.lastgroup, "offset": offset, "length": length})
    if not found:
        return entities
    return sorted([*entities, *found], key=lambda entity: (entity["offset"], -entity["length"]))


def clean(text: str) -> str:
    """Text without what Telegram takes out: carriage returns, control characters (made blanks), lone surrogates."""
    if not _DIRTY.search(text):
        return text
    text = _CONTROL.sub(" ", text.replace("\r", ""))
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")


def _overlap(entity: Entity, offset: int, length: int) -> bool:
    return bool(entity["offset"] < offset + length and offset < entity["offset"] + entity["length"])


def _unreadable(sentence: str) -> Refusal:
    return bad_request(f"can't parse entities: {sentence}")


def _end_of_tag(source: str, start: int) -> int:
    """Where the tag's `>` stands; quoted attribute values may contain one."""
    first = source.find(">", start)
    if first >= 0 and not _QUOTE.search(source, start, first):
        return first
    quote = ""
    for position in range(start + 1, len(source)):
        character = source[position]
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character == ">":
            return position
    kind = "end" if source.startswith("</", start) else "start"
    raise _unreadable(f"Unclosed {kind} tag at byte offset {_Place(source, start)}")


def _known_tag(source: str, bracket: int, place: _Place) -> str:
    matched = _TAG_NAME.match(source, bracket + 1)
    tag = matched[0].lower() if matched else ""
    if tag not in _SIMPLE and tag not in _OTHERS:
        raise _unreadable(f'Unsupported start tag "{tag}" at byte offset {place}')
    return tag


def _attributes(tag: str, rest: str, place: _Place) -> dict[str, str]:
    attributes: dict[str, str] = {}
    rest = rest.rstrip()
    position = 0
    while position < len(rest):
        found = _ATTRIBUTE.match(rest, position)
        if not found:
            raise _unreadable(f'Empty attribute name in the tag "{tag}" at byte offset {place}')
        attributes[found[1].lower()] = html.unescape((found[2] or "").strip("\"'"))
        position = found.end()
    return attributes


def _meaning(tag: str, rest: str, place: _Place) -> tuple[str, dict[str, Any]]:
    """Type and further fields of the entity that a start tag opens; an empty type opens none."""
    attributes = _attributes(tag, rest, place) if rest else {}
    if tag == "a":
        return ("text_link", {"url": attributes["href"]}) if attributes.get("href") else ("", {})
    if tag == "span":
        if attributes.get("class") != "tg-spoiler":
            raise _unreadable(f'Tag "span" must have class "tg-spoiler" at byte offset {place}')
        return "spoiler", {}
    if tag == "blockquote":
        return ("expandable_blockquote" if "expandable" in attributes else "blockquote"), {}
    if tag == "tg-emoji":
        if not attributes.get("emoji-id", "").isdecimal():
            raise _unreadable("Invalid custom emoji identifier specified")
        return "custom_emoji", {"custom_emoji_id": attributes["emoji-id"]}
    if tag == "tg-time":
        if not attributes.get("unix", "").isdecimal():
            raise _unreadable("Invalid Unix time specified")
        form = attributes.get("format", "")
        if not _TIME_FORMAT.fullmatch(form):
            raise _unreadable("Invalid date-time format specified")
        return "date_time", {"unix_time": int(attributes["unix"]), **({"date_time_format": form} if form else {})}
    language = attributes.get("class", "") if tag == "code" else ""
    return _SIMPLE[tag], ({"language": language[9:]} if language.startswith("language-") else {})


def _close(name: str, stack: list[_Open], entities: list[Entity], units: int, place: _Place) -> None:
    if not stack:
        raise _unreadable(f"Unexpected end tag at byte offset {place}")
    opened = stack.pop()
    if name and name != opened.tag:
        raise _unreadable(f'Unmatched end tag at byte offset {place}, expected "</{opened.tag}>", found "</{name}>"')
    if opened.type and units > opened.start:
        entities.append({"type": opened.type, "offset": opened.start, "length": units - opened.start, **opened.extra})


def _merged_code(entities: list[Entity]) -> list[Entity]:
    """A `code` with a language counts only right inside a `pre`, which takes the language over."""
    blocks = {_span(entity) for entity in entities if entity["type"] == "pre"}
    languages = {_span(entity): entity["language"] for entity in entities if "language" in entity}
    kept: list[Entity] = []
    for entity in entities:
        span = _span(entity)
        if entity["type"] == "code" and span in blocks:
            continue
        entity.pop("language", None)
        kept.append({**entity, "language": languages[span]} if span in blocks and span in languages else entity)
    return kept


def _span(entity: Entity) -> tuple[int, int]:
    return entity["offset"], entity["length"]

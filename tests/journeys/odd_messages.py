"""Every kind of message that Telegram lets people send and that answers nothing here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.rehearsal.state import Json
from tests.journeys.papers import PDF, photo
from tests.journeys.walking import Walker

PICTURE = photo(77)


@dataclass(frozen=True)
class Odd:
    """``kind``: what it is to the bot: text, contact, file, edited, command or other."""

    name: str
    kind: str
    send: Callable[[Walker], Awaitable[object]]


def _file(**more: object) -> Json:
    return {"file_id": "odd", "file_unique_id": "odd", **more}


def _raw(name: str, **fields: object) -> Odd:
    return Odd(name, "other", lambda walker: walker.player.sends_raw(dict(fields)))


def _text(name: str, text: str) -> Odd:
    return Odd(name, "text", lambda walker: walker.player.sends(text))


async def _edit(walker: Walker) -> None:
    """Of whatever they wrote last: it may be gone on the bot's side, not on theirs."""
    written = [message for message in walker.player.chat if not message["from"]["is_bot"] and "text" in message]
    message = written[-1] if written else {"message_id": 1, "date": 1}
    walker.house.telegram.inject(
        {
            "edited_message": {
                **message,
                "from": walker.player.person.user(),
                "chat": walker.player.person.chat(),
                "text": "我改一下",
                "edit_date": 2,
            }
        }
    )


_LIST = [{"text": "甲", "voter_count": 0, "persistent_id": "0"}, {"text": "乙", "voter_count": 0, "persistent_id": "1"}]

# What is wrong as an answer to any question.
ALWAYS_WRONG = (
    _text("4,096 characters", "长" * 4096),
    _text("nothing but invisible characters", "\u200b\u202e\u2066\u00ad"),
)
# What may be an answer to an open question, and never to a button.
PERHAPS_AN_ANSWER = (
    _text("HTML", "<b>&</b><script>alert(1)</script>"),
    _text("template code", "{{ 7*7 }}{% if %}{{ self.body() }}"),
    _text("a right-to-left override", "\u202e王芳\u202c"),
    _text("a link", "https://example.com/?a=1&b=2"),
)
KINDS = (
    _raw("a sticker", sticker=_file(type="regular", width=512, height=512, is_animated=False, is_video=False)),
    _raw("a voice message", voice=_file(duration=3, mime_type="audio/ogg")),
    _raw("a video", video=_file(width=640, height=480, duration=4), caption="王芳"),
    _raw("a round video", video_note=_file(length=240, duration=4)),
    _raw("music", audio=_file(duration=180, title="茉莉花")),
    _raw("an animation", animation=_file(width=320, height=240, duration=2), document=_file(file_name="a.mp4")),
    _raw("a place", location={"latitude": 39.9, "longitude": 116.4}),
    _raw("a venue", venue={"location": {"latitude": 39.9, "longitude": 116.4}, "title": "家", "address": "路"}),
    _raw("a dice", dice={"emoji": "🎲", "value": 6}),
    _raw(
        "a poll",
        poll={
            "id": "1",
            "question": "？",
            "options": _LIST,
            "total_voter_count": 0,
            "is_closed": False,
            "is_anonymous": True,
            "type": "regular",
            "allows_multiple_answers": False,
            "allows_revoting": True,
            "members_only": False,
        },
    ),
    _raw("something newer than this program", hologram={"depth": 3}),
)
CONTACTS = (
    Odd("another's contact", "contact", lambda walker: walker.player.shares_contact(phone="8613900139000", user_id=7)),
    Odd("a contact without Telegram", "contact", lambda walker: walker.player.shares_contact(user_id=None)),
    Odd("their own contact, forwarded", "contact", lambda walker: walker.player.shares_contact(forwarded=True)),
)
EDITED = (Odd("an edited message", "edited", _edit),)
COMMANDS = (
    Odd("an unknown command", "command", lambda walker: walker.player.sends("/nonsense 1 2 3")),
    Odd("a command to another bot", "command", lambda walker: walker.player.sends("/stop@other_bot")),
)
FILES = (
    Odd("a photo", "file", lambda walker: walker.player.sends_photos(PICTURE, caption="110101199003072316")),
    Odd("a document", "file", lambda walker: walker.player.sends_document(PDF, "合同.pdf", "application/pdf")),
)

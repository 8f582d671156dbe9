"""From Telegram's update to an event of ours. Only private chats are talked to; texts are cleaned here, once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from telegram import CallbackQuery, Message, Update
from telegram.constants import ChatMemberStatus, ChatType

from bot import callbacks
from flows.engine.text import clean
from flows.events import Command, Contact, Edited, Event, File, Follow, Membership, Other, Press, Text

ALLOWED = ["message", "edited_message", "callback_query", "my_chat_member"]
LONGEST_TEXT = 4096  # Bot API: characters of a message
LARGEST_ID = 2**53  # Bot API: ids of chats have at most 52 significant bits

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@\w+)?(?:\s+(.*))?", re.DOTALL | re.ASCII)
_OF_A_SCREEN = ("message_id", "date", "chat")
_UNREAD = frozenset({"entities", "caption_entities", "reply_to_message", "external_reply", "quote", "reply_markup"})
_KINDS = (
    *("sticker", "voice", "video", "video_note", "audio", "animation", "location", "venue", "poll", "dice", "game"),
    *("story", "checklist", "invoice"),
)


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who did what. ``language`` is Telegram's code for the person's app, empty if it gave none."""

    chat_id: int
    event: Event
    language: str


def chat_of(update: dict[str, Any]) -> int:
    """The chat whose lane an update belongs to; 0 when there is none. Never raises, whatever was sent."""
    for kind in ALLOWED:
        part = update.get(kind)
        if isinstance(part, dict):
            break
    else:
        return 0
    place = part.get("from" if kind == "callback_query" else "chat")
    chat_id = place.get("id") if isinstance(place, dict) else None
    return chat_id if isinstance(chat_id, int) and abs(chat_id) < LARGEST_ID else 0


def translate(raw: dict[str, Any]) -> Envelope | None:
    """None for what is not ours to answer: groups, channels, other bots, kinds of update we never asked for."""
    update = Update.de_json(_needed(raw), None)
    if (query := update.callback_query) is not None:
        return _press(query)
    if (member := update.my_chat_member) is not None:
        if member.chat.type != ChatType.PRIVATE:
            return None
        blocked = member.new_chat_member.status == ChatMemberStatus.BANNED
        return Envelope(member.chat.id, Membership(blocked), member.from_user.language_code or "")
    message = update.message or update.edited_message
    if (
        message is None
        or message.chat.type != ChatType.PRIVATE
        or message.from_user is None
        or message.from_user.is_bot
    ):
        return None
    if update.edited_message and message.text is None and message.caption is None:
        return None  # a live location moves on, a reaction is counted: nobody has edited anything
    event = Edited(message.message_id) if update.edited_message else _message(message)
    if event is None:
        return None
    return Envelope(message.chat.id, event, message.from_user.language_code or "")


def _needed(raw: dict[str, Any]) -> dict[str, Any]:
    """Without what nobody looks at: the message below a button with its keyboard, messages replied to, entities.

    Making objects of all that was a tenth of a turn.
    """
    query = raw.get("callback_query")
    if isinstance(query, dict) and isinstance(message := query.get("message"), dict):
        return {**raw, "callback_query": {**query, "message": {key: message.get(key) for key in _OF_A_SCREEN}}}
    for kind in ("message", "edited_message"):
        message = raw.get(kind)
        if isinstance(message, dict):
            return {**raw, kind: {key: value for key, value in message.items() if key not in _UNREAD}}
    return raw


def _press(query: CallbackQuery) -> Envelope | None:
    message = query.message
    if query.from_user.is_bot or (message is not None and message.chat.id != query.from_user.id):
        return None
    message_id = message.message_id if message is not None else 0
    if (payload := callbacks.decode_link(query.data or "")) is not None:
        return Envelope(query.from_user.id, Follow(payload, message_id, query.id), query.from_user.language_code or "")
    parts = callbacks.decode(query.data or "")
    event = Press("", message_id=message_id, query_id=query.id)
    if parts is not None:
        revision, button, argument = parts
        event = Press(button, argument, revision, message_id, query.id)
    return Envelope(query.from_user.id, event, query.from_user.language_code or "")


def _message(message: Message) -> Event | None:
    number = message.message_id
    if (contact := message.contact) is not None:
        sender = message.from_user.id if message.from_user else 0
        own = contact.user_id == sender and message.forward_origin is None
        return Contact(clean(contact.phone_number), own, number)
    if message.photo:
        best = max(message.photo, key=lambda size: size.width * size.height)
        group = message.media_group_id or ""
        width, height = best.width, best.height
        unique = best.file_unique_id
        return File(best.file_id, unique, False, best.file_size or 0, "image/jpeg", width, height, group, number)
    if (document := message.document) is not None and message.animation is None:
        group, mime = message.media_group_id or "", document.mime_type or ""
        unique = document.file_unique_id
        return File(document.file_id, unique, True, document.file_size or 0, mime, group=group, message_id=number)
    if message.text is not None:
        text = clean(message.text)[:LONGEST_TEXT]
        if message.forward_origin is None and (command := _COMMAND.fullmatch(text)):
            return Command(command[1].lower(), (command[2] or "").strip(), number)
        return Text(text, number)
    kind = next((kind for kind in _KINDS if getattr(message, kind)), None)
    if kind is not None:
        return Other(kind, number)
    return None if _is_service(message) else Other("unknown", number)


def _is_service(message: Message) -> bool:
    """Notes that Telegram itself puts into a chat ("pinned a message", auto-delete set): nobody waits for an answer."""
    return bool(
        message.pinned_message
        or message.message_auto_delete_timer_changed
        or message.write_access_allowed
        or message.chat_background_set
        or message.successful_payment
        or message.users_shared
        or message.chat_shared
        or message.gift
        or message.boost_added
    )

"""Who is there and what they see: people, chats, messages, keyboards."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.rehearsal.errors import Refusal, bad_request
from bot.rehearsal.files import Files
from bot.rehearsal.limits import Bucket
from bot.rehearsal.profile import Profile
from bot.rehearsal.updates import Updates

Json = dict[str, Any]
_BURST = 20.0
_ANSWER_TIME = 3.0
"""Seconds after a person's action in which what the bot sends them is an answer, not bulk."""
PRESS_ANSWERED_WITHIN = 60.0
"""Seconds in which a press can be answered. Telegram publishes no number; 15 s is known to be safe."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a Telegram account; `phone` as in `+8613800138000` or without the `+`."""

    id: int
    first_name: str
    phone: str
    language_code: str
    role: str = ""
    last_name: str = ""
    username: str = ""

    def user(self) -> Json:
        """The Bot API's User."""
        return {"id": self.id, "is_bot": False, **self.names(), "language_code": self.language_code}

    def names(self) -> Json:
        """The names that User, Chat and Contact have in common, username included."""
        named = {"first_name": self.first_name, "last_name": self.last_name, "username": self.username}
        return {key: value for key, value in named.items() if value}

    def chat(self) -> Json:
        """The private chat with the bot: its id is the person's."""
        return {"id": self.id, **self.names(), "type": "private"}


@dataclass(slots=True)
class Press:
    """A button that was pressed and waits for answerCallbackQuery."""

    person_id: int
    message_id: int
    at: float
    answered: asyncio.Event
    text: str = ""
    alert: bool = False
    url: str | None = None


@dataclass(slots=True)
class Chat:
    """One chat as it looks now. Messages are never changed in place: an edit puts a new dict under the same id."""

    about: Json
    bucket: Bucket
    messages: dict[int, Json] = field(default_factory=dict)
    with_buttons: set[int] = field(default_factory=set)
    frozen: set[int] = field(default_factory=set)
    """Messages that were sent with a reply keyboard: they can never be edited."""
    fresh: dict[int, Json] = field(default_factory=dict)
    """The bot's messages that came or changed since the person's last action."""
    keyboard: Json | None = None
    keyboard_message: int = 0
    keyboard_hidden: bool = False
    started: bool = False
    blocked: bool = False
    deactivated: bool = False
    acted_at: float = -1e9
    menu_button: Json | None = None
    pinned: list[int] = field(default_factory=list)
    reactions: dict[int, list[Json]] = field(default_factory=dict)
    unread: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """Wakes those who wait for something to happen here."""
        self.changed.set()
        self.changed.clear()


def _nobody_listens(_event: Json) -> None:
    """Nobody watches."""


class World:
    """All of it, and the few ways it changes. `listen` is called with what the page is told, as it happens."""

    def __init__(
        self, bot: Json, *, limits: bool = True, overall: float | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self.bot = bot
        self.clock = clock
        self.limits = limits
        self.people: dict[int, Person] = {}
        self.chats: dict[int, Chat] = {}
        self.files = Files()
        self.profile = Profile(bot["first_name"])
        self.presses: dict[str, Press] = {}
        # Numbers go on where an earlier run of this server left off, as far as the clock can tell: a bot that kept its
        # data must not take a new message or update for one that it knows.
        began = int(clock() - 1_600_000_000)
        self._message_ids = itertools.count(began % 2**30 + 1)
        self._numbers = itertools.count(began * 1_000_003)
        self.updates = Updates(clock, (began * 4) % 2**31 + 1, strict=limits)
        self.overall = Bucket.full(overall, overall, clock()) if overall else None
        self.listen: Callable[[Json], None] = _nobody_listens

    def chat(self, chat_id: Any) -> Chat:
        """The chat the bot may write to; Refusal if there is none, the person blocked the bot or never started it."""
        chat = self.chats.get(_integer(chat_id))
        if chat is None:
            raise bad_request("chat not found")
        if chat.deactivated:
            raise Refusal(403, "Forbidden: user is deactivated")
        if chat.blocked:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        if not chat.started:
            raise Refusal(403, "Forbidden: bot can't initiate conversation with a user")
        return chat

    def add_chat(self, about: Json, *, started: bool = False) -> Chat:
        """The chat of that description, made if it is new."""
        chat = self.chats.get(about["id"])
        if chat is None:
            rate = 1.0 if about["type"] == "private" else 20 / 60
            chat = self.chats[about["id"]] = Chat(about, Bucket.full(_BURST, rate, self.clock()), started=started)
        return chat

    def spend(self, chat: Chat, *, bulk: bool = True) -> None:
        """Counts one call to this chat against the limits; Refusal 429 when it is too much. Edits are not `bulk`."""
        if not self.limits:
            return
        now = self.clock()
        chat.bucket.take(now)
        if bulk and self.overall is not None and now - chat.acted_at > _ANSWER_TIME:
            self.overall.take(now)

    def next_message_id(self) -> int:
        """Message ids count up for the bot as a whole."""
        return next(self._message_ids)

    def next_number(self) -> str:
        """An identifier for a press or an album."""
        return str(next(self._numbers))

    def show(self, chat: Chat, message: Json) -> Json:
        """Puts a message into the chat, new or in the place of its earlier self."""
        message_id: int = message["message_id"]
        chat.messages[message_id] = message
        if "reply_markup" in message:
            chat.with_buttons.add(message_id)
        else:
            chat.with_buttons.discard(message_id)
        if message.get("from", self.bot)["is_bot"]:
            chat.fresh[message_id] = message
            chat.unread += 1
            chat.wake()
        self.listen({"type": "message", "person": chat.about["id"], "message": message})
        return message

    def remove(self, chat: Chat, message_id: int) -> bool:
        """Takes a message out of the chat; False if it is not there."""
        if chat.messages.pop(message_id, None) is None:
            return False
        chat.with_buttons.discard(message_id)
        chat.fresh.pop(message_id, None)
        if chat.keyboard_message == message_id:
            self.set_keyboard(chat, None, 0)
        chat.wake()
        self.listen({"type": "deleted", "person": chat.about["id"], "message_id": message_id})
        return True

    def set_keyboard(self, chat: Chat, keyboard: Json | None, message_id: int) -> None:
        """Shows, replaces or (None) removes the reply keyboard."""
        if keyboard is None and chat.keyboard is None:
            return
        chat.keyboard, chat.keyboard_message, chat.keyboard_hidden = keyboard, message_id, False
        chat.wake()
        self.listen({"type": "keyboard", "person": chat.about["id"], "keyboard": keyboard})


def _integer(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise bad_request("chat not found") from None

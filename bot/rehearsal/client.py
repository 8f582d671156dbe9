"""One person's phone, for tests: what they do, what they see, and waiting for what is to come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import EllipsisType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bot.rehearsal import people
from bot.rehearsal.state import Chat, Json, Person, World

_LONGEST = 4096


class Player:
    """A person at their phone.

    Times are in seconds; what does not come in time is an AssertionError that shows the chat.
    """

    def __init__(self, world: World, person: Person) -> None:
        self._world = world
        self.person = person
        self.id = person.id

    # What they see

    @property
    def chat(self) -> list[Json]:
        """Every message as it looks now, both directions, oldest first."""
        return list(self._state.messages.values())

    @property
    def keyboard(self) -> Json | None:
        """The reply keyboard that is shown."""
        return self._state.keyboard

    @property
    def commands(self) -> list[dict[str, str]]:
        """The command menu as this person sees it."""
        return self._world.profile.commands_for(self.id, self.person.language_code)

    def screen(self) -> Json:
        """The newest message with inline buttons, else the bot's newest message; AssertionError if there is none."""
        chat = self._state
        if chat.with_buttons:
            return chat.messages[max(chat.with_buttons)]
        for message in reversed(chat.messages.values()):
            if message["from"]["is_bot"]:
                return message
        raise AssertionError(f"{self.person.first_name} sees nothing of the bot's")

    def buttons(self, message: Json | None = None) -> list[list[str]]:
        """The labels under a message, or under the screen; row by row."""
        rows = (message or self.screen()).get("reply_markup", {}).get("inline_keyboard", [])
        return [[button["text"] for button in row] for row in rows]

    def keys(self) -> list[list[str]]:
        """The labels of the reply keyboard; row by row."""
        return [[key["text"] for key in row] for row in (self._state.keyboard or {}).get("keyboard", [])]

    async def sees(self, text: str, *, timeout: float = 10) -> Json:  # noqa: ASYNC109
        """Waits for a message of the bot's with that text (or caption), sent or edited since the last action."""
        return await self.sees_where(lambda message: text in plain(message), f"“{text}”", timeout=timeout)

    async def sees_document(self, name: str = "", *, timeout: float = 10) -> Json:  # noqa: ASYNC109
        """Waits for a document whose file name contains `name`."""

        def is_it(message: Json) -> bool:
            return "document" in message and name in message["document"]["file_name"]

        return await self.sees_where(is_it, f"a document {name}", timeout=timeout)

    async def sees_where(self, wanted: Callable[[Json], bool], what: str, *, timeout: float = 10) -> Json:  # noqa: ASYNC109
        """Waits for any message of the bot's that is `wanted`, sent or edited since the last action."""
        chat = self._state

        def newest() -> Json | None:
            return next((message for message in reversed(chat.fresh.values()) if wanted(message)), None)

        try:
            async with asyncio.timeout(timeout):
                while (found := newest()) is None:
                    await chat.changed.wait()
        except TimeoutError:
            raise AssertionError(
                f"{self.person.first_name} does not see {what} within {timeout} s. Visible:\n{self.describe()}"
            ) from None
        return found

    async def sees_change(self, until: Callable[[], bool], what: str, *, timeout: float = 10) -> None:  # noqa: ASYNC109
        """Waits until something else is so: a message deleted, the keyboard gone; asked at every change of the chat."""
        try:
            async with asyncio.timeout(timeout):
                while not until():
                    await self._state.changed.wait()
        except TimeoutError:
            raise AssertionError(f"not so within {timeout} s: {what}. Visible:\n{self.describe()}") from None

    async def settles(self, *, quiet: float = 0.2, timeout: float = 10) -> None:  # noqa: ASYNC109
        """Waits until the bot has taken every update, and then left this chat alone for `quiet` seconds."""
        try:
            async with asyncio.timeout(timeout):
                while not await self._stays_quiet(quiet):
                    while len(self._world.updates):
                        await self._world.updates.confirmed.wait()
        except TimeoutError:
            raise AssertionError(f"the bot does not come to rest within {timeout} s:\n{self.describe()}") from None

    def describe(self, last: int = 8) -> str:
        """The newest messages with their buttons, as lines to read."""
        lines = []
        for message in self.chat[-last:]:
            who = "bot" if message["from"]["is_bot"] else self.person.first_name
            kind = next((key for key in ("photo", "document", "venue", "contact") if key in message), "")
            buttons = " ".join(f"[{label}]" for row in self.buttons(message) for label in row)
            lines.append(f"  #{message['message_id']} {who}> {kind} {plain(message)} {buttons}".rstrip())
        keys = " ".join(f"[{label}]" for row in self.keys() for label in row)
        return "\n".join([*lines, f"  keyboard: {keys}" if keys else "  (no reply keyboard)"])

    async def downloads(self, message: Json) -> bytes:
        """The bytes of the document or picture in a message."""
        media = message["document"] if "document" in message else message["photo"][-1]
        return self._world.files.get(media["file_id"]).content

    # What they do

    async def sends(self, text: str) -> Json:
        """Types and sends; what is longer than a message goes out in several, of which the last is returned."""
        if not text.strip():
            raise AssertionError("an empty message cannot be sent")
        parts = [text[start : start + _LONGEST] for start in range(0, len(text), _LONGEST)]
        return [people.write(self._world, self.person, people.text_fields(part)) for part in parts][-1]

    async def taps(
        self,
        label: str,
        *,
        message: Json | None = None,
        wait: bool = True,
        timeout: float = 10,  # noqa: ASYNC109
    ) -> str | None:
        """Taps the button of that label: an inline one of the newest message that has it (or of `message`), else one of
        the reply keyboard; one that only contains the label if none equals it.

        Returns the text of the answer to the press, None if it has none; `wait=False` does not wait for it.
        A link to the bot itself sends its `/start`; other links and copying do nothing.
        """
        owner, button = self._find(label, message)
        if owner is None:
            people.use_key(self._world, self.person, button)
            return None
        if "callback_data" in button:
            return await self.presses(owner["message_id"], button["callback_data"], wait=wait, timeout=timeout)
        link = urlsplit(button.get("url", ""))
        if link.hostname == "t.me" and link.path.strip("/") == self._world.bot["username"]:
            start = parse_qs(link.query).get("start", [""])[0]
            await self.sends(f"/start {start}".strip())
        return None

    async def presses(
        self,
        message_id: int,
        data: str,
        *,
        wait: bool = True,
        timeout: float = 10,  # noqa: ASYNC109
    ) -> str | None:
        """Sends callback data, also forged or old; returns the text of the answer, None if it has none."""
        pressed = people.press(self._world, self.person, message_id, data)
        if not wait:
            return None
        try:
            async with asyncio.timeout(timeout):
                await pressed.answered.wait()
        except TimeoutError:
            raise AssertionError(
                f"the press of {data!r} was not answered within {timeout} s. Visible:\n{self.describe()}"
            ) from None
        return pressed.text or None

    async def shares_contact(
        self, *, phone: str | None = None, user_id: int | EllipsisType | None = ..., forwarded: bool = False
    ) -> Json:
        """Shares a contact: the person's own, or with another number or user id (None: one without Telegram)."""
        fields = people.contact_fields(self.person)
        contact = fields["contact"]
        if phone is not None:
            contact["phone_number"] = phone
        if user_id is None:
            del contact["user_id"]
        elif not isinstance(user_id, EllipsisType):
            contact["user_id"] = user_id
        if forwarded:
            fields["forward_origin"] = {
                "type": "user",
                "date": int(self._world.clock()),
                "sender_user": self.person.user(),
            }
        return people.write(self._world, self.person, fields)

    async def sends_photos(self, *pictures: bytes, caption: str | None = None, album: bool | None = None) -> list[Json]:
        """Sends pictures, several as one album unless `album` is False. Refusal for what is no picture."""
        sizes = [await self._world.files.add_photo(picture) for picture in pictures]
        together = len(pictures) > 1 if album is None else album
        group = {"media_group_id": self._world.next_number()} if together else {}
        words = [{"caption": caption} if caption and number == 0 else {} for number in range(len(sizes))]
        return [
            people.write(self._world, self.person, {**group, "photo": photo, **word})
            for photo, word in zip(sizes, words, strict=True)
        ]

    async def sends_document(self, content: bytes, name: str, mime: str, *, caption: str | None = None) -> Json:
        """Sends a file of any size."""
        document = self._world.files.add(content, name, mime)
        words = {"caption": caption} if caption else {}
        return people.write(self._world, self.person, {"document": document, **words})

    async def sends_raw(self, message_fields: Json) -> Json:
        """Sends a message with any content: sticker, voice, location, forward_origin, …"""
        return people.write(self._world, self.person, message_fields)

    async def edits(self, message_id: int, text: str) -> Json:
        """Edits a message of their own."""
        return people.edit(self._world, self.person, message_id, text)

    async def deletes(self, message_id: int) -> None:
        """Deletes a message on both sides; the bot is not told."""
        people.delete(self._world, self.person, message_id)

    async def blocks(self) -> None:
        """Blocks the bot."""
        people.block(self._world, self.person)

    async def unblocks(self) -> None:
        """Takes the bot back."""
        people.unblock(self._world, self.person)

    async def leaves(self) -> None:
        """Deletes their Telegram account: whatever the bot sends is refused for ever, and it is not told."""
        self._state.deactivated = True

    async def _stays_quiet(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._state.changed.wait()
        except TimeoutError:
            return not len(self._world.updates)
        return False

    @property
    def _state(self) -> Chat:
        return self._world.chats[self.id]

    def _find(self, label: str, message: Json | None) -> tuple[Json | None, Any]:
        """The message (None: the reply keyboard) and the button of that label."""
        chat = self._state
        owners = [message] if message else [chat.messages[number] for number in sorted(chat.with_buttons, reverse=True)]
        offered: list[tuple[Json | None, Any]] = []
        for owner in owners:
            rows = owner.get("reply_markup", {}).get("inline_keyboard", [])
            offered += [(owner, button) for row in rows for button in row]
        if not message:
            offered += [(None, key) for row in (chat.keyboard or {}).get("keyboard", []) for key in row]
        for fits in (label.__eq__, lambda text: label in text):
            for owner_or_none, button in offered:
                if fits(button["text"]):
                    return owner_or_none, button
        raise AssertionError(f"{self.person.first_name} has no button [{label}]. Visible:\n{self.describe()}")


def plain(message: Json) -> str:
    """The text or caption of a message, empty if it has neither."""
    text: str = message.get("text") or message.get("caption") or ""
    return text

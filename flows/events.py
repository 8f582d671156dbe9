"""What people do, and what comes back from jobs. The translator makes these; texts are already cleaned at the door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    message_id: int = 0


@dataclass(frozen=True, slots=True)
class Press:
    """A button was pressed. ``revision`` is the session's when the button was drawn; -1 for data we never made."""

    button: str
    argument: str = ""
    revision: int = -1
    message_id: int = 0
    query_id: str = ""


@dataclass(frozen=True, slots=True)
class Follow:
    """A button beside the screen was pressed: it leads where a deep link of this payload would, at any time."""

    payload: str
    message_id: int = 0
    query_id: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact card. ``is_own``: the sender's own number, not forwarded; Telegram vouches by ``contact.user_id``."""

    phone: str
    is_own: bool
    message_id: int = 0


@dataclass(frozen=True, slots=True)
class File:
    """A photo or a file that was sent. Sizes in bytes and pixels as Telegram declares them (0: not declared).

    ``group`` is common to the pictures of one album.
    """

    file_id: str
    unique_id: str
    as_document: bool
    size: int = 0
    mime: str = ""
    width: int = 0
    height: int = 0
    group: str = ""
    message_id: int = 0


@dataclass(frozen=True, slots=True)
class Command:
    name: str
    argument: str = ""
    message_id: int = 0


@dataclass(frozen=True, slots=True)
class Edited:
    """An older message of the person was edited: never an answer."""

    message_id: int = 0


@dataclass(frozen=True, slots=True)
class Other:
    """A kind of message that no conversation here ever asks for: sticker, voice, location, poll …"""

    kind: str
    message_id: int = 0


@dataclass(frozen=True, slots=True)
class Membership:
    """The person blocked the bot or came back."""

    blocked: bool


@dataclass(frozen=True, slots=True)
class Came:
    """A job's result. ``about`` is what the job was told to bring back with it."""

    job: str
    outcome: Mapping[str, str] = field(default_factory=dict)
    about: Mapping[str, str] = field(default_factory=dict)


Event = Text | Press | Follow | Contact | File | Command | Edited | Other | Membership | Came

"""What is to be done once a turn is committed: screens, toasts, loose messages, and jobs for the outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from flows.model import MINUTE, Moment


class Style(StrEnum):
    """Colour of a button (Bot API ``style``); never the only signal."""

    PRIMARY = "primary"
    SUCCESS = "success"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Button:
    """A button of a window. Its words are the template's block ``button_<id>``, given ``values``."""

    id: str
    argument: str = ""
    style: Style | None = None
    values: Mapping[str, object] = field(default_factory=dict)


Rows = tuple[tuple[Button, ...], ...]


class Place(StrEnum):
    """Where a screen goes. AGAIN edits the screen if the pressed button was its own, else sends it anew."""

    EDIT = "edit"
    SEND = "send"
    AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Show:
    """The screen: a window with its values and buttons. ``captcha`` holds the digits of the picture above it, if any.

    ``ask_contact`` draws the reply keyboard that shares one's own number, in place of the inline buttons.
    """

    window: str
    values: Mapping[str, object]
    rows: Rows = ()
    place: Place = Place.SEND
    pressed: int = 0
    error: tuple[str, Mapping[str, object]] | None = None
    notice: tuple[str, Mapping[str, object]] | None = None
    captcha: str = ""
    ask_contact: bool = False
    progress: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """Stops the spinner of a pressed button, with the words of block ``toast_<key>`` if there is a key."""

    query_id: str
    key: str = ""
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Say:
    """A message beside the screen: block ``say_<key>`` of the common template; to another chat by ``chat_id``."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    chat_id: int = 0
    links: tuple[tuple[str, str], ...] = ()  # buttons below it: common button, payload of the deep link it follows


@dataclass(frozen=True, slots=True)
class DeleteMessage:
    """Takes a message with something private in it out of the chat."""

    message_id: int


@dataclass(frozen=True, slots=True)
class SendPictures:
    """Shows people their own stored pictures."""

    person_id: int
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SendMedia:
    """Pictures as an album, or one document, by their names in the media store."""

    files: tuple[str, ...]
    as_document: bool = False
    name: str = ""  # of the document, as people see it


@dataclass(frozen=True, slots=True)
class SendVenue:
    """A point on the map, WGS-84."""

    latitude: float
    longitude: float
    title: str
    address: str


@dataclass(frozen=True, slots=True)
class SendSms:
    phone: str
    code: str
    challenge: int


@dataclass(frozen=True, slots=True)
class CheckIdentity:
    check: int
    name: str
    id_number: str
    document: str


@dataclass(frozen=True, slots=True)
class FetchPicture:
    person_id: int
    application_id: int
    picture_id: int
    file_id: str
    size: int


@dataclass(frozen=True, slots=True)
class MakeRecord:
    """The PDF of a registration, sent into the chat when it is made."""

    person_id: int
    number: str


@dataclass(frozen=True, slots=True)
class SetMenu:
    """The command menu of one chat: with the desk, or as everybody has it."""

    telegram_id: int
    staff: bool


@dataclass(frozen=True, slots=True)
class ReadWorkbook:
    """A plan that was sent as a file, a workbook or a package of one with its pictures."""

    file_id: str
    size: int


@dataclass(frozen=True, slots=True)
class FetchPlanPicture:
    """A picture for a project of a draft."""

    draft: int
    project: str
    file_id: str
    size: int


@dataclass(frozen=True, slots=True)
class SendTemplate:
    """The blank workbook, into the chat."""


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """A plan as a package, into the chat."""

    plan: str


@dataclass(frozen=True, slots=True)
class MakePoster:
    """A sheet to hang up, with the code that opens the plan, into the chat."""

    plan: str


@dataclass(frozen=True, slots=True)
class MakeCharts:
    """The numbers of a plan as pictures, into the chat."""

    plan: str


@dataclass(frozen=True, slots=True)
class ExportLog:
    """The log of what staff did, of all or about one thing, as ``xlsx`` or ``csv``, into the chat."""

    about: str
    form: str


@dataclass(frozen=True, slots=True)
class TellRegistered:
    """A notice to everybody whom it is for."""

    notice: int


Job = SendSms | CheckIdentity | FetchPicture | MakeRecord
DeskJob = (
    SetMenu
    | ReadWorkbook
    | FetchPlanPicture
    | SendTemplate
    | ExportPlan
    | MakePoster
    | TellRegistered
    | MakeCharts
    | ExportLog
)
Effect = Show | Answer | Say | DeleteMessage | SendPictures | SendMedia | SendVenue | Job | DeskJob

# How long a job is worth trying before the person is told that it did not work out.
PATIENCE: dict[type, Moment] = {
    SendSms: 30 * MINUTE,
    CheckIdentity: 24 * 60 * MINUTE,
    FetchPicture: 24 * 60 * MINUTE,
    MakeRecord: 60 * MINUTE,
    SetMenu: 24 * 60 * MINUTE,
    ReadWorkbook: 30 * MINUTE,
    FetchPlanPicture: 60 * MINUTE,
    SendTemplate: 30 * MINUTE,
    ExportPlan: 30 * MINUTE,
    MakePoster: 30 * MINUTE,
    MakeCharts: 30 * MINUTE,
    ExportLog: 30 * MINUTE,
    TellRegistered: 7 * 24 * 60 * MINUTE,
}

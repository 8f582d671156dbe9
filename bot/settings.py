"""The settings, read once from the environment. Every wrong one is named, all at once, and no secret is repeated."""

import difflib
import ipaddress
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, NamedTuple
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from storage.master_key import load_or_make

PREFIX = "ANJU_"
NEEDED_TO_RUN = {
    "token": "is missing: the bot's token, as BotFather gave it",
    "sms": "is missing: `log` in a rehearsal, else the http(s) address that sends SMS codes",
    "identity": "is missing: `log` in a rehearsal, else the http(s) address that compares name and ID number",
}
TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]{20,}", re.ASCII)
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}", re.ASCII)


class Listen(NamedTuple):
    """Where health, metrics and the webhook are served; port 0 takes any free one."""

    host: str
    port: int


class WrongSettings(Exception):  # noqa: N818
    """`problems`: pairs of a variable's name and a sentence that begins with its verb, in the order of the contract."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{name} {sentence}" for name, sentence in problems))
        self.problems = problems


def is_loopback(url: str) -> bool:
    """Whether the host of an address is this very machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_http(url: str) -> bool:
    """Whether this is an http or https address of a host, without user name, fragment or anything unprintable."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return (
        parts.scheme in ("http", "https")
        and bool(parts.hostname)
        and port != 0
        and parts.username is None
        and not parts.fragment
        and url.isprintable()
        and " " not in url
    )


def _wrong(sentence: str) -> PydanticCustomError:
    return PydanticCustomError("wrong", "{sentence}", {"sentence": sentence})


def _root(value: str) -> str:
    if not is_http(value) or urlsplit(value).query:
        raise _wrong("is not the http(s) address of a Bot API server")
    return value.rstrip("/")


def _token(value: str) -> str:
    if not TOKEN.fullmatch(value):
        raise _wrong("is not a bot token (digits, a colon, at least 20 letters, digits, _ or -)")
    return value


def _admins(value: str | tuple[int, ...]) -> tuple[int, ...]:
    if isinstance(value, tuple):
        return value
    parts = [part.strip() for part in value.split(",") if part.strip()]
    if not all(re.fullmatch(r"[1-9][0-9]{0,15}", part) for part in parts):
        raise _wrong("is not a list of Telegram user ids (whole numbers separated by commas)")
    return tuple(dict.fromkeys(int(part) for part in parts))


def _listen(value: str | Listen) -> Listen:
    if isinstance(value, Listen):
        return value
    host, colon, port = value.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not re.fullmatch(r"[0-9]{1,5}", port) or int(port) > 65535:
        raise _wrong("is not host:port, such as 127.0.0.1:8080")
    return Listen(host, int(port))


def _log(value: str) -> str:
    if value.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
        raise _wrong("is not one of DEBUG, INFO, WARNING, ERROR, CRITICAL")
    return value.upper()


def _folder(value: str | Path) -> Path:
    path = Path(value)
    if path.exists() and not path.is_dir():
        raise _wrong("is not a folder")
    return path


def _database(value: str | Path) -> Path:
    if "://" in str(value):
        raise _wrong("is not the path of an SQLite file; other databases are not supported")
    return Path(value)


def _key(value: str) -> str:
    try:
        load_or_make(value, Path())
    except ValueError as error:
        raise _wrong(str(error).removeprefix("ANJU_KEY ")) from None
    return value


def _secret(value: str) -> str:
    if not SECRET.fullmatch(value):
        raise _wrong("is not made of 1 to 256 letters, digits, _ and - (what Telegram allows)")
    return value


class Settings(BaseModel):
    """What the environment says. The order matters: `sms` is judged by `telegram`, `webhook` by `webhook_secret`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token: Annotated[SecretStr, BeforeValidator(_token)] = SecretStr("")
    """The bot's token; empty only where no bot runs (commands that work on the data folder)."""
    telegram: Annotated[str, BeforeValidator(_root)] = "https://api.telegram.org"
    """Root of the Bot API server, without a slash at the end."""
    data: Annotated[Path, BeforeValidator(_folder)] = Path("data")
    """Folder of database, files and keys."""
    database: Annotated[Path | None, BeforeValidator(_database)] = None
    """The SQLite file; None is the one in `data`."""
    sms: Annotated[str, Field(repr=False)] = ""
    """`log`, or an http(s) address."""
    identity: Annotated[str, Field(repr=False)] = ""
    """`log`, or an http(s) address."""
    admins: Annotated[tuple[int, ...], BeforeValidator(_admins)] = ()
    """Telegram ids of the first administrators."""
    listen: Annotated[Listen, BeforeValidator(_listen)] = Listen("127.0.0.1", 8080)
    webhook_secret: Annotated[SecretStr | None, BeforeValidator(_secret)] = None
    webhook: str | None = None
    """Public address of the webhook; None is polling."""
    key: Annotated[SecretStr | None, BeforeValidator(_key)] = None
    """Master key, or the file that holds it; None is the one in `data`."""
    support: str = ""
    fonts: Annotated[Path | None, BeforeValidator(_folder)] = None
    """Where the prepared fonts lie, if not beside the program; `bot/jobs/fonts.py` reads it, also in the worker."""
    """Telephone and hours of the staff, as shown to people."""
    log: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(_log)] = "INFO"

    @field_validator("sms", "identity")
    @classmethod
    def _gateway(cls, value: str, info: ValidationInfo) -> str:
        if value == "log":
            # Left out of info.data when it is wrong itself: then that alone is said.
            if not is_loopback(info.data.get("telegram", "http://localhost")):
                raise _wrong("is `log`, which is for rehearsals: ANJU_TELEGRAM is not on this machine")
        elif not is_http(value):
            raise _wrong("is neither `log` nor an http(s) address")
        return value

    @field_validator("webhook")
    @classmethod
    def _webhook(cls, value: str, info: ValidationInfo) -> str:
        if not is_http(value) or not (value.startswith("https:") or is_loopback(value)):
            raise _wrong("is not an https address (http is for this machine only)")
        if info.data.get("webhook_secret", "wrong, and named already") is None:
            raise _wrong("needs ANJU_WEBHOOK_SECRET beside it")
        return value


def load(environ: Mapping[str, str], *, to_run: bool = True) -> Settings:
    """Read the ANJU_… variables; an empty one counts as not set.

    `to_run=False` is for commands that only touch the data folder: they need no token and no gateways.
    Raises WrongSettings, naming every wrong, missing and unknown variable.
    """
    given = {
        name.removeprefix(PREFIX).lower(): value.strip()
        for name, value in environ.items()
        if name.startswith(PREFIX) and value.strip()
    }
    problems = {name: sentence for name, sentence in NEEDED_TO_RUN.items() if to_run and name not in given}
    try:
        settings = Settings.model_validate(given)
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_input=False):
            name = str(problem["loc"][0])
            problems[name] = _unknown(name) if problem["type"] == "extra_forbidden" else problem["msg"]
    if problems:
        order = [*Settings.model_fields, *sorted(problems.keys() - Settings.model_fields.keys())]
        raise WrongSettings([(PREFIX + name.upper(), problems[name]) for name in order if name in problems])
    return settings


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, Settings.model_fields, n=1)
    return "is not a setting" + (f"; perhaps {PREFIX}{near[0].upper()} is meant" if near else "")


def lines(error: WrongSettings) -> list[str]:
    """What the command line prints before it exits with 2."""
    return [f"{name} {sentence}." for name, sentence in error.problems]

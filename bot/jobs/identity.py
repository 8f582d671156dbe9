"""Asking whether a name and an ID number belong together."""

import logging
from dataclasses import dataclass
from typing import Protocol, Self

from bot.jobs.gateway import Answer, Gateway, is_passing, reason_of

log = logging.getLogger(__name__)

REHEARSED_MISMATCH = "不符"
"""In a rehearsal a name that begins so does not match, and everybody else does."""


@dataclass(frozen=True, slots=True)
class Match:
    """The service's verdict."""

    matches: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """The service will not judge this request. `reason`: its code, or the HTTP status."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unavailable:
    """No verdict; it may be asked again, for asking changes nothing (though it may cost)."""

    reason: str


IdentityResult = Match | Refused | Unavailable


class Identity(Protocol):
    """Whoever compares; opened and closed as `async with`."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *_: object) -> None: ...

    async def check_identity(self, name: str, id_number: str, document: str = "resident_id") -> IdentityResult:
        """Compare once. `id_number` as in GB 11643, 18 characters; `document` the kind of document."""
        ...


class HttpIdentity:
    """A service that takes `POST {"name": …, "id_number": …, "document": …}` and answers `{"match": true}` or false."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def __aenter__(self) -> Self:
        await self._gateway.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._gateway.__aexit__()

    async def check_identity(self, name: str, id_number: str, document: str = "resident_id") -> IdentityResult:
        """See Identity. Makes one attempt of at most 8 s."""
        outcome = await self._gateway.post({"name": name, "id_number": id_number, "document": document})
        match outcome:
            case Answer(status, {"match": bool(matches)}) if 200 <= status < 300:
                return Match(matches)
            case Answer(status) if 200 <= status < 300:
                return Unavailable("unreadable answer")
            case Answer(status) if is_passing(status):
                return Unavailable(reason_of(outcome))
            case Answer():
                return Refused(reason_of(outcome))
            case _:
                return Unavailable(outcome.reason)


class RehearsedIdentity:
    """A rehearsal's service: see REHEARSED_MISMATCH."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def check_identity(self, name: str, id_number: str, document: str = "resident_id") -> IdentityResult:
        """See Identity; always a verdict."""
        del id_number, document  # a rehearsal looks at the name alone
        log.info("identity compared (rehearsal)")
        return Match(not name.startswith(REHEARSED_MISMATCH))


def identity_from(setting: str) -> Identity:
    """What ANJU_IDENTITY says: `log` or an address. Raises ValueError when it is neither."""
    return RehearsedIdentity() if setting == "log" else HttpIdentity(Gateway(setting))

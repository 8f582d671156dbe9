"""Sending a verification code by SMS."""

import logging
import sys
from dataclasses import dataclass
from typing import Protocol, Self

from bot.jobs.gateway import Answer, Gateway, NotReached, is_passing, reason_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sent:
    """The gateway took it over."""


@dataclass(frozen=True, slots=True)
class RefusedByGateway:
    """The gateway will not send this, now or later. `reason`: its code, or the HTTP status."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Certainly not accepted: it may be tried again."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Perhaps accepted: counts as sent, is never repeated by the machine. No gateway we know can tell a repetition."""

    reason: str


SmsResult = Sent | RefusedByGateway | Unavailable | Unknown


class Sms(Protocol):
    """Whoever sends codes; opened and closed as `async with`."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *_: object) -> None: ...

    async def send_sms(self, phone_e164: str, code: str, template: str) -> SmsResult:
        """Send one code. `phone_e164` is like +8613800138000, `template` the name of the text."""
        ...


class HttpSms:
    """A gateway that takes `POST {"phone": …, "code": …, "template": …}` and says 2xx when it has accepted."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def __aenter__(self) -> Self:
        await self._gateway.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._gateway.__aexit__()

    async def send_sms(self, phone_e164: str, code: str, template: str) -> SmsResult:
        """See Sms. Makes one attempt of at most 8 s."""
        outcome = await self._gateway.post({"phone": phone_e164, "code": code, "template": template})
        match outcome:
            case Answer(status) if 200 <= status < 300:
                return Sent()
            case Answer(504):
                # A proxy that stopped waiting: the same as a timeout of our own.
                return Unknown("HTTP 504")
            case Answer(status) if is_passing(status):
                return Unavailable(reason_of(outcome))
            case Answer():
                return RefusedByGateway(reason_of(outcome))
            case NotReached(reason):
                return Unavailable(reason)
            case _:
                return Unknown(outcome.reason)


class PrintedSms:
    """A rehearsal's gateway: the code is printed for whoever sits before the screen. It does not go into the log."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def send_sms(self, phone_e164: str, code: str, template: str) -> SmsResult:
        """See Sms; always sent."""
        sys.stdout.write(f"SMS to {phone_e164[:6]}…{phone_e164[-2:]} ({template}): {code}\n")
        sys.stdout.flush()
        log.info("SMS code sent (rehearsal)")
        return Sent()


def sms_from(setting: str) -> Sms:
    """What ANJU_SMS says: `log` or an address. Raises ValueError when it is neither."""
    return PrintedSms() if setting == "log" else HttpSms(Gateway(setting))

"""One POST to an outside service; outcomes are told apart by what matters next: may it have been carried out?"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import aiohttp
import orjson

from bot.settings import is_http, is_loopback

CONNECT_SECONDS = 3.0
TOTAL_SECONDS = 8.0
ANSWER_LIMIT = 64 * 1024
"""Bytes of the longest answer that is read."""
REASON = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
"""What a service may give as its reason: a code, never a sentence, which could quote the person."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The service answered. `body` is its JSON, None when it is none."""

    status: int
    body: object


@dataclass(frozen=True, slots=True)
class NotReached:
    """The request certainly did not get there. `reason` names the kind of failure."""

    reason: str


@dataclass(frozen=True, slots=True)
class Lost:
    """The request may have got there; the answer did not come back whole and in time."""

    reason: str


class Gateway:
    """A service behind one address. Redirects are not followed, nothing is tried again, answers are bounded.

    Neither results nor exceptions hold the address (there may be a key in it) or anything of the request.
    """

    def __init__(
        self, url: str, connect_seconds: float = CONNECT_SECONDS, total_seconds: float = TOTAL_SECONDS
    ) -> None:
        """Raises ValueError when `url` is no http(s) address."""
        if not is_http(url):
            raise ValueError("a gateway needs an http(s) address")
        self._url = url
        self._timeout = aiohttp.ClientTimeout(total=total_seconds, connect=connect_seconds)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            timeout=self._timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": "anju"},
            trust_env=not is_loopback(self._url),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def post(self, body: Mapping[str, str]) -> Answer | NotReached | Lost:
        """Send `body` as JSON. Raises RuntimeError outside `async with`."""
        if self._session is None:
            raise RuntimeError("the gateway is not open")
        try:
            async with self._session.post(
                self._url,
                data=orjson.dumps(body),
                headers={"Content-Type": "application/json"},
                allow_redirects=False,
            ) as response:
                return Answer(response.status, await _json(response))
        except (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError, aiohttp.ClientHttpProxyError) as error:
            return NotReached(type(error).__name__)
        except TimeoutError:
            return Lost("TimeoutError")
        except (aiohttp.ClientError, OSError) as error:
            return Lost(type(error).__name__)


def is_passing(status: int) -> bool:
    """Whether a status says "not now": too many requests, or the service's own trouble."""
    return status == 429 or status >= 500


def reason_of(answer: Answer) -> str:
    """The code in `{"reason": "…"}` if the service gave one, else its HTTP status."""
    reason = answer.body.get("reason") if isinstance(answer.body, dict) else None
    return reason if isinstance(reason, str) and REASON.fullmatch(reason) else f"HTTP {answer.status}"


async def _json(response: aiohttp.ClientResponse) -> object:
    content = bytearray()
    async for part in response.content.iter_any():
        content += part
        if len(content) > ANSWER_LIMIT:
            response.close()
            return None
    try:
        return orjson.loads(bytes(content))
    except orjson.JSONDecodeError:
        return None

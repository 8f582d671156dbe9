"""Telegram's Bot API over aiohttp and orjson, with python-telegram-bot's errors and, where wanted, its typed bot.

No exception that leaves this module names the address of a call: the address holds the token.
"""

import json
from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import quote

import aiohttp
import orjson
from telegram import InputFile, LinkPreviewOptions
from telegram.error import BadRequest, InvalidToken, NetworkError, TelegramError, TimedOut
from telegram.ext import Defaults, ExtBot
from telegram.request import BaseRequest, RequestData

# RequestData is public but takes a list of these; a contract test holds the place where they are kept.
from telegram.request._requestparameter import RequestParameter

from bot.settings import is_loopback
from bot.telegram.pacing import Lane, Limiter, Pacing

Parameters = Mapping[str, Any]
File = tuple[str, bytes, str]
"""Name, content, MIME type."""

ANSWER_LIMIT = 64 * 1024 * 1024
"""Bytes of the longest answer that is read; a full batch of 100 updates stays far below."""
CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
UPLOAD_SECONDS = 60.0
"""For calls that carry files; PTB allows 20 s for writing and 5 s for reading."""
POLL_SLACK_SECONDS = 10.0
"""How much longer than the long poll itself the answer to getUpdates is awaited."""


class NotSent(NetworkError):  # noqa: N818 - in line with its parents' TimedOut, BadRequest
    """No connection came about: Telegram has certainly not seen the call, which may be repeated without doubling it."""

    __slots__ = ()


class FileTooBig(TelegramError):  # noqa: N818
    """The file, or answer, is longer than the limit; nothing of it is kept."""

    __slots__ = ()


class AiohttpRequest(BaseRequest):
    """python-telegram-bot's transport over one aiohttp session with kept-alive connections.

    Parameters go as one JSON body, or as a multipart form when there are files. The fate of a call that ended in
    TimedOut or NetworkError is *unknown*; NotSent alone is certain.
    """

    def __init__(
        self,
        connections: int = 100,
        read_seconds: float = READ_SECONDS,
        limit_bytes: int = ANSWER_LIMIT,
        *,
        proxied: bool = True,
    ) -> None:
        """`connections`: how many at most; `read_seconds`: how long to wait for the next bytes of an answer.

        `proxied`: heed HTTPS_PROXY, HTTP_PROXY and NO_PROXY; where Telegram is blocked there is no other way to it.
        """
        self._connections = connections
        self._proxied = proxied
        self._read_seconds = read_seconds
        self._limit = limit_bytes
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """Seconds to wait for bytes of an answer."""
        return self._read_seconds

    async def initialize(self) -> None:
        """Open the session; a second call changes nothing."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=60),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": "anju"},
                trust_env=self._proxied,
            )

    async def shutdown(self) -> None:
        """Close the session; a second call changes nothing."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def bounded(self, limit_bytes: int) -> BaseRequest:
        """The same session, refusing answers of more than `limit_bytes` while they are read. Is not to be shut down."""
        return _Bounded(self._session, self._read_seconds, limit_bytes)

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Read Telegram's answer. Raises TelegramError, without quoting it, when it is not what the Bot API answers."""
        try:
            answer = orjson.loads(payload)
        except orjson.JSONDecodeError:
            answer = _read_leniently(payload)
        if not isinstance(answer, dict) or (answer.get("ok") is True and "result" not in answer):
            raise TelegramError("Invalid server response")
        return answer

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = BaseRequest.DEFAULT_NONE,
        write_timeout: object = BaseRequest.DEFAULT_NONE,  # noqa: ARG002 - aiohttp has no such limit
        connect_timeout: object = BaseRequest.DEFAULT_NONE,
        pool_timeout: object = BaseRequest.DEFAULT_NONE,  # noqa: ARG002 - counts as connecting
    ) -> tuple[int, bytes]:
        """One HTTP request, following no redirects. Raises TimedOut, NetworkError, NotSent, FileTooBig, BadRequest."""
        if self._session is None:
            raise RuntimeError("the request object is not initialized")
        files = request_data is not None and request_data.contains_files
        connect = _seconds(connect_timeout, CONNECT_SECONDS)
        timeout = aiohttp.ClientTimeout(
            connect=connect, sock_read=_seconds(read_timeout, UPLOAD_SECONDS if files else self._read_seconds)
        )
        body, headers = _body(request_data)
        try:
            async with self._session.request(
                method, url, data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                return response.status, await self._read(response)
        except (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError, aiohttp.ClientHttpProxyError) as error:
            raise NotSent(f"No connection to Telegram: {type(error).__name__}") from None
        except TimeoutError:
            raise TimedOut from None
        except (aiohttp.ClientError, OSError) as error:
            raise NetworkError(f"Connection to Telegram lost: {type(error).__name__}") from None

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        # A refusal is Telegram's own words: the limit that the caller sets on a file is not for them.
        limit = self._limit if response.ok else ANSWER_LIMIT
        if (response.content_length or 0) > limit:
            raise FileTooBig(f"More than {limit} bytes")
        parts: list[bytes] = []
        size = 0
        async for part in response.content.iter_any():
            size += len(part)
            if size > limit:
                raise FileTooBig(f"More than {limit} bytes")
            parts.append(part)
        return b"".join(parts)


class _Bounded(AiohttpRequest):
    def __init__(self, session: aiohttp.ClientSession | None, read_seconds: float, limit_bytes: int) -> None:
        super().__init__(read_seconds=read_seconds, limit_bytes=limit_bytes)
        self._session = session


class Api:
    """The Bot API as it is: methods by name, plain parameters, raw results.

    Less than half of the typed client's cost, and no parsing that an unknown kind of update could break.
    """

    def __init__(self, token: str, root: str, pacing: Pacing, connections: int = 100) -> None:
        """`root`: the Bot API server, no slash at its end; `connections`: how many calls may be on the way at once."""
        self.pacing = pacing
        proxied = not is_loopback(root)
        self.request = AiohttpRequest(connections, proxied=proxied)
        # A connection of its own: long polls never take one from the calls, nor wait for one.
        self._polling = AiohttpRequest(connections=1, proxied=proxied)
        self._base = f"{root}/bot{token}"
        self._files = f"{root}/file/bot{token}"

    async def __aenter__(self) -> Self:
        await self.request.initialize()
        await self._polling.initialize()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._polling.shutdown()
        await self.request.shutdown()

    async def call(
        self, method: str, parameters: Parameters, files: Mapping[str, File] | None = None, lane: Lane = Lane.REPLY
    ) -> Any:
        """Call a method by its camelCase name and return its `result` as Telegram gave it.

        `parameters` are JSON-able, those that are None are left out. `files` are form fields: the parameter's own name,
        or a name that a parameter refers to as `attach://name`. Nothing is tried again. Raises, as python-telegram-bot
        does: RetryAfter (also, unasked, while a halt lasts), Forbidden, BadRequest, ChatMigrated, InvalidToken,
        Conflict, TimedOut, NetworkError; and NotSent.
        """
        data = _request_data(parameters, files)
        chat = parameters.get("chat_id") or method
        return await self.pacing.paced(chat, lane, lambda: self.request.post(f"{self._base}/{method}", data))

    async def get_updates(
        self, offset: int | None, timeout_seconds: int = 50, limit: int = 100, allowed: list[str] | None = None
    ) -> list[dict[str, Any]]:
        """Long-poll for raw updates, outside the pacing. `offset` confirms everything below it. Raises as `call` does.

        `allowed` are the kinds of updates wanted (allowed_updates); None leaves Telegram's last setting.
        """
        data = _request_data(
            {"offset": offset, "timeout": timeout_seconds, "limit": limit, "allowed_updates": allowed}, None
        )
        updates = await self._polling.post(
            f"{self._base}/getUpdates", data, read_timeout=timeout_seconds + POLL_SLACK_SECONDS
        )
        if not isinstance(updates, list):
            raise TelegramError("Invalid server response")
        return updates

    async def download(self, file_id: str, limit_bytes: int) -> bytes:
        """The content of a file. Raises as `call` does, and FileTooBig by the size named or by what really comes.

        BadRequest means that there is no such file, or no longer.
        """
        about = await self.call("getFile", {"file_id": file_id})
        if about.get("file_size", 0) > limit_bytes:
            raise FileTooBig(f"More than {limit_bytes} bytes")
        if not (path := about.get("file_path")):
            raise BadRequest("The file has no path")
        try:
            return await self.request.bounded(limit_bytes).retrieve(f"{self._files}/{quote(path)}")
        except InvalidToken:
            # What PTB makes of any 404. The token is good, or getFile would have said so: the link is no longer.
            raise BadRequest("The file is not there") from None


def build_bot(
    token: str, root: str, limiter: Limiter | None = None, request: AiohttpRequest | None = None
) -> ExtBot[Lane]:
    """python-telegram-bot's typed bot on our transport, link previews off. Use it as `async with`, or initialize it.

    Its own start asks Telegram for getMe. `request` may be an Api's, which then should be closed last.
    """
    return ExtBot(
        token=token,
        base_url=f"{root}/bot",
        base_file_url=f"{root}/file/bot",
        request=request or AiohttpRequest(proxied=not is_loopback(root)),
        get_updates_request=AiohttpRequest(connections=1),
        defaults=Defaults(link_preview_options=LinkPreviewOptions(is_disabled=True)),
        rate_limiter=limiter,
    )


def _request_data(parameters: Parameters, files: Mapping[str, File] | None) -> RequestData:
    fields = [RequestParameter(name, value, None) for name, value in parameters.items()]
    for field, (name, content, mime) in (files or {}).items():
        file = InputFile(content, filename=name)
        file.mimetype = mime
        fields.append(RequestParameter(field, None, [file]))
    return RequestData(fields)


def _body(request_data: RequestData | None) -> tuple[bytes | aiohttp.FormData | None, dict[str, str]]:
    if request_data is None:
        return None, {}
    try:
        if not request_data.contains_files:
            # OPT_NON_STR_KEYS would cost a third more, and no parameter of the Bot API has other keys.
            return orjson.dumps(request_data.parameters), {"Content-Type": "application/json"}
        # Field names and file names as they are: Telegram shows percent signs to people if names are quoted.
        form = aiohttp.FormData(quote_fields=False)
        for name, value in request_data.parameters.items():
            form.add_field(name, value if isinstance(value, str) else orjson.dumps(value).decode())
        for name, (filename, content, mime) in request_data.multipart_data.items():
            form.add_field(name, content, filename=filename, content_type=mime)
    except (TypeError, ValueError):
        # A lone surrogate, say. It will not get better by being tried again, which a NetworkError would invite.
        raise BadRequest("The parameters cannot be written as JSON") from None
    return form, {}


def _read_leniently(payload: bytes) -> object:
    """What orjson refuses and might still come: bytes that are no UTF-8, half a surrogate pair. They become "?"."""
    try:
        loose = json.loads(payload.decode("utf-8", "replace"))
        return orjson.loads(json.dumps(loose, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        raise TelegramError("Invalid server response") from None


def _seconds(given: object, default: float) -> float | None:
    """PTB's three-valued timeouts: a number, None for no limit, or its DEFAULT_NONE for ours."""
    if given is None or isinstance(given, int | float):
        return given
    return default

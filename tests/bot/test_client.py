import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from aiohttp import web
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto, Message
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.telegram.client import AiohttpRequest, Api, FileTooBig, NotSent, build_bot
from bot.telegram.pacing import Lane, Limiter, Pacing, seconds_of

TOKEN = "123456789:AAF-abcdefghijklmnopqrstuvwxyz_01234"
MESSAGE = {"message_id": 7, "date": 1_700_000_000, "chat": {"id": 5, "type": "private"}, "text": "好"}


@dataclass(frozen=True)
class Canned:
    """An answer that can be given more than once, which aiohttp's own cannot."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def __call__(self) -> web.Response:
        return web.Response(body=self.body, status=self.status, headers=self.headers)


Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def ok(result: object) -> Canned:
    return Canned(orjson.dumps({"ok": True, "result": result}))


def refusal(code: int, description: str, **parameters: int) -> Canned:
    body: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    if parameters:
        body["parameters"] = parameters
    return Canned(orjson.dumps(body), code)


class Server:
    """A Bot API of one answer: `answers` by method (or path of a file), and what was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Canned | Answer] = {}
        self.asked: list[tuple[str, Any]] = []
        self.root = ""
        self.connections: set[Any] = set()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.connections.add(request.transport)
        name = request.match_info["name"]
        assert request.match_info["token"] == TOKEN
        if request.content_type == "application/json":
            self.asked.append((name, orjson.loads(await request.read())))
        elif request.content_type == "multipart/form-data":
            form = await request.post()
            self.asked.append((name, {key: part(value) for key, value in form.items()}))
        answer = self.answers.get(name, ok(True))
        return answer() if isinstance(answer, Canned) else await answer(request)


def part(value: object) -> object:
    if isinstance(value, web.FileField):
        return (value.filename, value.content_type, value.file.read())
    return value


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    app = web.Application()
    app.router.add_route("*", "/bot{token}/{name}", server.handle)
    app.router.add_route("*", "/file/bot{token}/{name:.*}", server.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.root = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield server
    await runner.cleanup()


@pytest.fixture
async def api(server: Server) -> AsyncIterator[Api]:
    async with Api(TOKEN, server.root, Pacing()) as api:
        yield api


async def test_a_call_is_one_json_body_and_its_result_comes_back_raw(server: Server, api: Api) -> None:
    server.answers["sendMessage"] = ok(MESSAGE)
    keyboard = {"inline_keyboard": [[{"text": "下一步", "callback_data": "x"}]]}
    sent = {"chat_id": 5, "text": "好", "reply_markup": keyboard, "disable_notification": True}
    assert await api.call("sendMessage", sent | {"message_effect_id": None}) == MESSAGE
    assert server.asked == [("sendMessage", sent)]


async def test_connections_are_kept(server: Server, api: Api) -> None:
    for _ in range(5):
        await api.call("getMe", {})
    assert len(server.connections) == 1


async def test_files_go_as_a_form_with_their_names(server: Server, api: Api) -> None:
    await api.call(
        "sendDocument",
        {"chat_id": 5, "caption": "记录", "reply_markup": {"remove_keyboard": True}},
        {"document": ('登记 "1".pdf', b"%PDF", "application/pdf")},
    )
    (_, form) = server.asked[0]
    assert form == {
        "chat_id": "5",
        "caption": "记录",
        "reply_markup": '{"remove_keyboard":true}',
        "document": ('登记 "1".pdf', "application/pdf", b"%PDF"),
    }


async def test_files_may_be_attached_by_name(server: Server, api: Api) -> None:
    media = [{"type": "photo", "media": "attach://first"}]
    await api.call("sendMediaGroup", {"chat_id": 5, "media": media}, {"first": ("a.jpg", b"\xff", "image/jpeg")})
    (_, form) = server.asked[0]
    assert orjson.loads(form["media"]) == media
    assert form["first"] == ("a.jpg", "image/jpeg", b"\xff")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refusal(400, "Bad Request: message is not modified"), BadRequest),
        (refusal(401, "Unauthorized"), InvalidToken),
        (refusal(403, "Forbidden: bot was blocked by the user"), Forbidden),
        (refusal(404, "Not Found"), InvalidToken),
        (refusal(409, "Conflict: terminated by other getUpdates request"), Conflict),
        (refusal(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-100), ChatMigrated),
        (refusal(500, "Internal Server Error"), NetworkError),
        (Canned(b"<html>Bad Gateway</html>", 502), NetworkError),
        (Canned(b"", 302, {"Location": "/elsewhere"}), NetworkError),
        (Canned(b"<html>"), TelegramError),
        (Canned(b"[]"), TelegramError),
        (Canned(b'{"ok": true}'), TelegramError),
        (Canned(b'{"ok": true, "result": NaN}'), TelegramError),
    ],
)
async def test_refusals_are_the_librarys_errors(
    server: Server, api: Api, answer: Canned, error: type[TelegramError]
) -> None:
    server.answers["sendMessage"] = answer
    with pytest.raises(TelegramError) as caught:
        await api.call("sendMessage", {"chat_id": 5})
    assert type(caught.value) is error
    assert TOKEN not in f"{caught.value!r} {caught.value.__cause__!r}"


async def test_too_many_requests_halt_the_chat_for_that_long(server: Server, api: Api) -> None:
    server.answers["sendMessage"] = refusal(429, "Too Many Requests: retry after 11", retry_after=11)
    for _ in range(3):
        with pytest.raises(RetryAfter) as caught:
            await api.call("sendMessage", {"chat_id": 5})
        assert 10 < seconds_of(caught.value) <= 11
    assert len(server.asked) == 1
    assert await api.call("getMe", {}) is True
    assert await api.call("deleteMessage", {"chat_id": 6, "message_id": 1}) is True


async def test_bulk_refused_halts_bulk(server: Server, api: Api) -> None:
    server.answers["sendMessage"] = refusal(429, "Too Many Requests: retry after 11", retry_after=11)
    with pytest.raises(RetryAfter):
        await api.call("sendMessage", {"chat_id": 5}, lane=Lane.BULK)
    with pytest.raises(RetryAfter):
        await api.call("sendPhoto", {"chat_id": 6}, lane=Lane.BULK)
    assert len(server.asked) == 1


async def test_a_silent_telegram_is_a_timeout(server: Server) -> None:
    async def silence(_: web.Request) -> web.StreamResponse:
        await asyncio.sleep(1)
        return ok(True)()

    server.answers["sendMessage"] = silence
    async with AiohttpRequest(read_seconds=0.05) as request:
        assert request.read_timeout == 0.05
        with pytest.raises(TimedOut) as caught:
            await request.post(f"{server.root}/bot{TOKEN}/sendMessage")
        assert TOKEN not in repr(caught.value)
        with pytest.raises(TimedOut):
            await request.post(f"{server.root}/bot{TOKEN}/sendMessage", read_timeout=0.02)


async def test_a_connection_lost_after_sending_is_a_network_error(server: Server, api: Api) -> None:
    async def hang_up(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.close()
        return ok(True)()

    server.answers["sendMessage"] = hang_up
    with pytest.raises(NetworkError) as caught:
        await api.call("sendMessage", {"chat_id": 5})
    assert type(caught.value) is NetworkError
    assert TOKEN not in repr(caught.value)


async def test_no_connection_is_certain_not_to_have_sent(unused_tcp_port: int) -> None:
    async with Api(TOKEN, f"http://127.0.0.1:{unused_tcp_port}", Pacing()) as api:
        with pytest.raises(NotSent) as caught:
            await api.call("sendMessage", {"chat_id": 5})
    assert TOKEN not in repr(caught.value)


async def test_a_proxy_is_heeded_but_not_on_the_way_to_this_machine(
    server: Server, api: Api, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{unused_tcp_port}")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{unused_tcp_port}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert await api.call("getMe", {}) is True
    async with Api(TOKEN, "http://telegram.example", Pacing()) as far:
        with pytest.raises(NotSent, match="ClientProxyConnectionError"):
            await far.call("getMe", {})


async def test_what_is_no_json_is_refused_for_good(server: Server, api: Api) -> None:
    with pytest.raises(BadRequest):
        await api.call("sendMessage", {"chat_id": 5, "text": "\ud83d"})
    with pytest.raises(BadRequest):
        await api.call("sendDocument", {"chat_id": 5}, {"document": ("a\r\nb", b"x", "text/plain")})
    assert server.asked == []


async def test_updates_come_raw_even_if_no_library_knows_them(server: Server, api: Api) -> None:
    updates = [{"update_id": 1, "hologram": {"chat": []}}, {"update_id": 2, "message": MESSAGE}]
    server.answers["getUpdates"] = ok(updates)
    assert await api.get_updates(5, timeout_seconds=1, allowed=["message"]) == updates
    asked = {"offset": 5, "timeout": 1, "limit": 100, "allowed_updates": ["message"]}
    assert server.asked == [("getUpdates", asked)]


async def test_half_a_surrogate_pair_does_not_stop_the_batch(server: Server, api: Api) -> None:
    text = (
        rb'{"ok":true,"result":[{"update_id":1,"a":"x\ud83dy"},{"update_id":2,"a":"\ud83d\ude00"},{"b":"' + b'\xff"}]}'
    )
    server.answers["getUpdates"] = Canned(text)
    updates = await api.get_updates(None)
    assert updates == [{"update_id": 1, "a": "x?y"}, {"update_id": 2, "a": "😀"}, {"b": "\ufffd"}]
    assert orjson.dumps(updates)


async def test_a_long_poll_is_outside_the_pacing_and_takes_no_connection_from_the_calls(server: Server) -> None:
    polling = asyncio.Event()

    async def poll(_: web.Request) -> web.StreamResponse:
        polling.set()
        await asyncio.sleep(0.2)
        return ok([])()

    server.answers["getUpdates"] = poll
    async with Api(TOKEN, server.root, Pacing(), connections=1) as api:
        task = asyncio.ensure_future(api.get_updates(None))
        await polling.wait()
        assert await asyncio.wait_for(api.call("getMe", {}), 0.15) is True
        assert await task == []


async def test_an_answer_that_is_no_list_of_updates_is_an_error(server: Server, api: Api) -> None:
    server.answers["getUpdates"] = ok({})
    with pytest.raises(TelegramError):
        await api.get_updates(None)


async def test_a_file_is_downloaded(server: Server, api: Api) -> None:
    server.answers["getFile"] = ok({"file_id": "f", "file_size": 3, "file_path": "photos/文 件#1.jpg"})
    server.answers["photos/文 件#1.jpg"] = Canned(b"abc")
    assert await api.download("f", 3) == b"abc"
    assert server.asked == [("getFile", {"file_id": "f"})]


async def test_a_file_whose_size_is_too_big_is_not_asked_for(server: Server, api: Api) -> None:
    server.answers["getFile"] = ok({"file_id": "f", "file_size": 4, "file_path": "a"})
    with pytest.raises(FileTooBig):
        await api.download("f", 3)
    assert len(server.connections) == 1


async def test_a_file_that_turns_out_too_big_is_given_up(server: Server, api: Api) -> None:
    sent = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 65536)
                sent += 65536
        except (ConnectionError, asyncio.CancelledError):
            return response

    server.answers["getFile"] = ok({"file_id": "f", "file_path": "a"})
    server.answers["a"] = endless
    with pytest.raises(FileTooBig):
        await api.download("f", 100_000)
    assert sent < 50_000_000
    server.answers["a"] = Canned(b"x" * 100_001)
    with pytest.raises(FileTooBig):
        await api.download("f", 100_000)


async def test_a_file_that_is_not_there_is_an_error_of_the_library(server: Server, api: Api) -> None:
    server.answers["getFile"] = ok({"file_id": "f"})
    with pytest.raises(BadRequest):
        await api.download("f", 3)
    server.answers["getFile"] = ok({"file_id": "f", "file_path": "gone"})
    server.answers["gone"] = refusal(404, "Not Found")
    with pytest.raises(BadRequest):
        await api.download("f", 3)


async def test_the_transport_must_be_open(server: Server) -> None:
    request = AiohttpRequest()
    with pytest.raises(NetworkError, match="not initialized"):
        await request.post(server.root)
    await request.shutdown()
    await request.initialize()
    await request.initialize()
    await request.shutdown()


async def test_the_typed_bot_speaks_through_the_same_transport(server: Server, api: Api) -> None:
    server.answers["getMe"] = ok({"id": 1, "is_bot": True, "first_name": "安居", "username": "anju_bot"})
    server.answers["sendMessage"] = ok(MESSAGE)
    server.answers["sendMediaGroup"] = ok([MESSAGE])
    limiter = Limiter(api.pacing)
    async with build_bot(TOKEN, server.root, limiter) as bot:
        keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("下一步", callback_data="x")]])
        message = await bot.send_message(5, "好", reply_markup=keyboard, rate_limit_args=Lane.BULK)
        await bot.send_media_group(5, [InputMediaPhoto(b"1", filename="一.jpg"), InputMediaPhoto("file-id")])
        server.answers["sendMessage"] = refusal(429, "Too Many Requests", retry_after=3)
        with pytest.raises(RetryAfter):
            await bot.send_message(5, "好")
    assert isinstance(message, Message)
    _, (_, sent), (_, album), _ = server.asked
    assert sent == {
        "chat_id": 5,
        "text": "好",
        "reply_markup": {"inline_keyboard": [[{"text": "下一步", "callback_data": "x"}]]},
        "link_preview_options": {"is_disabled": True},
    }
    media = orjson.loads(album["media"])
    assert album[media[0]["media"].removeprefix("attach://")] == ("一.jpg", "image/jpeg", b"1")
    assert media[1]["media"] == "file-id"
    assert api.pacing.halt(5, Lane.REPLY) > 2

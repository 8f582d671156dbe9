import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import orjson
import pytest
from aiohttp import web

from bot.jobs import identity, sms
from bot.jobs.gateway import Gateway, Lost, NotReached
from bot.jobs.identity import HttpIdentity, Match, identity_from
from bot.jobs.sms import HttpSms, RefusedByGateway, Sent, Unknown, sms_from

PHONE, CODE, NAME, ID_NUMBER = "+8613800138000", "271828", "张三", "110101199003074518"


class Service:
    """An outside service: what it answers, and what it was asked."""

    def __init__(self) -> None:
        self.answer: Callable[[web.Request], Awaitable[web.StreamResponse]] = self.plain
        self.status = 200
        self.body: object = {}
        self.asked: list[Any] = []
        self.url = ""

    async def plain(self, _: web.Request) -> web.StreamResponse:
        body = self.body if isinstance(self.body, bytes) else orjson.dumps(self.body)
        return web.Response(status=self.status, body=body, headers={"Location": "/elsewhere"})

    async def handle(self, request: web.Request) -> web.StreamResponse:
        assert request.content_type == "application/json"
        self.asked.append(orjson.loads(await request.read()))
        return await self.answer(request)


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    service = Service()
    app = web.Application()
    app.router.add_post("/send", service.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    service.url = f"http://127.0.0.1:{runner.addresses[0][1]}/send?key=hush"
    yield service
    await runner.cleanup()


async def hang_up(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def silence(_: web.Request) -> web.StreamResponse:
    await asyncio.sleep(1)
    return web.Response()


async def half(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "100"})
    await response.prepare(request)
    await response.write(b"{")
    return await hang_up(request)


async def send(service: Service, seconds: float = 5) -> sms.SmsResult:
    async with HttpSms(Gateway(service.url, total_seconds=seconds)) as gateway:
        return await gateway.send_sms(PHONE, CODE, "verify")


async def check(service: Service, seconds: float = 5) -> identity.IdentityResult:
    async with HttpIdentity(Gateway(service.url, total_seconds=seconds)) as gateway:
        return await gateway.check_identity(NAME, ID_NUMBER)


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, {}, Sent()),
        (202, b"queued", Sent()),
        (204, b"", Sent()),
        (200, b"x" * 1_000_000, Sent()),
        (400, {"reason": "isv.MOBILE_NUMBER_ILLEGAL"}, RefusedByGateway("isv.MOBILE_NUMBER_ILLEGAL")),
        (400, {"reason": f"{PHONE} is no number"}, RefusedByGateway("HTTP 400")),
        (403, {"reason": 5}, RefusedByGateway("HTTP 403")),
        (404, [], RefusedByGateway("HTTP 404")),
        (302, b"", RefusedByGateway("HTTP 302")),
        (429, {"reason": "limit"}, sms.Unavailable("limit")),
        (500, b"<html>", sms.Unavailable("HTTP 500")),
        (502, b"", sms.Unavailable("HTTP 502")),
        (503, b"", sms.Unavailable("HTTP 503")),
        (504, b"", Unknown("HTTP 504")),
    ],
)
async def test_what_the_sms_gateway_answers(service: Service, status: int, body: object, expected: object) -> None:
    service.status, service.body = status, body
    assert await send(service) == expected
    assert service.asked == [{"phone": PHONE, "code": CODE, "template": "verify"}]


@pytest.mark.parametrize("trouble", [hang_up, silence, half])
async def test_an_sms_whose_answer_is_lost_may_have_been_sent_and_is_not_repeated(
    service: Service, trouble: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> None:
    service.answer = trouble
    result = await send(service, 0.3)
    assert isinstance(result, Unknown)
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, {"match": True, "more": 1}, Match(True)),
        (200, {"match": False}, Match(False)),
        (200, {"match": "true"}, identity.Unavailable("unreadable answer")),
        (200, {"match": 1}, identity.Unavailable("unreadable answer")),
        (200, b"yes", identity.Unavailable("unreadable answer")),
        (200, b'{"match": true' + b" " * 100_000 + b"}", identity.Unavailable("unreadable answer")),
        (422, {"reason": "bad_id"}, identity.Refused("bad_id")),
        (302, b"", identity.Refused("HTTP 302")),
        (429, b"", identity.Unavailable("HTTP 429")),
        (500, {"match": True}, identity.Unavailable("HTTP 500")),
    ],
)
async def test_what_the_identity_service_answers(service: Service, status: int, body: object, expected: object) -> None:
    service.status, service.body = status, body
    assert await check(service) == expected
    assert service.asked == [{"name": NAME, "id_number": ID_NUMBER, "document": "resident_id"}]


@pytest.mark.parametrize("trouble", [hang_up, silence, half])
async def test_an_identity_service_that_is_lost_is_unavailable(
    service: Service, trouble: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> None:
    service.answer = trouble
    assert isinstance(await check(service, 0.3), identity.Unavailable)
    assert len(service.asked) == 1


async def test_a_gateway_that_is_not_there_has_certainly_done_nothing(service: Service, unused_tcp_port: int) -> None:
    service.url = f"http://127.0.0.1:{unused_tcp_port}/"
    assert await send(service) == sms.Unavailable("ClientConnectorError")
    assert await check(service) == identity.Unavailable("ClientConnectorError")


async def test_connecting_has_a_limit_of_its_own() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as deaf, contextlib.ExitStack() as waiting:
        for _ in range(3):  # a full queue of connections that nobody accepts: the next one hears nothing at all
            other = waiting.enter_context(socket.socket())
            other.setblocking(False)
            other.connect_ex(deaf.getsockname())
        address = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        async with Gateway(address, connect_seconds=0.1, total_seconds=5) as gateway:
            assert await gateway.post({}) == NotReached("ConnectionTimeoutError")


async def test_neither_log_nor_result_holds_what_was_sent(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    results = [await send(service), await check(service)]
    service.answer = hang_up
    results += [await send(service), await check(service)]
    async with Gateway(service.url) as gateway:
        lost = await gateway.post({"phone": PHONE})
    assert isinstance(lost, Lost)
    for secret in (PHONE, PHONE[3:], CODE, NAME, ID_NUMBER, "hush"):
        assert secret not in f"{results} {lost} {gateway!r} {caplog.text}"


async def test_a_rehearsal_prints_the_code_and_does_not_log_it(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with sms_from("log") as rehearsed:
        assert await rehearsed.send_sms(PHONE, CODE, "verify") == Sent()
    assert CODE in capsys.readouterr().out
    assert "SMS code sent (rehearsal)" in caplog.text
    assert CODE not in caplog.text
    assert PHONE not in caplog.text


async def test_a_rehearsed_identity_matches_unless_the_name_says_not(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with identity_from("log") as rehearsed:
        assert await rehearsed.check_identity(NAME, ID_NUMBER) == Match(True)
        assert await rehearsed.check_identity("不符先生", ID_NUMBER) == Match(False)
    assert NAME not in caplog.text


async def test_the_setting_chooses_the_gateway(service: Service) -> None:
    async with sms_from(service.url) as real, identity_from(service.url) as also_real:
        assert await real.send_sms(PHONE, CODE, "verify") == Sent()
        assert isinstance(await also_real.check_identity(NAME, ID_NUMBER), identity.Unavailable)
    assert len(service.asked) == 2


@pytest.mark.parametrize("url", ["", "aliyun", "ftp://h", "http://user:word@h", "http://h/\n"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError):
        sms_from(url)
    with pytest.raises(ValueError):
        identity_from(url)


async def test_a_gateway_must_be_open(service: Service) -> None:
    with pytest.raises(RuntimeError):
        await Gateway(service.url).post({})
